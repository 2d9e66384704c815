// Enough of Google Cloud KMS over REST for the real SDK, and of the service that impersonates: tokens and checksums are
// enforced, and key versions have states.
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { crc32c } from "../../src/crypto/crc32c.ts";
import { SealedBox } from "./sealed-box.ts";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

export const GCP_KEY = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/backup";
export const GCP_OTHER_KEY = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/other";
export const GCP_SIGNING_KEY = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/signing";
export const GCP_DESTRUCTION = new Date("2031-05-06T07:08:09Z");
const TOKEN = "ya29.test-token";

export type GcpState = "ENABLED" | "DISABLED" | "DESTROY_SCHEDULED" | "DESTROYED";

const pair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** A service account's key file, as CREDENTIALS wants it. */
export const GCP_CREDENTIALS = Buffer.from(
  JSON.stringify({
    type: "service_account",
    client_email: "backup@p.iam.gserviceaccount.com",
    private_key_id: "k1",
    private_key: pair.privateKey,
  }),
).toString("base64");

export interface PlainRequest {
  readonly method: string;
  readonly target: string;
  readonly authorization: string;
  readonly content: unknown;
}

function unwrapped(value: unknown): unknown {
  const isWrapped = typeof value === "object" && value !== null && Object.keys(value).join() === "value";
  return isWrapped ? Reflect.get(value, "value") : value;
}

