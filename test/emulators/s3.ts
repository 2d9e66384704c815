// Enough of S3 and STS for the real SDK: signatures, checksums, conditions and regions are enforced.
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { checkSignature, type AwsKey } from "./s3-signature.ts";
import { listParts, listUploads, type MultipartUpload } from "./s3-uploads.ts";
import { listedNames } from "./listed-names.ts";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
  readonly metadata: Readonly<Record<string, string>>;
  /** Request headers about how to store it. */
  readonly asked: Readonly<Record<string, string>>;
}

export interface S3EmulatorOptions {
  readonly tls?: boolean;
  /** Names the certificate holds besides localhost. */
  readonly hosts?: readonly string[];
  readonly region?: string;
  /** What becomes of `If-None-Match` and `If-Match`. */
  readonly conditions?: "enforced" | "ignored" | "refused";
}

const BUCKET = "bucket";
const PAGE_KEYS = 50;
const FACTS = [
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class",
  "x-amz-checksum-crc32",
  "x-amz-content-sha256",
];

const md5 = (bytes: Uint8Array): Buffer => createHash("md5").update(bytes).digest();
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** One bucket, named `bucket`. */
export class S3Emulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, MultipartUpload>();
  /** So many requests to abort an upload come while a part of it still does, and leave it there. */
  abortsTooEarly = 0;
  readonly keys = new Map<string, AwsKey>([["AKIDEXAMPLE", { secret: "secret/key+of=test" }]]);
  /** Every role that was taken on: `who -> arn (external id)`. */
  readonly roles: string[] = [];
  /** Actions that are refused: `PUT`, `GET`, `LIST`, `DELETE`, `AssumeRole`. */
  readonly denied = new Set<string>();
  /** What a refusal says, as AWS does. */
  refusal: string | undefined;
  stsRefusal: { readonly code: string; readonly message: string } | undefined;
  /** Set, every request is refused for its time; the store's own time is told so. */
  skewedAt: Date | undefined;
  readonly #options: S3EmulatorOptions;

  private constructor(options: S3EmulatorOptions) {
    this.#options = options;
  }

  static async start(options: S3EmulatorOptions = {}): Promise<S3Emulator> {
    const emulator = new S3Emulator(options);
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request), options);
    return emulator;
  }

  /** A URI of the bucket with the keys it knows. */
  uri(path = "", parameters: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret/key+of=test",
      AWS_ENDPOINT: this.server.origin,
      ...parameters,
    });
    return `s3://${BUCKET}${path}?${query.toString()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    if (this.skewedAt !== undefined) return skewed(this.skewedAt);
    const verdict = checkSignature(request, this.keys);
    if (!verdict.ok) return problem(verdict.code === "ExpiredToken" ? 400 : 403, verdict.code, verdict.message);
    if (request.path === "/" && request.method === "POST" && !request.query.has("delete"))
      return this.#assumeRole(request, verdict.accessKeyId);
    const region = this.#options.region ?? "us-east-1";
    if (verdict.region !== region) {
      return { ...problem(301, "PermanentRedirect"), headers: { "x-amz-bucket-region": region } };
    }
    const isVirtualHost = request.headers.host?.startsWith(`${BUCKET}.`) === true;
    const [, bucket = "", ...rest] = (isVirtualHost ? `/${BUCKET}${request.path}` : request.path).split("/");
    if (bucket !== BUCKET) return problem(404, "NoSuchBucket");
    const key = rest.join("/");
    const action = key === "" ? "LIST" : request.method === "HEAD" ? "GET" : request.method;
    if (this.denied.has(action)) return problem(403, "AccessDenied", this.refusal ?? "AccessDenied");
    if (key === "" && request.query.has("uploads")) return listUploads(this.uploads, request);
    if (key === "") return this.#list(request);
    return this.#object(request, key);
  }

  #object(request: Request, key: string): Answer {
    const uploadId = request.query.get("uploadId");
    switch (request.method) {
      case "PUT":
        return (
          this.#checkBody(request) ?? (uploadId === null ? this.#put(request, key) : this.#part(request, uploadId))
        );
      case "POST":
        return uploadId === null ? this.#begin(request, key) : this.#complete(request, uploadId);
      case "DELETE":
        if (uploadId !== null) return this.#abort(uploadId);
        this.objects.delete(key);
        return { status: 204 };
      default: {
        const upload = this.uploads.get(uploadId ?? "");
        return upload === undefined ? this.#get(request, key) : listParts(upload);
      }
    }
  }

  #checkBody({ headers, body }: Request): Answer | undefined {
    if (headers["content-encoding"]?.includes("aws-chunked") === true) return problem(501, "NotImplemented");
    const checksum = headers["x-amz-checksum-crc32"];
    if (checksum === undefined) return undefined;
    const actual = Buffer.alloc(4);
    actual.writeUInt32BE(crc32(body));
    return checksum === actual.toString("base64") ? undefined : problem(400, "BadDigest");
  }

  #conflict(request: Request, key: string): Answer | undefined {
    const { conditions = "enforced" } = this.#options;
    if (request.headers["if-none-match"] === undefined || conditions === "ignored") return undefined;
    if (conditions === "refused") return problem(501, "NotImplemented");
    return this.objects.has(key) ? problem(412, "PreconditionFailed") : undefined;
  }

  #put(request: Request, key: string): Answer {
    const conflict = this.#conflict(request, key);
    if (conflict !== undefined) return conflict;
    const etag = `"${md5(request.body).toString("hex")}"`;
    this.#store(key, request.body, etag, request);
    return { status: 200, headers: { etag } };
  }

  #store(key: string, bytes: Buffer, etag: string, { headers }: Request): void {
    const named = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    const metadata = named.filter(([name]) => name.startsWith("x-amz-meta-"));
    this.objects.set(key, {
      bytes,
      etag,
      modified: new Date(),
      metadata: Object.fromEntries(metadata),
      asked: Object.fromEntries(named.filter(([name]) => FACTS.includes(name))),
    });
  }

  #begin(request: Request, key: string): Answer {
    const uploadId = randomBytes(8).toString("hex");
    this.uploads.set(uploadId, { key, begun: request, initiated: new Date(), parts: new Map() });
    const body = `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;
    return { status: 200, body };
  }

  #abort(uploadId: string): Answer {
    if (!this.uploads.has(uploadId)) return problem(404, "NoSuchUpload");
    if (this.abortsTooEarly > 0) this.abortsTooEarly -= 1;
    else this.uploads.delete(uploadId);
    return { status: 204 };
  }

  #part(request: Request, uploadId: string): Answer {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return problem(404, "NoSuchUpload");
    const etag = `"${md5(request.body).toString("hex")}"`;
    upload.parts.set(Number(request.query.get("partNumber")), { bytes: request.body, etag, modified: new Date() });
    const crc = request.headers["x-amz-checksum-crc32"];
    return { status: 200, headers: { etag, ...(crc === undefined ? {} : { "x-amz-checksum-crc32": String(crc) }) } };
  }

  #complete(request: Request, uploadId: string): Answer {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return problem(404, "NoSuchUpload");
    const conflict = this.#conflict(request, upload.key);
    if (conflict !== undefined) return conflict;
    const wanted = [...request.body.toString().matchAll(/<Part>.*?<\/Part>/gsu)].map(([text]) => ({
      number: Number(/<PartNumber>(\d+)</u.exec(text)?.[1]),
      etag: /<ETag>(.*?)</u.exec(text)?.[1]?.replaceAll("&quot;", '"'),
    }));
    const parts = wanted.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      return part?.etag === etag ? part : undefined;
    });
    const found = parts.filter((part) => part !== undefined);
    const isOrdered = wanted.every(({ number }, index) => number === index + 1);
    if (found.length !== parts.length || !isOrdered) return problem(400, "InvalidPart");
    const sums = Buffer.concat(found.map(({ bytes }) => md5(bytes)));
    const etag = `"${md5(sums).toString("hex")}-${found.length}"`;
    this.#store(upload.key, Buffer.concat(found.map(({ bytes }) => bytes)), etag, upload.begun);
    this.uploads.delete(uploadId);
    const body = `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`;
    return { status: 200, body };
  }

  #get(request: Request, key: string): Answer {
    const object = this.objects.get(key);
    if (object === undefined) return problem(404, "NoSuchKey");
    const version = request.headers["if-match"];
    if (version !== undefined && version !== object.etag) return problem(412, "PreconditionFailed");
    const headers = { etag: object.etag, "last-modified": object.modified.toUTCString(), ...object.metadata };
    if (request.method === "HEAD")
      return { status: 200, headers: { ...headers, "content-length": object.bytes.length } };
    const range = /^bytes=(\d+)-(\d*)$/u.exec(request.headers.range ?? "");
    if (range === null) return { status: 200, headers, body: object.bytes };
    const from = Number(range[1]);
    if (from >= object.bytes.length) return problem(416, "InvalidRange");
    const body = object.bytes.subarray(from, range[2] === "" ? undefined : Number(range[2]) + 1);
    const contentRange = `bytes ${from}-${from + body.length - 1}/${object.bytes.length}`;
    return { status: 206, headers: { ...headers, "content-range": contentRange }, body };
  }

  #list({ query }: Request): Answer {
    const delimiter = query.get("delimiter");
    if (delimiter !== null && delimiter.length > 1) return problem(400, "InvalidArgument");
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? "";
    const names = listedNames(this.objects.keys(), { prefix, after, delimiter: delimiter ?? "" });
    const page = names.slice(0, PAGE_KEYS);
    const isUrl = query.get("encoding-type") === "url";
    const written = (name: string): string =>
      escaped(isUrl ? encodeURIComponent(name).replaceAll("%20", "+").replaceAll("%2F", "/") : name);
    const contents = page.map(({ name, isPrefix }) => {
      if (isPrefix) return `<CommonPrefixes><Prefix>${written(name)}</Prefix></CommonPrefixes>`;
      const object = this.objects.get(name);
      const modified = object?.modified.toISOString();
      return `<Contents><Key>${written(name)}</Key><LastModified>${modified}</LastModified><Size>${object?.bytes.length}</Size></Contents>`;
    });
    const isTruncated = names.length > page.length;
    const next = isTruncated
      ? `<NextContinuationToken>${escaped(page.at(-1)?.name ?? "")}</NextContinuationToken>`
      : "";
    const encoding = isUrl ? "<EncodingType>url</EncodingType>" : "";
    const body = `<ListBucketResult>${encoding}<IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
    return { status: 200, body };
  }

  #assumeRole(request: Request, who: string): Answer {
    const form = new URLSearchParams(request.body.toString());
    const arn = form.get("RoleArn") ?? "";
    if (this.stsRefusal !== undefined) {
      const { code, message } = this.stsRefusal;
      const body = `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
      return { status: 403, body };
    }
    if (this.denied.has("AssumeRole")) {
      const message = `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
      return {
        status: 403,
        body: `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
      };
    }
    this.roles.push(`${who} -> ${arn} (${form.get("ExternalId") ?? "none"})`);
    const id = `ASIA${arn.split("/").at(-1)?.toUpperCase()}`;
    const key = { secret: randomBytes(12).toString("hex"), sessionToken: randomBytes(12).toString("hex") };
    this.keys.set(id, key);
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    const credentials = `<AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${key.secret}</SecretAccessKey><SessionToken>${key.sessionToken}</SessionToken><Expiration>${expiration}</Expiration>`;
    const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
    return { status: 200, body };
  }
}

function skewed(time: Date): Answer {
  const body = `<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message><ServerTime>${time.toISOString()}</ServerTime></Error>`;
  return { status: 403, body, headers: { date: time.toUTCString() } };
}

function problem(status: number, code: string, message = code): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>` };
}
