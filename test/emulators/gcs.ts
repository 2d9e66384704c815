// Enough of Google Cloud Storage's JSON API, and of the service that impersonates, for the real library: tokens,
// self-signed JWTs, preconditions, checksums and the rules of resumable uploads are enforced.
import { generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { crc32c } from "../../src/crypto/crc32c.ts";
import { listedNames } from "./listed-names.ts";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

interface StoredFile {
  readonly bytes: Buffer;
  readonly generation: number;
  readonly updated: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Session {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly ifGenerationMatch: string | null;
  pieces: Buffer[];
  received: number;
}

const BUCKET = "bucket";
const TOKEN = "token-of-the-emulator";
const ACCOUNT = "backup@project.iam.gserviceaccount.com";
const PAGE_FILES = 50;
const CHUNK_UNIT = 262_144;

/** One bucket, named `bucket`, and one service account. */
export class GcsEmulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly files = new Map<string, StoredFile>();
  readonly sessions = new Map<string, Session>();
  readonly tokens = new Set([TOKEN]);
  /** Every impersonation: `target by way of delegates`. */
  readonly impersonations: string[] = [];
  /** Actions that are refused: `insert`, `get`, `list`, `delete`, `impersonate`. */
  readonly denied = new Set<string>();
  /** What a refusal says, as Google does. */
  refusal = "Permission denied";
  /** How many bytes of a chunk are taken at the most; the rest must be sent again. */
  takesOfChunk = Infinity;
  readonly #pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  #generation = 1;

  static async start(): Promise<GcsEmulator> {
    const emulator = new GcsEmulator();
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request));
    return emulator;
  }

  /** What CREDENTIALS takes. */
  get credentials(): string {
    const key = {
      type: "service_account",
      client_email: ACCOUNT,
      private_key: this.#pair.privateKey,
      private_key_id: "1",
    };
    return Buffer.from(JSON.stringify(key)).toString("base64");
  }

  /** A URI of the bucket with a token it knows, if nothing else is given. */
  uri(path = "", parameters: Readonly<Record<string, string>> = { BEARER_TOKEN: TOKEN }): string {
    return `gs://${BUCKET}${path}?${new URLSearchParams(parameters).toString()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    const session = this.sessions.get(request.query.get("upload_id") ?? "");
    if (session !== undefined) return this.#resume(request, session);
    if (!this.#isKnown(request.headers.authorization)) return problem(401, "authError", "Invalid Credentials");
    if (request.path.endsWith(":generateAccessToken")) return this.#impersonate(request);
    const [, root, name] = /^\/(?:upload\/)?(storage\/v1\/b\/[^/]+)\/o(?:\/(.*))?$/su.exec(request.path) ?? [];
    if (root !== `storage/v1/b/${BUCKET}`) return problem(404, "notFound", "The specified bucket does not exist.");
    const action = actionOf(request, name);
    if (this.denied.has(action)) return problem(403, "forbidden", this.refusal);
    if (action === "insert") return this.#insert(request);
    if (action === "list" || name === undefined) return this.#list(request);
    return this.#file(request, name);
  }

  #isKnown(authorization: string | undefined): boolean {
    const token = authorization?.replace(/^Bearer /u, "") ?? "";
    if (this.tokens.has(token)) return true;
    const [head = "", claims = "", signature = ""] = token.split(".");
    if (signature === "") return false;
    const { iss, scope, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    const isSigned = verify(
      "sha256",
      Buffer.from(`${head}.${claims}`),
      this.#pair.publicKey,
      Buffer.from(signature, "base64url"),
    );
    return isSigned && iss === ACCOUNT && String(scope).includes("devstorage") && Number(exp) > Date.now() / 1000;
  }

  #impersonate(request: Request): Answer {
    if (this.denied.has("impersonate"))
      return problem(403, "forbidden", "Permission iam.serviceAccounts.getAccessToken denied");
    const target = /serviceAccounts\/([^/]+):/u.exec(request.path)?.[1];
    const { delegates } = JSON.parse(request.body.toString()) as { delegates: readonly string[] };
    this.impersonations.push(`${target} by way of ${delegates.join(", ")}`);
    const accessToken = randomBytes(12).toString("hex");
    this.tokens.add(accessToken);
    const expireTime = new Date(Date.now() + 3_600_000).toISOString();
    return json({ accessToken, expireTime });
  }

  #insert(request: Request): Answer {
    const ifGenerationMatch = request.query.get("ifGenerationMatch");
    if (request.query.get("uploadType") === "resumable") {
      const described = JSON.parse(request.body.toString()) as { metadata?: Record<string, string> };
      const id = randomBytes(8).toString("hex");
      const name = request.query.get("name") ?? "";
      this.sessions.set(id, { name, metadata: described.metadata ?? {}, ifGenerationMatch, pieces: [], received: 0 });
      return { status: 200, headers: { location: `${this.server.origin}/session?upload_id=${id}` } };
    }
    const { described, bytes } = readRelated(request);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32c(bytes));
    if (described.crc32c !== undefined && described.crc32c !== sum.toString("base64"))
      return problem(400, "invalid", "Provided CRC32C doesn't match");
    const name = request.query.get("name") ?? described.name ?? "";
    return this.#store(name, bytes, described.metadata ?? {}, ifGenerationMatch);
  }

  #store(name: string, bytes: Buffer, metadata: Readonly<Record<string, string>>, condition: string | null): Answer {
    if (condition === "0" && this.files.has(name)) return problem(412, "conditionNotMet", "Precondition Failed");
    this.#generation += 1;
    const file = { bytes, generation: this.#generation, updated: new Date(), metadata };
    this.files.set(name, file);
    return json(described(name, file));
  }

  #resume(request: Request, session: Session): Answer {
    const id = request.query.get("upload_id") ?? "";
    if (request.method === "DELETE") {
      this.sessions.delete(id);
      return { status: 499 };
    }
    const range = request.headers["content-range"] ?? "";
    const [, from, to, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/u.exec(range) ?? [];
    const isEnd = total !== "*" && total !== undefined;
    if (from !== undefined) {
      const isSound = Number(to) - Number(from) + 1 === request.body.length && Number(from) === session.received;
      if (!isSound || (!isEnd && request.body.length % CHUNK_UNIT !== 0)) return problem(400, "invalid", range);
      const taken = request.body.subarray(0, this.takesOfChunk);
      session.pieces.push(taken);
      session.received += taken.length;
    }
    if (isEnd && session.received === Number(total)) {
      const stored = this.#store(
        session.name,
        Buffer.concat(session.pieces),
        session.metadata,
        session.ifGenerationMatch,
      );
      this.sessions.delete(id);
      return stored;
    }
    return { status: 308, headers: session.received === 0 ? {} : { range: `bytes=0-${session.received - 1}` } };
  }

  #file(request: Request, name: string): Answer {
    const file = this.files.get(name);
    const generation = request.query.get("generation");
    const isThere = file !== undefined && (generation === null || Number(generation) === file.generation);
    if (!isThere) return problem(404, "notFound", `No such object: ${BUCKET}/${name}`);
    if (request.method === "DELETE") {
      this.files.delete(name);
      return { status: 204 };
    }
    if (request.query.get("alt") !== "media") return json(described(name, file));
    const range = /^bytes=(\d+)-(\d*)$/u.exec(request.headers.range ?? "");
    if (range === null) return { status: 200, body: file.bytes };
    const body = file.bytes.subarray(Number(range[1]), range[2] === "" ? undefined : Number(range[2]) + 1);
    return { status: 206, body };
  }

  #list({ query }: Request): Answer {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("pageToken") ?? "";
    const names = listedNames(this.files.keys(), { prefix, after, delimiter: query.get("delimiter") ?? "" });
    const page = names.slice(0, PAGE_FILES);
    const prefixes = page.filter(({ isPrefix }) => isPrefix).map(({ name }) => name);
    const items = page.flatMap(({ name, isPrefix }) => {
      if (isPrefix) return [];
      const file = this.files.get(name);
      return file === undefined ? [] : [described(name, file)];
    });
    return json({ items, prefixes, ...(names.length > page.length ? { nextPageToken: page.at(-1)?.name } : {}) });
  }
}

function actionOf(request: Request, name: string | undefined): string {
  if (request.method === "POST") return "insert";
  if (request.method === "DELETE") return "delete";
  return name === undefined ? "list" : "get";
}

function described(name: string, file: StoredFile): object {
  const { bytes, generation, updated, metadata } = file;
  return { name, bucket: BUCKET, size: String(bytes.length), generation: String(generation), updated, metadata };
}

interface Described {
  readonly name?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A multipart/related body: the description, then the bytes. */
function readRelated({ headers, body }: Request): { described: Described; bytes: Buffer } {
  const boundary = /boundary="?([^";]+)/u.exec(headers["content-type"] ?? "")?.[1] ?? "";
  const contentOf = (from: number): number => body.indexOf("\r\n\r\n", from) + 4;
  const first = contentOf(0);
  const firstEnd = body.indexOf(`\r\n--${boundary}`, first);
  const second = contentOf(firstEnd + 4);
  const secondEnd = body.lastIndexOf(`\r\n--${boundary}--`);
  return {
    described: JSON.parse(body.subarray(first, firstEnd).toString()) as Described,
    bytes: body.subarray(second, secondEnd),
  };
}

function json(value: object): Answer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function problem(status: number, reason: string, message: string): Answer {
  const body = JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } });
  return { status, headers: { "content-type": "application/json" }, body };
}