export class GcpKmsEmulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly keys = new Map([GCP_KEY, GCP_OTHER_KEY].map((name) => [name, new SealedBox(name)]));
  readonly rings = new Set(["projects/p/locations/europe-west1/keyRings/r"]);
  state: GcpState = "ENABLED";
  /** The key that answers instead of the one that is asked for. */
  impostor: string | undefined;
  /** Permissions that are refused: `cloudkms.cryptoKeyVersions.useToDecrypt`. */
  readonly denied = new Set<string>();
  /** Every impersonation: `who, by whom -> account`. */
  readonly impersonations: string[] = [];
  /** What is changed on its way, silently. */
  corrupt: "request" | "response" | "decrypt request" | undefined;
  /** Answered instead. */
  failure: { readonly status: number; readonly name: string } | undefined;
  readonly #tokens = new Map([[TOKEN, "token"]]);

  static async start(): Promise<GcpKmsEmulator> {
    const emulator = new GcpKmsEmulator();
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request));
    return emulator;
  }

  uri(key = GCP_KEY, parameters: Readonly<Record<string, string>> = { BEARER_TOKEN: TOKEN }): string {
    return `gcp-kms:///${key}?${new URLSearchParams(parameters).toString()}`;
  }

  get addresses(): { readonly kms: string; readonly impersonation: string } {
    return { kms: this.server.origin, impersonation: this.server.origin };
  }

  /** What is asked another way than over HTTP; a checksum and a number may be wrapped as protobuf does it. */
  answer({ method, target, authorization, content }: PlainRequest): Answer {
    const [path = "", query = ""] = target.split("?", 2);
    const body = Buffer.from(JSON.stringify(content ?? {}, (_, value: unknown) => unwrapped(value)));
    return this.#answer({ method, target, path, query: new URLSearchParams(query), headers: { authorization }, body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    if (this.failure !== undefined) return problem(this.failure.status, this.failure.name, "as the test asked");
    const who = this.#whoAsks(request.headers.authorization ?? "");
    if (who === undefined) return problem(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    if (request.path.endsWith("/cryptoKeys")) return this.#create(request);
    const [, name = "", operation = ""] = /^\/v1\/([^:]+)(?::(\w+))?$/u.exec(request.path) ?? [];
    if (operation === "generateAccessToken") return this.#impersonate(request, who, name);
    if (name.includes("/cryptoKeyVersions/")) return answer({ name, destroyTime: GCP_DESTRUCTION.toISOString() });
    const box = this.keys.get(name);
    const permission = `cloudkms.cryptoKeyVersions.useTo${operation === "encrypt" ? "Encrypt" : "Decrypt"}`;
    if (this.denied.has(permission))
      return problem(
        403,
        "PERMISSION_DENIED",
        `Permission '${permission}' denied on resource '${name}' (or it may not exist).`,
      );
    if (name === GCP_SIGNING_KEY) return problem(400, "INVALID_ARGUMENT", `${name} has purpose ASYMMETRIC_SIGN`);
    if (box === undefined) return problem(404, "NOT_FOUND", `CryptoKey ${name} not found.`);
    if (this.state !== "ENABLED")
      return problem(
        400,
        "FAILED_PRECONDITION",
        `${name}/cryptoKeyVersions/1 is not enabled, current state is: ${this.state}.`,
      );
    const input = JSON.parse(request.body.toString()) as Readonly<Record<string, string>>;
    return operation === "encrypt" ? this.#encrypt(box, input) : this.#decrypt(box, input);
  }

  #create(request: Request): Answer {
    const ring = request.path.slice("/v1/".length, -"/cryptoKeys".length);
    const permission = "cloudkms.cryptoKeys.create";
    if (this.denied.has(permission))
      return problem(403, "PERMISSION_DENIED", `Permission '${permission}' denied on resource '${ring}'`);
    if (!this.rings.has(ring)) return problem(404, "NOT_FOUND", `KeyRing ${ring} not found.`);
    const name = `${ring}/cryptoKeys/${request.query.get("cryptoKeyId")}`;
    if (this.keys.has(name)) return problem(409, "ALREADY_EXISTS", `CryptoKey ${name} already exists.`);
    const { purpose } = JSON.parse(request.body.toString()) as { purpose: string };
    if (purpose !== "ENCRYPT_DECRYPT" && Number(purpose) !== 1) return problem(400, "INVALID_ARGUMENT", purpose);
    this.keys.set(name, new SealedBox(name));
    return answer({ name, purpose: "ENCRYPT_DECRYPT" });
  }

  #encrypt(box: SealedBox, { plaintext = "", plaintextCrc32c }: Readonly<Record<string, string>>): Answer {
    const bytes = Buffer.from(plaintext, "base64");
    if (this.corrupt === "request") bytes[0] = (bytes[0] ?? 0) ^ 1;
    const ciphertext = box.seal(bytes);
    const checksum = crc32c(ciphertext);
    if (this.corrupt === "response") ciphertext[ciphertext.length - 1] = (ciphertext.at(-1) ?? 0) ^ 1;
    return answer({
      name: `${this.impostor ?? box.id}/cryptoKeyVersions/1`,
      ciphertext: ciphertext.toString("base64"),
      ciphertextCrc32c: String(checksum),
      verifiedPlaintextCrc32c: Number(plaintextCrc32c) === crc32c(bytes),
    });
  }

  #decrypt(box: SealedBox, { ciphertext = "", ciphertextCrc32c }: Readonly<Record<string, string>>): Answer {
    const bytes = Buffer.from(ciphertext, "base64");
    if (this.corrupt === "decrypt request") bytes[0] = (bytes[0] ?? 0) ^ 1;
    if (Number(ciphertextCrc32c) !== crc32c(bytes))
      return problem(
        400,
        "INVALID_ARGUMENT",
        "The checksum in field ciphertext_crc32c did not match the data in field ciphertext.",
      );
    const plaintext = box.open(bytes);
    if (plaintext === undefined)
      return problem(400, "INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    const checksum = crc32c(plaintext);
    if (this.corrupt === "response") plaintext[0] = (plaintext[0] ?? 0) ^ 1;
    return answer({ plaintext: plaintext.toString("base64"), plaintextCrc32c: String(checksum) });
  }

  #impersonate(request: Request, who: string, name: string): Answer {
    const account = name.replace("projects/-/serviceAccounts/", "");
    if (this.denied.has("iam.serviceAccounts.getAccessToken"))
      return problem(
        403,
        "PERMISSION_DENIED",
        `Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).`,
      );
    const { delegates = [] } = JSON.parse(request.body.toString()) as { delegates?: readonly string[] };
    this.impersonations.push(`${[who, ...delegates].join(", ")} -> ${account}`);
    const accessToken = `ya29.of-${account}`;
    this.#tokens.set(accessToken, account);
    return answer({ accessToken, expireTime: new Date(Date.now() + 3_600_000).toISOString() });
  }

  /** A token of ours, or one that the service account signed itself (RFC 7515, RS256). */
  #whoAsks(authorization: string): string | undefined {
    const token = authorization.replace(/^Bearer /u, "");
    const known = this.#tokens.get(token);
    if (known !== undefined) return known;
    const [head = "", claims = "", signature = ""] = token.split(".");
    const isSigned = verify(
      "sha256",
      Buffer.from(`${head}.${claims}`),
      createPublicKey(pair.publicKey),
      Buffer.from(signature, "base64url"),
    );
    if (!isSigned) return undefined;
    const { iss } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { iss: string };
    return iss;
  }
}

function answer(content: object): Answer {
  return { status: 200, body: JSON.stringify(content), headers: { "content-type": "application/json" } };
}

function problem(status: number, name: string, message: string): Answer {
  const body = JSON.stringify({ error: { code: status, message, status: name } });
  return { status, body, headers: { "content-type": "application/json" } };
}
