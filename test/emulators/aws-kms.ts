// Enough of AWS KMS and STS for the real SDK: signatures are enforced, keys go by id, ARN and alias, and have states.
import { randomBytes } from "node:crypto";
import { checkSignature, type AwsKey } from "./s3-signature.ts";
import { SealedBox, sealerOf } from "./sealed-box.ts";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

export interface EmulatedAwsKey {
  readonly id: string;
  alias: string;
  state: "Enabled" | "Disabled" | "PendingDeletion" | "PendingImport";
  readonly usage: "ENCRYPT_DECRYPT" | "SIGN_VERIFY";
  readonly box: SealedBox;
}

const ACCOUNT = "arn:aws:kms:eu-west-1:111122223333";
export const AWS_KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
export const AWS_DELETION = new Date("2031-05-06T07:08:09Z");
const USER = "arn:aws:iam::111122223333:user/ada";

function emulatedKey(id: string, alias: string, usage: EmulatedAwsKey["usage"] = "ENCRYPT_DECRYPT"): EmulatedAwsKey {
  return { id, alias, usage, state: "Enabled", box: new SealedBox(id) };
}

/** Symmetric keys `alias/backup` and `alias/other`, and `alias/signing`, which is none. */
export class AwsKmsEmulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly keys: EmulatedAwsKey[] = [
    emulatedKey(AWS_KEY_ID, "alias/backup"),
    emulatedKey("99999999-12ab-34cd-56ef-1234567890ab", "alias/other"),
    emulatedKey("77777777-12ab-34cd-56ef-1234567890ab", "alias/signing", "SIGN_VERIFY"),
  ];
  readonly accounts = new Map<string, AwsKey>([["AKIDEXAMPLE", { secret: "secret/key+of=test" }]]);
  /** Every role that was taken on: `who -> arn (external id)`. */
  readonly roles: string[] = [];
  /** Actions that are refused, as a policy names them: `kms:Encrypt`, `sts:AssumeRole`. */
  readonly denied = new Set<string>();
  /** The key that answers instead of the one that is asked for. */
  impostor: EmulatedAwsKey | undefined;
  /** Of the multi-Region key that `alias/backup` is. */
  readonly replicas: string[] = [];
  /** Aliases that another takes just before they are created. */
  readonly raced = new Set<string>();
  /** Requests that are answered with this error's name instead. */
  failure: { readonly name: string; readonly status: number; readonly message?: string } | undefined;

  static async start(): Promise<AwsKmsEmulator> {
    const emulator = new AwsKmsEmulator();
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request));
    return emulator;
  }

  /** The key's ARN. */
  static arn(id = AWS_KEY_ID): string {
    return `${ACCOUNT}:key/${id}`;
  }

  uri(key = "alias/backup", parameters: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      REGION: "eu-west-1",
      AWS_ENDPOINT: this.server.origin,
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret/key+of=test",
      ...parameters,
    });
    return `aws-kms:///${key}?${query.toString()}`;
  }

  key(alias = "alias/backup"): EmulatedAwsKey {
    const found = this.keys.find((key) => key.alias === alias);
    if (found === undefined) throw new Error(`no key ${alias}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    if (this.failure !== undefined)
      return problem(this.failure.name, this.failure.message ?? "as the test asked", this.failure.status);
    const verdict = checkSignature(request, this.accounts);
    if (!verdict.ok) return problem(CREDENTIAL_ERRORS[verdict.code] ?? "UnrecognizedClientException", verdict.message);
    const target = request.headers["x-amz-target"];
    if (target === undefined) return this.#assumeRole(request, verdict.accessKeyId);
    const operation = String(target).replace("TrentService.", "");
    if (this.denied.has(`kms:${operation}`)) {
      const sentence = `User: ${USER} is not authorized to perform: kms:${operation} on resource: ${AwsKmsEmulator.arn()} because no identity-based policy allows the kms:${operation} action`;
      return problem("AccessDeniedException", sentence);
    }
    return this.#operate(operation, JSON.parse(request.body.toString()) as Readonly<Record<string, string>>);
  }

  #operate(operation: string, input: Readonly<Record<string, string>>): Answer {
    if (operation === "CreateKey") return this.#create();
    if (operation === "CreateAlias") return this.#createAlias(input);
    if (operation === "ScheduleKeyDeletion") return this.#scheduleDeletion(input["KeyId"] ?? "");
    const { KeyId = "", Plaintext = "", CiphertextBlob = "", ...rest } = input;
    if (Object.keys(rest).length > 0) return problem("ValidationException", `unexpected ${Object.keys(rest).join()}`);
    if (!/^[\w/:-]+$/u.test(KeyId)) return problem("ValidationException", `Invalid keyId ${KeyId}`);
    const key = this.keys.find(({ id, alias }) =>
      [id, alias, AwsKmsEmulator.arn(id), `${ACCOUNT}:${alias}`].includes(KeyId),
    );
    if (key === undefined) return problem("NotFoundException", `Key '${KeyId}' does not exist`);
    if (operation === "DescribeKey") return this.#describe(key);
    if (operation === "ListAliases") return this.#listAliases(key, KeyId);
    const arn = AwsKmsEmulator.arn(key.id);
    if (key.usage !== "ENCRYPT_DECRYPT") return problem("InvalidKeyUsageException", `${arn} key usage is SIGN_VERIFY`);
    if (key.state === "Disabled") return problem("DisabledException", `${arn} is disabled.`);
    if (key.state !== "Enabled")
      return problem(
        "KMSInvalidStateException",
        `${arn} is ${key.state === "PendingImport" ? "pending import" : "pending deletion"}.`,
      );
    if (operation === "Encrypt")
      return json({
        KeyId: AwsKmsEmulator.arn(this.impostor?.id ?? key.id),
        CiphertextBlob: key.box.seal(Buffer.from(Plaintext, "base64")).toString("base64"),
      });
    return this.#decrypt(key, Buffer.from(CiphertextBlob, "base64"));
  }

  #decrypt(key: EmulatedAwsKey, blob: Buffer): Answer {
    const sealer = sealerOf(blob);
    if (this.keys.some(({ id }) => id === sealer) && sealer !== key.id)
      return problem(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
      );
    const plaintext = key.box.open(blob);
    if (plaintext === undefined) return problem("InvalidCiphertextException", "");
    return json({ KeyId: AwsKmsEmulator.arn(this.impostor?.id ?? key.id), Plaintext: plaintext.toString("base64") });
  }

  #describe(key: EmulatedAwsKey): Answer {
    const arn = AwsKmsEmulator.arn(key.id);
    const isMultiRegion = key.alias === "alias/backup" && this.replicas.length > 0;
    const replicas = this.replicas.map((Arn) => ({ Arn, Region: Arn.split(":")[3] }));
    const configuration = { MultiRegionKeyType: "PRIMARY", PrimaryKey: { Arn: arn }, ReplicaKeys: replicas };
    const KeyMetadata = {
      KeyId: key.id,
      Arn: arn,
      KeyState: key.state,
      DeletionDate: AWS_DELETION.getTime() / 1000,
      ...(isMultiRegion ? { MultiRegion: true, MultiRegionConfiguration: configuration } : {}),
    };
    return json({ KeyMetadata });
  }

  /** Takes no alias for a key's name, as AWS does. */
  #listAliases({ alias }: EmulatedAwsKey, asked: string): Answer {
    if (asked.includes("alias/")) return problem("InvalidArnException", asked);
    return json({ Truncated: false, Aliases: [{ AliasName: alias, AliasArn: `${ACCOUNT}:${alias}` }] });
  }

  #create(): Answer {
    const key = emulatedKey(`00000000-12ab-34cd-56ef-${String(this.keys.length).padStart(12, "0")}`, "");
    this.keys.push(key);
    return this.#describe(key);
  }

  #createAlias({ AliasName = "", TargetKeyId }: Readonly<Record<string, string>>): Answer {
    const key = this.keys.find(({ id }) => id === TargetKeyId);
    if (this.raced.has(AliasName) || this.keys.some(({ alias }) => alias === AliasName))
      return problem("AlreadyExistsException", `An alias with the name ${AliasName} already exists`);
    if (key === undefined) return problem("NotFoundException", `Key '${TargetKeyId}' does not exist`);
    key.alias = AliasName;
    return json({});
  }

  #scheduleDeletion(keyId: string): Answer {
    const key = this.keys.find(({ id }) => id === keyId);
    if (key === undefined) return problem("NotFoundException", `Key '${keyId}' does not exist`);
    key.state = "PendingDeletion";
    return json({ KeyId: key.id, DeletionDate: AWS_DELETION.getTime() / 1000 });
  }

  #assumeRole(request: Request, who: string): Answer {
    const form = new URLSearchParams(request.body.toString());
    const arn = form.get("RoleArn") ?? "";
    if (this.denied.has("sts:AssumeRole")) {
      const message = `User: ${USER} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
      const body = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
      return { status: 403, body, headers: { "content-type": "text/xml" } };
    }
    this.roles.push(`${who} -> ${arn} (${form.get("ExternalId") ?? "none"})`);
    const id = `ASIA${arn.split("/").pop()?.toUpperCase() ?? ""}`;
    const key = { secret: randomBytes(20).toString("hex"), sessionToken: randomBytes(20).toString("hex") };
    this.accounts.set(id, key);
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const credentials = `<AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${key.secret}</SecretAccessKey><SessionToken>${key.sessionToken}</SessionToken><Expiration>${expires}</Expiration>`;
    const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
    return { status: 200, body, headers: { "content-type": "text/xml" } };
  }
}

/** S3's names of what the signature check finds, and those of KMS. */
const CREDENTIAL_ERRORS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: "UnrecognizedClientException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  ExpiredToken: "ExpiredTokenException",
};

function json(content: object): Answer {
  return { status: 200, body: JSON.stringify(content), headers: { "content-type": "application/x-amz-json-1.1" } };
}

function problem(name: string, message: string, status = 400): Answer {
  const body = JSON.stringify({ __type: name, message });
  return { status, body, headers: { "content-type": "application/x-amz-json-1.1" } };
}
