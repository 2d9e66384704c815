// Create Key on a name that is taken makes another version of that key, which nobody asked for: so it is looked at
// first. Between the two requests another may come; Key Vault has no condition for this.
import { KeyClient, type KeyVaultKey } from "@azure/keyvault-keys";
import { KEY_TIMES, type CloudNetwork } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { ShellError } from "../errors.ts";
import { printPlainUri } from "../location-print.ts";
import type { Location } from "../location.ts";
import { azureEndpoint, azureKeyClientOptions, azureVault, type AzureKmsAddresses } from "./azure-vault.ts";
import { explainAzure } from "./azure-errors.ts";
import { callService } from "./calling.ts";
import { keyExists, type CreatedKey } from "./creation.ts";

export interface CreateAzureKeyOptions {
  readonly addresses: AzureKmsAddresses | undefined;
  readonly network: CloudNetwork;
  readonly signal: AbortSignal | undefined;
}

/** As strong as AES-128 at the least (NIST SP 800-57), and as small as that goes. */
const RSA_BITS = 3072;
const OPERATIONS = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];

/**
 * Makes an RSA key whose version the answer tells. Needs keys/get and keys/create.
 * @throws ShellError `key/exists`, with the URI of its newest version; `key/*`.
 */
export async function createAzureKey(location: Location, options: CreateAzureKeyOptions): Promise<CreatedKey> {
  const { network, addresses = azureEndpoint(network) } = options;
  const { url, host } = azureVault(location, addresses);
  const client = new KeyClient(url, ...azureKeyClientOptions(location, network, addresses));
  const name = location.path.slice(1);
  const ask = async <T>(operation: "get" | "create", work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> => {
    const call = { label: location.label, operation, vault: host, principal: principalOf(location) };
    const callMs = network.times?.callMs ?? KEY_TIMES.callMs;
    const explain = (thrown: unknown): ReturnType<typeof explainAzure> => explainAzure(thrown, call);
    return callService({ label: location.label, signal: options.signal, callMs, explain }, work);
  };
  const uriOf = (key: KeyVaultKey): string => printPlainUri(location, `/${name}/${key.properties.version ?? ""}`);
  const there = await ask("get", async (abortSignal) => unlessMissing(client.getKey(name, { abortSignal })));
  if (there !== undefined) throw keyExists(location, uriOf(there));
  const key = await ask("create", async (abortSignal) =>
    client.createRsaKey(name, { keySize: RSA_BITS, keyOps: OPERATIONS, abortSignal }),
  ).catch((thrown: unknown) => {
    throw statusOf(thrown instanceof ShellError ? thrown.cause : thrown) === 409 ? deleted(location, thrown) : thrown;
  });
  return { uri: uriOf(key), name: key.id ?? `${url}/keys/${name}` };
}

async function unlessMissing(asking: Promise<KeyVaultKey>): Promise<KeyVaultKey | undefined> {
  try {
    return await asking;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

function statusOf(thrown: unknown): unknown {
  return thrown instanceof Error ? Reflect.get(thrown, "statusCode") : undefined;
}

function deleted(location: Location, cause: unknown): ShellError {
  return new ShellError("key/exists", `${location.label} was deleted, and its name is not free yet`, {
    hint: "az keyvault key recover brings it back, az keyvault key purge frees the name",
    note: "nothing was changed",
    cause,
  });
}
