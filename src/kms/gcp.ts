// Google Cloud KMS: Encrypt and Decrypt of a symmetric key over REST, without additional data, with CRC-32C checksums
// of what goes and comes. The version is no part of the key's name: Google finds the one that encrypted by itself.
import { setTimeout as sleep } from "node:timers/promises";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { googleIdentity, routeThroughProxies } from "../credentials/google.ts";
import { crc32c } from "../crypto/crc32c.ts";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import type { Location } from "../location.ts";
import { KEY_TIMES, NO_NETWORK, type CloudNetwork, type NetworkTimes } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { callService, noMatch, otherKeyAnswered, type KeyCall } from "./calling.ts";
import { corrupted, DECRYPT, ENCRYPT, explainGcp, isPassing } from "./gcp-errors.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";

const SCOPE = "https://www.googleapis.com/auth/cloudkms";
const RETRY_MS = 300;

/** Other addresses than Google's own. */
export interface GcpKmsAddresses {
  /** As in http://127.0.0.1:8080. */
  readonly kms: string;
  readonly impersonation?: string;
}

type Checksum = { readonly value?: number | string | { toString(): string } | null } | null | undefined;

/** A symmetric key of Google Cloud KMS. */
export class GcpKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly #location: Location;
  readonly #addresses: GcpKmsAddresses | undefined;
  readonly #times: NetworkTimes;
  readonly #network: CloudNetwork;
  #client: Promise<KeyManagementServiceClient> | undefined;
  #closeAgents = (): void => undefined;

  constructor(location: Location, addresses?: GcpKmsAddresses, network: CloudNetwork = NO_NETWORK) {
    this.label = location.label.replace(/\/cryptoKeyVersions\/[^/]+$/u, "");
    this.masterKeyId = location.path.replace(/^\//u, "").replace(/\/cryptoKeyVersions\/[^/]+$/u, "") as MasterKeyId;
    this.#location = location;
    this.#network = network;
    this.#times = { ...KEY_TIMES, ...network.times };
    this.#addresses = addresses;
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    return callService(this.#call(ENCRYPT, signal), async (stop) => {
      const client = await this.#open();
      const plaintext = key.reveal((bytes) => Uint8Array.from(bytes));
      try {
        const request = { name: this.masterKeyId, plaintext, plaintextCrc32c: { value: crc32c(plaintext) } };
        const [answer] = await twice(stop, async () => client.encrypt(request, this.#options(stop)));
        const answered = answer.name ?? this.masterKeyId;
        if (!`${answered}/`.startsWith(`${this.masterKeyId}/`)) throw otherKeyAnswered(this.label, answered);
        const ciphertext = bytesOf(answer.ciphertext);
        if (answer.verifiedPlaintextCrc32c !== true) throw corrupted(this.label, "Encrypt: request");
        if (!fits(ciphertext, answer.ciphertextCrc32c)) throw corrupted(this.label, "Encrypt: response");
        return ciphertext;
      } finally {
        plaintext.fill(0);
      }
    });
  }

  async unwrap(wrapped: WrappedKey, signal?: AbortSignal): Promise<DataKey> {
    return callService(this.#call(DECRYPT, signal), async (stop) => {
      if (wrapped.length === 0) throw noMatch(this.label);
      const client = await this.#open();
      const request = { name: this.masterKeyId, ciphertext: wrapped, ciphertextCrc32c: { value: crc32c(wrapped) } };
      const [answer] = await twice(stop, async () => client.decrypt(request, this.#options(stop)));
      const plaintext = bytesOf(answer.plaintext);
      if (!fits(plaintext, answer.plaintextCrc32c)) throw corrupted(this.label, "Decrypt: response");
      if (plaintext.length !== DATA_KEY_BYTES) throw noMatch(this.label);
      return DataKey.take(plaintext);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opening = this.#client;
    this.#client = undefined;
    await opening?.then(async (client) => client.close()).catch(() => undefined);
    this.#closeAgents();
  }

  async #open(): Promise<KeyManagementServiceClient> {
    this.#client ??= this.#create();
    return this.#client;
  }

  async #create(): Promise<KeyManagementServiceClient> {
    const impersonationEndpoint = this.#addresses?.impersonation;
    const authClient = await googleIdentity(this.#location, { scopes: [SCOPE], impersonationEndpoint });
    this.#closeAgents = routeThroughProxies(authClient, this.#network);
    return new KeyManagementServiceClient({
      fallback: "rest",
      authClient,
      universeDomain: authClient.universeDomain,
      ...(this.#addresses === undefined ? {} : addressOptions(new URL(this.#addresses.kms))),
    });
  }

  /**
   * Any other question about keys, with the same identity and deadline.
   * @param permission that it needs.
   * @throws KeyError
   */
  async ask<T>(
    permission: string,
    signal: AbortSignal | undefined,
    request: (client: KeyManagementServiceClient, options: object) => Promise<T>,
  ): Promise<T> {
    return callService(this.#call(permission, signal), async (stop) =>
      request(await this.#open(), this.#options(stop)),
    );
  }

  #call(permission: string, signal: AbortSignal | undefined): KeyCall {
    const { label } = this;
    const deletionDate = async (version: string): Promise<Date | undefined> => this.#deletionDate(version);
    const call = { label, permission, principal: principalOf(this.#location), deletionDate };
    return { label, signal, callMs: this.#times.callMs, explain: async (thrown) => explainGcp(thrown, call) };
  }

  #options(signal: AbortSignal): object {
    // The library would try for ten minutes, and then not tell why.
    return { signal, timeout: this.#times.silenceMs, retry: { retryCodes: [] } };
  }

  /** Needs cloudkms.cryptoKeyVersions.get, which nothing else does: without it the date stays unknown. */
  async #deletionDate(version: string): Promise<Date | undefined> {
    try {
      const client = await this.#open();
      const [{ destroyTime }] = await client.getCryptoKeyVersion(
        { name: version },
        this.#options(AbortSignal.timeout(this.#times.silenceMs)),
      );
      return destroyTime?.seconds == null ? undefined : new Date(Number(destroyTime.seconds) * 1000);
    } catch {
      return undefined;
    }
  }
}

// The library takes the port only apart from the host.
function addressOptions({ protocol, hostname, port }: URL): { protocol: string; apiEndpoint: string; port: number } {
  const isPlain = protocol === "http:";
  return { protocol: isPlain ? "http" : "https", apiEndpoint: hostname, port: Number(port || (isPlain ? 80 : 443)) };
}

async function twice<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    if (!isPassing(thrown)) throw thrown;
    await sleep(RETRY_MS, undefined, { signal });
    return ask();
  }
}

/** Bytes come as base64 or as they are, depending on the library's transport. */
function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array {
  return typeof value === "string" ? Buffer.from(value, "base64") : (value ?? new Uint8Array(0));
}

function fits(bytes: Uint8Array, checksum: Checksum): boolean {
  return checksum?.value != null && Number(checksum.value.toString()) === crc32c(bytes);
}
