// AWS KMS: Encrypt and Decrypt of a symmetric key, SYMMETRIC_DEFAULT, without encryption context. The key is named as
// typed, which may be a key id, an alias or an ARN of either.
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { awsCredentials } from "../credentials/aws.ts";
import { networkAgents, type CloudNetwork } from "../credentials/network.ts";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import type { Location } from "../location.ts";
import { explainAws } from "./aws-errors.ts";
import { ANSWER_MS, callService, CONNECT_MS, noMatch, type KeyCall } from "./calling.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";

const ATTEMPTS_MAX = 2;

/** A symmetric key of AWS KMS. */
export class AwsKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly #client: KMSClient;
  readonly #agents: ReturnType<typeof networkAgents>;

  /** Throws `location/invalid` for an ASSUME_ROLE that cannot be read. */
  constructor(location: Location, network: CloudNetwork) {
    this.label = location.label;
    this.masterKeyId = location.path.replace(/^\//u, "") as MasterKeyId;
    this.#agents = networkAgents(network);
    const region = location.text("REGION") ?? "";
    const endpoint = location.text("AWS_ENDPOINT");
    const requestHandler = {
      ...this.#agents,
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    };
    this.#client = new KMSClient({
      region,
      requestHandler,
      maxAttempts: ATTEMPTS_MAX,
      credentials: awsCredentials(location, { region, endpoint, requestHandler }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    return callService(this.#call("kms:Encrypt", signal), async (abortSignal) => {
      const plaintext = key.reveal((bytes) => Uint8Array.from(bytes));
      try {
        const command = new EncryptCommand({ KeyId: this.masterKeyId, Plaintext: plaintext });
        const { CiphertextBlob } = await this.#client.send(command, { abortSignal });
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
      const { Plaintext } = await this.#client.send(command, { abortSignal });
      if (Plaintext?.length !== DATA_KEY_BYTES) throw noMatch(this.label);
      return DataKey.take(Plaintext);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }

  #call(action: string, signal: AbortSignal | undefined): KeyCall {
    const { label } = this;
    const deletionDate = async (): Promise<Date | undefined> => this.#deletionDate();
    return { label, signal, explain: async (thrown) => explainAws(thrown, { label, action, deletionDate }) };
  }

  /** Needs kms:DescribeKey, which nothing else does: without it the date stays unknown. */
  async #deletionDate(): Promise<Date | undefined> {
    try {
      const command = new DescribeKeyCommand({ KeyId: this.masterKeyId });
      const { KeyMetadata } = await this.#client.send(command, { abortSignal: AbortSignal.timeout(ANSWER_MS) });
      return KeyMetadata?.DeletionDate;
    } catch {
      return undefined;
    }
  }
}
