// Enough of Azure's Blob service, and of its token service, for the real SDKs: shared keys, bearer tokens, conditions
// and the rules of block lists are enforced.
import { createHmac, randomBytes } from "node:crypto";
import { listedNames } from "./listed-names.ts";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

interface StoredBlob {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

const ACCOUNT = "account";
const CONTAINER = "container";
const KEY = Buffer.from("a key of the emulator, 32 bytes").toString("base64");
const PAGE_BLOBS = 50;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** One account with one container, named `container`. */
export class AzureBlobEmulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly blobs = new Map<string, StoredBlob>();
  /** Staged blocks that no list has named yet, by blob. */
  readonly staged = new Map<string, Map<string, Buffer>>();
  readonly tokens = new Set<string>();
  /** What the token service was asked: `tenant client scope`. */
  readonly logins: string[] = [];
  isKeyRefused = false;
  readonly clientSecrets = new Set(["client secret"]);
  /** Actions that are refused: `PUT`, `GET`, `LIST`, `DELETE`. */
  readonly denied = new Set<string>();

  static async start(options: { readonly tls?: boolean } = {}): Promise<AzureBlobEmulator> {
    const emulator = new AzureBlobEmulator();
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request), options);
    return emulator;
  }

  /** What AZURE_STORAGE_ENDPOINT takes. */
  get endpoint(): string {
    return `${this.server.origin}/${ACCOUNT}`;
  }

  /** A URI of the container with the account's key, if nothing else is given. */
  uri(path = "", parameters: Readonly<Record<string, string>> = { AZURE_ACCOUNT_KEY: KEY }): string {
    const query = new URLSearchParams({ AZURE_ACCOUNT_NAME: ACCOUNT, ...parameters });
    return `azure-blob://${CONTAINER}${path}?${query.toString().replaceAll("+", "%20")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    if (/\/oauth2\/|openid-configuration/u.test(request.path)) return this.#logIn(request);
    const refused = this.#refusal(request);
    if (refused !== undefined) return refused;
    const [, account, container, ...rest] = request.path.split("/");
    if (account !== ACCOUNT || container !== CONTAINER) return problem(404, "ContainerNotFound");
    const isList = request.query.get("comp") === "list";
    const action = isList ? "LIST" : request.method === "HEAD" ? "GET" : request.method;
    if (this.denied.has(action)) return problem(403, "AuthorizationPermissionMismatch");
    if (isList) return this.#list(request);
    const name = rest.join("/");
    switch (request.method) {
      case "PUT":
        return this.#put(request, name);
      case "DELETE":
        return this.blobs.delete(name) ? { status: 202 } : problem(404, "BlobNotFound");
      default:
        return this.#get(request, name);
    }
  }

  #refusal(request: Request): Answer | undefined {
    const authorization = request.headers.authorization ?? "";
    if (authorization.startsWith("Bearer "))
      return this.tokens.has(authorization.slice(7)) ? undefined : problem(401, "InvalidAuthenticationInfo");
    const signature = createHmac("sha256", Buffer.from(KEY, "base64")).update(stringToSign(request)).digest("base64");
    const isKnown = !this.isKeyRefused && authorization === `SharedKey ${ACCOUNT}:${signature}`;
    return isKnown ? undefined : problem(403, "AuthenticationFailed");
  }

  #logIn(request: Request): Answer {
    const tenant = request.path.split("/")[1] ?? "";
    const authority = `${this.server.origin}/${tenant}`;
    if (request.path.includes("openid-configuration")) {
      return json(200, {
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        issuer: `${authority}/v2.0`,
        jwks_uri: `${authority}/keys`,
      });
    }
    const form = new URLSearchParams(request.body.toString());
    if (!this.clientSecrets.has(form.get("client_secret") ?? ""))
      return json(401, {
        error: "invalid_client",
        error_description: "AADSTS7000215: Invalid client secret provided.",
      });
    this.logins.push(`${tenant} ${form.get("client_id")} ${form.get("scope")}`);
    const token = randomBytes(12).toString("hex");
    this.tokens.add(token);
    return json(200, { token_type: "Bearer", expires_in: 3600, access_token: token });
  }

  #put(request: Request, name: string): Answer {
    const comp = request.query.get("comp");
    if (comp === "block") {
      const blocks = this.staged.get(name) ?? new Map<string, Buffer>();
      const id = request.query.get("blockid") ?? "";
      if ([...blocks.keys()].some((other) => other.length !== id.length)) return problem(400, "InvalidBlobOrBlock");
      this.staged.set(name, blocks.set(id, request.body));
      return { status: 201 };
    }
    if (request.headers["if-none-match"] === "*" && this.blobs.has(name)) return problem(409, "BlobAlreadyExists");
    if (comp !== "blocklist") return this.#store(name, request.body, request);
    const staged = this.staged.get(name);
    const ids = [...request.body.toString().matchAll(/<Latest>(.*?)<\/Latest>/gu)].map(([, id = ""]) => id);
    const blocks = ids.map((id) => staged?.get(id)).filter((block) => block !== undefined);
    if (blocks.length !== ids.length) return problem(400, "InvalidBlockList");
    return this.#store(name, Buffer.concat(blocks), request);
  }

  #store(name: string, bytes: Buffer, { headers }: Request): Answer {
    const metadata = Object.entries(headers).filter(([header]) => header.startsWith("x-ms-meta-"));
    const names = metadata.map(([header, value]) => [header.slice(10), String(value)] as const);
    if (names.some(([one]) => !/^[a-z_]\w*$/iu.test(one))) return problem(400, "InvalidMetadata");
    const etag = `"0x${randomBytes(6).toString("hex")}"`;
    this.blobs.set(name, { bytes, etag, modified: new Date(), metadata: Object.fromEntries(names) });
    this.staged.delete(name);
    return { status: 201, headers: { etag } };
  }

  #get(request: Request, name: string): Answer {
    const blob = this.blobs.get(name);
    if (blob === undefined) return problem(404, "BlobNotFound");
    const version = request.headers["if-match"];
    if (version !== undefined && version !== blob.etag) return problem(412, "ConditionNotMet");
    const metadata = Object.entries(blob.metadata).map(([one, value]) => [`x-ms-meta-${one}`, value] as const);
    const headers = {
      etag: blob.etag,
      "last-modified": blob.modified.toUTCString(),
      "x-ms-blob-type": "BlockBlob",
      ...Object.fromEntries(metadata),
    };
    if (request.method === "HEAD") return { status: 200, headers: { ...headers, "content-length": blob.bytes.length } };
    const range = /^bytes=(\d+)-(\d*)$/u.exec(String(request.headers["x-ms-range"] ?? request.headers.range ?? ""));
    if (range === null) return { status: 200, headers, body: blob.bytes };
    const from = Number(range[1]);
    if (from >= blob.bytes.length) return problem(416, "InvalidRange");
    const body = blob.bytes.subarray(from, range[2] === "" ? undefined : Number(range[2]) + 1);
    const contentRange = `bytes ${from}-${from + body.length - 1}/${blob.bytes.length}`;
    return { status: 206, headers: { ...headers, "content-range": contentRange }, body };
  }

  #list({ query }: Request): Answer {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("marker") ?? "";
    const names = listedNames(this.blobs.keys(), { prefix, after, delimiter: query.get("delimiter") ?? "" });
    const page = names.slice(0, PAGE_BLOBS);
    const blobs = page.map(({ name, isPrefix }) => {
      if (isPrefix) return `<BlobPrefix><Name>${escaped(name)}</Name></BlobPrefix>`;
      const blob = this.blobs.get(name);
      const facts = `<Last-Modified>${blob?.modified.toUTCString()}</Last-Modified><Etag>${blob?.etag}</Etag><Content-Length>${blob?.bytes.length}</Content-Length><BlobType>BlockBlob</BlobType>`;
      const metadata = Object.entries(blob?.metadata ?? {}).map(([one, value]) => `<${one}>${escaped(value)}</${one}>`);
      return `<Blob><Name>${escaped(name)}</Name><Properties>${facts}</Properties><Metadata>${metadata.join("")}</Metadata></Blob>`;
    });
    const next = names.length > page.length ? escaped(page.at(-1)?.name ?? "") : "";
    const body = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
    return { status: 200, headers: { "content-type": "application/xml" }, body };
  }
}

/** What a shared key signs (Azure's "Authorize with Shared Key"). */
function stringToSign({ method, target, headers, query }: Request): string {
  const header = (name: string): string => String(headers[name] ?? "");
  const length = header("content-length");
  const lines = [
    method,
    header("content-encoding"),
    header("content-language"),
    length === "0" ? "" : length,
    header("content-md5"),
    header("content-type"),
    header("date"),
    header("if-modified-since"),
    header("if-match"),
    header("if-none-match"),
    header("if-unmodified-since"),
    header("range"),
  ];
  const own = Object.keys(headers).filter((name) => name.startsWith("x-ms-"));
  const canonicalHeaders = own.toSorted().map((name) => `${name}:${header(name).trim()}`);
  const [path = ""] = target.split("?", 1);
  const names = [...new Set(query.keys())].toSorted();
  const resource = names.map((name) => `\n${name.toLowerCase()}:${query.getAll(name).toSorted().join(",")}`);
  return [...lines, ...canonicalHeaders, `/${ACCOUNT}${path}${resource.join("")}`].join("\n");
}

function json(status: number, value: object): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function problem(status: number, code: string): Answer {
  const headers = { "x-ms-error-code": code, "content-type": "application/xml" };
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { status, headers, body };
}
