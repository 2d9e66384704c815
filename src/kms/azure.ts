// Azure Key Vault: encrypt and decrypt with an RSA key, RSA-OAEP-256. Name and version of the key come from the path;
// only the name is its id. The wrapped key says nothing of the version, so after a rotation the URI names the old one.
import { CryptographyClient, type CryptographyOptions, type KeyVaultKey } from "@azure/keyvault-keys";
import { KEY_TIMES, NO_NETWORK, type CloudNetwork } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import type { Location } from "../location.ts";
import { explainAzure } from "./azure-errors.ts";
import { azureEndpoint, azureKeyClientOptions, azureVault, type AzureKmsAddresses } from "./azure-vault.ts";
import { callService, noMatch, otherKeyAnswered, type KeyCall } from "./calling.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";

const ALGORITHM = "RSA-OAEP-256";

/** An RSA key of Azure Key Vault. */
export class AzureKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly #client: CryptographyClient;
  readonly #key: string;
  readonly #vault: string;
  readonly #principal: string;
  readonly #callMs: number;

  /** Throws `location/invalid` for an endpoint of the environment that cannot be used. */
  constructor(location: Location, named?: AzureKmsAddresses, network: CloudNetwork = NO_NETWORK) {
    const addresses = named ?? azureEndpoint(network);
    const [name = "", version = ""] = location.path.slice(1).split("/");
    this.#key = `${name}/${version}`;
    this.#principal = principalOf(location);
    this.#callMs = network.times?.callMs ?? KEY_TIMES.callMs;
    const { url, host } = azureVault(location, addresses);
    this.label = location.label;
    this.masterKeyId = name as MasterKeyId;
    this.#vault = host;
    const id = new URL(`keys/${encodeURIComponent(name)}/${encodeURIComponent(version)}`, url);
    // Given the bare id, the client would first read the key, which needs the permission keys/get, and refuse to
    // decrypt with a key that has expired, which the vault itself allows.
    const key: KeyVaultKey = { name, id: id.href, properties: { name, vaultUrl: id.origin, version } };
    this.#client = new CryptographyClient(key, ...azureKeyClientOptions(location, network, addresses));
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    return callService(this.#call("encrypt", signal), async (abortSignal) => {
      const plaintext = key.reveal((bytes) => Uint8Array.from(bytes));
      try {
        const answer = new NamedAnswer(abortSignal);
        const { result } = await this.#client.encrypt({ algorithm: ALGORITHM, plaintext }, answer.options);
        this.#checkAnswer(answer.keyId);
        return result;
      } finally {
        plaintext.fill(0);
      }
    });
  }

  async unwrap(wrapped: WrappedKey, signal?: AbortSignal): Promise<DataKey> {
    return callService(this.#call("decrypt", signal), async (abortSignal) => {
      if (wrapped.length === 0) throw noMatch(this.label);
      const answer = new NamedAnswer(abortSignal);
      const { result } = await this.#client.decrypt({ algorithm: ALGORITHM, ciphertext: wrapped }, answer.options);
      this.#checkAnswer(answer.keyId);
      if (result.length !== DATA_KEY_BYTES) throw noMatch(this.label);
      return DataKey.take(result);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The library keeps nothing that could be closed.
  }

  /** @param answered the key's URL, which ends with name and version. */
  #checkAnswer(answered: string | undefined): void {
    if (answered !== undefined && !decodeURIComponent(answered).endsWith(`/keys/${this.#key}`))
      throw otherKeyAnswered(this.label, answered);
  }

  #call(operation: "encrypt" | "decrypt", signal: AbortSignal | undefined): KeyCall {
    const { label } = this;
    const call = { label, operation, vault: this.#vault, principal: this.#principal };
    return { label, signal, callMs: this.#callMs, explain: (thrown) => explainAzure(thrown, call) };
  }
}

/** What the library gives as an answer's key is the key that was asked for: the one that answered is in the body. */
class NamedAnswer {
  readonly options: CryptographyOptions;
  keyId: string | undefined;

  constructor(abortSignal: AbortSignal) {
    this.options = {
      abortSignal,
      onResponse: ({ bodyAsText }) => {
        this.keyId = /"kid"\s*:\s*"([^"]+)"/u.exec(bodyAsText ?? "")?.[1];
      },
    };
  }
}
