// Google Cloud KMS: Encrypt and Decrypt of a symmetric key, without additional data, with CRC-32C checksums of what goes
// and comes. The version is no part of the key's name: Google finds the one that encrypted by itself.
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyManagementServiceClient } from "@google-cloud/kms";
import { crc32c } from "../crypto/crc32c.ts";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import type { Location } from "../location.ts";
import { KEY_TIMES, NO_NETWORK, type CloudNetwork, type NetworkTimes } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { callService, noMatch, otherKeyAnswered, type KeyCall } from "./calling.ts";
import { GcpClient } from "./gcp-client.ts";
import { GCP_KMS_VARIABLE, parseGcpEndpoint, type GcpEndpoint } from "./gcp-endpoint.ts";
import { corrupted, DECRYPT, ENCRYPT, explainGcp, isPassing } from "./gcp-errors.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";

const RETRY_MS = 300;

/** Other addresses than Google's own. */
export interface GcpKmsAddresses {
  /** As {@link parseGcpEndpoint} reads it. */
  readonly kms: string;
  readonly impersonation?: string;
}

type Ask<T> = (client: KeyManagementServiceClient, options: object) => Promise<T>;
type Time = { readonly seconds?: number | string | { toString(): string } | null } | null | undefined;
type Checksum = { readonly value?: number | string | { toString(): string } | null } | null | undefined;

/** A symmetric key of Google Cloud KMS. */
export class GcpKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly #location: Location;
  readonly #endpoint: GcpEndpoint | undefined;
  readonly #impersonation: string | undefined;
  readonly #times: NetworkTimes;
  readonly #network: CloudNetwork;
  #client: Promise<GcpClient> | undefined;

  /** Throws `location/invalid` for an endpoint of the environment that cannot be used. */
  constructor(location: Location, addresses?: GcpKmsAddresses, network: CloudNetwork = NO_NETWORK) {
    this.label = location.label.replace(/\/cryptoKeyVersions\/[^/]+$/u, "");
    this.masterKeyId = location.path.replace(/^\//u, "").replace(/\/cryptoKeyVersions\/[^/]+$/u, "") as MasterKeyId;
    this.#location = location;
    this.#network = network;
    this.#times = { ...KEY_TIMES, ...network.times };
    const endpoint = addresses?.kms ?? network.variables[GCP_KMS_VARIABLE] ?? "";
    this.#endpoint = endpoint === "" ? undefined : parseGcpEndpoint(endpoint);
    this.#impersonation = addresses?.impersonation;
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    return callService(this.#call(ENCRYPT, signal), async (stop) => {
      const plaintext = key.reveal((bytes) => Uint8Array.from(bytes));
      try {
        const request = { name: this.masterKeyId, plaintext, plaintextCrc32c: { value: crc32c(plaintext) } };
        const [answer] = await this.#twice(stop, async (client, options) => client.encrypt(request, options));
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
      const request = { name: this.masterKeyId, ciphertext: wrapped, ciphertextCrc32c: { value: crc32c(wrapped) } };
      const [answer] = await this.#twice(stop, async (client, options) => client.decrypt(request, options));
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
  }

  async #open(): Promise<GcpClient> {
    this.#client ??= GcpClient.open({
      location: this.#location,
      endpoint: this.#endpoint,
      impersonation: this.#impersonation,
      network: this.#network,
    });
    return this.#client;
  }

  /**
   * Any other question about keys, with the same identity and deadline.
   * @param permission that it needs.
   * @throws KeyError
   */
  async ask<T>(permission: string, signal: AbortSignal | undefined, request: Ask<T>): Promise<T> {
    return callService(this.#call(permission, signal), async (stop) => this.#once(stop, request));
  }

  async #once<T>(signal: AbortSignal, request: Ask<T>): Promise<T> {
    const opened = await this.#open();
    return request(opened.client, await opened.callOptions(signal, this.#times.silenceMs));
  }

  async #twice<T>(signal: AbortSignal, request: Ask<T>): Promise<T> {
    try {
      return await this.#once(signal, request);
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
      await sleep(RETRY_MS, undefined, { signal });
      return this.#once(signal, request);
    }
  }

  #call(permission: string, signal: AbortSignal | undefined): KeyCall {
    const { label } = this;
    const deletionDate = async (version: string): Promise<Date | undefined> => this.#deletionDate(version);
    const call = { label, permission, principal: principalOf(this.#location), deletionDate };
    return { label, signal, callMs: this.#times.callMs, explain: async (thrown) => explainGcp(thrown, call) };
  }

  /** Needs cloudkms.cryptoKeyVersions.get, which nothing else does: without it the date stays unknown. */
  async #deletionDate(version: string): Promise<Date | undefined> {
    try {
      const stop = AbortSignal.timeout(this.#times.silenceMs);
      const ask: Ask<{ destroyTime?: Time }> = async (client, options) =>
        (await client.getCryptoKeyVersion({ name: version }, options))[0];
      const { destroyTime } = await this.#once(stop, ask);
      return destroyTime?.seconds == null ? undefined : new Date(Number(destroyTime.seconds) * 1000);
    } catch {
      return undefined;
    }
  }
}

/** Bytes come as base64 or as they are, depending on the library's transport. */
function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array {
  return typeof value === "string" ? Buffer.from(value, "base64") : (value ?? new Uint8Array(0));
}

function fits(bytes: Uint8Array, checksum: Checksum): boolean {
  return checksum?.value != null && Number(checksum.value.toString()) === crc32c(bytes);
}
