import type { CloudNetwork } from "../credentials/network.ts";
import { ShellError } from "../errors.ts";
import { printPlainUri } from "../location-print.ts";
import type { Location } from "../location.ts";
import { keyExists, type CreatedKey } from "./creation.ts";
import { GcpKms, type GcpKmsAddresses } from "./gcp.ts";

export interface CreateGcpKeyOptions {
  readonly addresses: GcpKmsAddresses | undefined;
  readonly network: CloudNetwork;
  readonly signal: AbortSignal | undefined;
}

/** Number of gRPC. */
const ALREADY_EXISTS = 6;

/**
 * Makes a symmetric key in a key ring that is there: a ring can never be deleted, so none is made. Needs
 * cloudkms.cryptoKeys.create.
 * @throws ShellError `key/exists`, `key/*`.
 */
export async function createGcpKey(location: Location, options: CreateGcpKeyOptions): Promise<CreatedKey> {
  await using kms = new GcpKms(location, options.addresses, options.network);
  const [, parent = "", cryptoKeyId = ""] = /^(.*)\/cryptoKeys\/([^/]+)$/u.exec(kms.masterKeyId) ?? [];
  const request = { parent, cryptoKeyId, cryptoKey: { purpose: "ENCRYPT_DECRYPT" as const } };
  try {
    const name = await kms.ask("cloudkms.cryptoKeys.create", options.signal, async (client, callOptions) => {
      const [key] = await client.createCryptoKey(request, callOptions);
      return key.name ?? kms.masterKeyId;
    });
    return { uri: printPlainUri(location), name };
  } catch (thrown) {
    const cause = thrown instanceof ShellError ? thrown.cause : undefined;
    const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code === ALREADY_EXISTS) throw keyExists(location, undefined, thrown);
    throw thrown;
  }
}
