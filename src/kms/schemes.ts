import { resolve } from "node:path";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { KeyManagementService } from "./kms.ts";

export interface OpenKmsOptions {
  /** Where key files are when the URI names no KEYRING. */
  readonly keyring: string;
}

/**
 * Opens the service a location names. Nothing is asked of it yet. A location with the scheme `external` must have been
 * replaced by the connection's own.
 * @throws ShellError `engine/unsupported` for a scheme without an adapter.
 */
export async function openKms(location: Location, options: OpenKmsOptions): Promise<KeyManagementService> {
  if (location.scheme !== "local-kms") throw unsupported(location);
  // Adapters are loaded when they are first needed.
  const { LocalKms } = await import("./local.ts");
  return new LocalKms(localKey(location, options));
}

/**
 * Creates the master key a local-kms URI names.
 * @throws ShellError `key/exists`, and `engine/unsupported` for services whose keys are made elsewhere.
 */
export async function createKmsKey(location: Location, options: OpenKmsOptions): Promise<void> {
  if (location.scheme !== "local-kms") {
    throw new ShellError("engine/unsupported", `${location.scheme} keys are created with the provider's own tools`, {
      hint: "CREATE KMS KEY takes local-kms:///name",
    });
  }
  const { createLocalKey } = await import("./local-key-file.ts");
  const { keyring, name } = localKey(location, options);
  await createLocalKey(keyring, name);
}

function localKey(location: Location, options: OpenKmsOptions): { name: string; keyring: string } {
  return { name: location.path.slice(1), keyring: resolve(location.text("KEYRING") ?? options.keyring) };
}

function unsupported(location: Location): ShellError {
  return new ShellError("engine/unsupported", `${location.scheme} keys are not supported yet`, {
    hint: "use a local-kms:///name key",
  });
}
