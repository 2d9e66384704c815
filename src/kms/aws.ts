// AWS KMS: Encrypt and Decrypt of a symmetric key, SYMMETRIC_DEFAULT, without encryption context. The key is named as
// typed, which may be a key id, an alias or an ARN of either.
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { awsCredentials, awsEndpoint } from "../credentials/aws.ts";
import { networkAgents } from "../credentials/network-agents.ts";
import { KEY_TIMES, type CloudNetwork, type NetworkTimes } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import type { Location } from "../location.ts";
import { explainAws } from "./aws-errors.ts";
import { awsOtherIds, findAwsIds, isOtherAwsKey } from "./aws-names.ts";
import { callService, noMatch, otherKeyAnswered, type KeyCall } from "./calling.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";

const ATTEMPTS_MAX = 2;

/** A symmetric key of AWS KMS. */
export class AwsKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly otherIds: readonly MasterKeyId[];
  readonly #client: KMSClient;
  readonly #times: NetworkTimes;
  readonly #principal: string;
  readonly #agents: ReturnType<typeof networkAgents>;

  /** Throws `location/invalid` for an ASSUME_ROLE that cannot be read, and an endpoint of the machine that is none. */
  constructor(location: Location, network: CloudNetwork) {
    this.label = location.label;
    this.masterKeyId = location.path.replace(/^\//u, "") as MasterKeyId;
    this.otherIds = awsOtherIds(this.masterKeyId);
    this.#times = { ...KEY_TIMES, ...network.times };
    this.#principal = principalOf(location);
    this.#agents = networkAgents(network);
    const region = location.text("REGION") ?? "";
    const endpoint = awsEndpoint(location, network, "KMS");
    const requestHandler = {
      ...this.#agents,
      connectionTimeout: this.#times.connectMs,
      requestTimeout: this.#times.silenceMs,
      throwOnRequestTimeout: true,
    };
    this.#client = new KMSClient({
      region,
      requestHandler,
      maxAttempts: ATTEMPTS_MAX,
      credentials: awsCredentials(location, { region, endpoint: location.text("AWS_ENDPOINT"), requestHandler }),
      // A profile may name one, for the machine's own keys.
      ignoreConfiguredEndpointUrls: location.text("AUTH") !== "implicit",
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    return callService(this.#call("kms:Encrypt", signal), async (abortSignal) => {
      const plaintext = key.reveal((bytes) => Uint8Array.from(bytes));
      try {
        const command = new EncryptCommand({ KeyId: this.masterKeyId, Plaintext: plaintext });
        const { CiphertextBlob, KeyId } = await this.#client.send(command, { abortSignal });
        this.#checkAnswer(KeyId);
        if (CiphertextBlob === undefined) throw new Error("the answer has no ciphertext");
        return CiphertextBlob;
      } finally {
        plaintext.fill(0);
      }
    });
  }

  async unwrap(wrapped: WrappedKey, signal?: AbortSignal): Promise<DataKey> {
    return callService(this.#call("kms:Decrypt", signal), async (abortSignal) => {
      if (wrapped.length === 0) throw noMatch(this.label);
      const command = new DecryptCommand({ KeyId: this.masterKeyId, CiphertextBlob: wrapped });
      const { Plaintext, KeyId } = await this.#client.send(command, { abortSignal });
      this.#checkAnswer(KeyId);
      if (Plaintext?.length !== DATA_KEY_BYTES) throw noMatch(this.label);
      return DataKey.take(Plaintext);
    });
  }

  async findOtherIds(signal?: AbortSignal): Promise<readonly MasterKeyId[]> {
    return this.ask("kms:DescribeKey", signal, async (client, stop) => findAwsIds(client, this.masterKeyId, stop));
  }

  /**
   * Any other question about keys, with the same identity and deadline.
   * @param action as a policy names it.
   * @throws KeyError
   */
  async ask<T>(
    action: string,
    signal: AbortSignal | undefined,
    request: (client: KMSClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return callService(this.#call(action, signal), async (abortSignal) => request(this.#client, abortSignal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }

  #checkAnswer(answered: string | undefined): void {
    if (answered !== undefined && isOtherAwsKey(this.masterKeyId, answered))
      throw otherKeyAnswered(this.label, answered);
  }

  #call(action: string, signal: AbortSignal | undefined): KeyCall {
    const { label } = this;
    const call = { label, action, principal: this.#principal, deletionDate: async () => this.#deletionDate() };
    return { label, signal, callMs: this.#times.callMs, explain: async (thrown) => explainAws(thrown, call) };
  }

  /** Needs kms:DescribeKey, which encrypting and decrypting do not: without it the date stays unknown. */
  async #deletionDate(): Promise<Date | undefined> {
    try {
      const command = new DescribeKeyCommand({ KeyId: this.masterKeyId });
      const abortSignal = AbortSignal.timeout(this.#times.silenceMs);
      const { KeyMetadata } = await this.#client.send(command, { abortSignal });
      return KeyMetadata?.DeletionDate;
    } catch {
      return undefined;
    }
  }
}
