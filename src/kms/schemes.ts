import { resolve } from "node:path";
import { ShellError } from "../errors.ts";
import { NO_NETWORK, type CloudNetwork } from "../credentials/network.ts";
import type { Location } from "../location.ts";
import { printPlainUri } from "../location-print.ts";
import type { AzureKmsAddresses } from "./azure-vault.ts";
import type { CreatedKey } from "./creation.ts";
import type { GcpKmsAddresses } from "./gcp.ts";
import type { KeyManagementService } from "./kms.ts";

export interface OpenKmsOptions {
  /** Where key files are when the URI names no KEYRING. */
  readonly keyring: string;
  /** How the clouds are reached; by default without proxies. */
  readonly network?: CloudNetwork;
  /** Other addresses than Google's own, which its URIs cannot name. */
  readonly gcp?: GcpKmsAddresses;
  /** Other addresses than Azure's own, which its URIs cannot name. */
  readonly azure?: AzureKmsAddresses;
}

/**
 * Opens the service a location names. Nothing is asked of it yet. A location with the scheme `external` must have been
 * replaced by the connection's own.
 * @throws ShellError `location/invalid` for an ASSUME_ROLE that cannot be read, `engine/unsupported` for a scheme
 * without an adapter.
 */
export async function openKms(location: Location, options: OpenKmsOptions): Promise<KeyManagementService> {
  // Adapters are loaded when they are first needed: a session with one cloud's keys never loads another's SDK.
  switch (location.scheme) {
    case "local-kms": {
      const { LocalKms } = await import("./local.ts");
      return new LocalKms(localKey(location, options));
    }
    case "aws-kms": {
      const { AwsKms } = await import("./aws.ts");
      return new AwsKms(location, options.network ?? NO_NETWORK);
    }
    case "gcp-kms": {
      const { GcpKms } = await import("./gcp.ts");
      return new GcpKms(location, options.gcp, options.network);
    }
    case "azure-kms": {
      const { AzureKms } = await import("./azure.ts");
      return new AzureKms(location, options.azure, options.network);
    }
    default:
      throw new ShellError("engine/unsupported", `there is no key service for ${location.scheme}`, {
        hint: "keys are aws-kms, gcp-kms, azure-kms and local-kms URIs",
      });
  }
}

/**
 * Creates the master key that a location names as new: for Azure without a version, for AWS by an alias.
 * @throws ShellError `key/exists`; `location/invalid` for a name that no new key can have; `key/*` and
 * `location/credentials` when the service refuses.
 */
export async function createKmsKey(
  location: Location,
  options: OpenKmsOptions,
  signal?: AbortSignal,
): Promise<CreatedKey> {
  const network = options.network ?? NO_NETWORK;
  switch (location.scheme) {
    case "local-kms": {
      const { createLocalKey } = await import("./local-key-file.ts");
      const { keyring, name } = localKey(location, options);
      await createLocalKey(keyring, name);
      return { uri: printPlainUri(location), name };
    }
    case "aws-kms": {
      const { createAwsKey } = await import("./aws-create.ts");
      return createAwsKey(location, network, signal);
    }
    case "gcp-kms": {
      const { createGcpKey } = await import("./gcp-create.ts");
      return createGcpKey(location, { addresses: options.gcp, network, signal });
    }
    case "azure-kms": {
      const { createAzureKey } = await import("./azure-create.ts");
      return createAzureKey(location, { addresses: options.azure, network, signal });
    }
    default:
      throw new ShellError("engine/unsupported", `there is no key service for ${location.scheme}`, {
        hint: "keys are aws-kms, gcp-kms, azure-kms and local-kms URIs",
      });
  }
}

function localKey(location: Location, options: OpenKmsOptions): { name: string; keyring: string } {
  return { name: location.path.slice(1), keyring: resolve(location.text("KEYRING") ?? options.keyring) };
}
