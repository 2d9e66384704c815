// The same emulator of Google Cloud KMS over gRPC: the SDK's own messages, in the frames of Google's own server library.
import { Metadata, Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { protos } from "@google-cloud/kms";
import { createCertificate } from "./certificate.ts";
import type { GcpKmsEmulator } from "./gcp-kms.ts";

const { v1 } = protos.google.cloud.kms;

/** A message's class as protobufjs makes it. */
interface MessageClass {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromObject(plain: Readonly<Record<string, unknown>>): unknown;
  toObject(message: never, options: object): Readonly<Record<string, unknown>>;
}

interface Method {
  readonly request: MessageClass;
  readonly response: MessageClass;
  /** As REST has it. */
  readonly httpMethod: "GET" | "POST";
  readonly target: (request: Readonly<Record<string, unknown>>) => string;
  /** What of the request is REST's body. */
  readonly body: (request: Readonly<Record<string, unknown>>) => unknown;
}

const METHODS: Readonly<Record<string, Method>> = {
  Encrypt: {
    request: v1.EncryptRequest,
    response: v1.EncryptResponse,
    httpMethod: "POST",
    target: ({ name }) => `/v1/${String(name)}:encrypt`,
    body: (request) => request,
  },
  Decrypt: {
    request: v1.DecryptRequest,
    response: v1.DecryptResponse,
    httpMethod: "POST",
    target: ({ name }) => `/v1/${String(name)}:decrypt`,
    body: (request) => request,
  },
  CreateCryptoKey: {
    request: v1.CreateCryptoKeyRequest,
    response: v1.CryptoKey,
    httpMethod: "POST",
    target: ({ parent, cryptoKeyId }) => `/v1/${String(parent)}/cryptoKeys?cryptoKeyId=${String(cryptoKeyId)}`,
    body: ({ cryptoKey }) => cryptoKey,
  },
  GetCryptoKeyVersion: {
    request: v1.GetCryptoKeyVersionRequest,
    response: v1.CryptoKeyVersion,
    httpMethod: "GET",
    target: ({ name }) => `/v1/${String(name)}`,
    body: () => undefined,
  },
};

const PLAIN = { bytes: String, longs: String, enums: String };

export interface GrpcServerOptions {
  readonly tls?: boolean;
}

/** Answers for an emulator over gRPC, which goes on to give tokens over HTTP. */
export class GcpKmsGrpcServer implements AsyncDisposable {
  readonly origin: string;
  /** PEM of its own authority; empty without TLS. */
  readonly certificate: string;
  /** Calls that are taken and never answered. */
  silent = 0;
  /** How far the server's clock is ahead of this machine's. */
  clockMs = 0;
  /** Names of the methods that were called, and by whom. */
  readonly calls: { readonly method: string; readonly authorization: string }[] = [];
  /** How many calls the client took back. */
  cancelled = 0;
  readonly #server: Server;

  private constructor(server: Server, origin: string, certificate: string) {
    this.#server = server;
    this.origin = origin;
    this.certificate = certificate;
  }

  static async start(emulator: GcpKmsEmulator, { tls = false }: GrpcServerOptions = {}): Promise<GcpKmsGrpcServer> {
    const pair = tls ? createCertificate(["localhost"]) : undefined;
    const server = new Server();
    const credentials =
      pair === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(pair.key), cert_chain: Buffer.from(pair.cert) },
          ]);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
    const port = await promise;
    const origin = tls ? `grpcs://localhost:${port}` : `grpc://127.0.0.1:${port}`;
    const started = new GcpKmsGrpcServer(server, origin, pair?.cert ?? "");
    for (const [name, method] of Object.entries(METHODS)) started.#register(name, method, emulator);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }

  #register(name: string, method: Method, emulator: GcpKmsEmulator): void {
    const { request, response } = method;
    this.#server.register(
      `/google.cloud.kms.v1.KeyManagementService/${name}`,
      (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        this.#handle(name, method, emulator, { call, callback });
      },
      (message) => Buffer.from(response.encode(message as never).finish()),
      (bytes) => request.decode(bytes),
      "unary",
    );
  }

  #handle(name: string, method: Method, emulator: GcpKmsEmulator, { call, callback }: Exchange): void {
    const authorization = String(call.metadata.get("authorization")[0] ?? "");
    this.calls.push({ method: name, authorization });
    call.on("cancelled", () => {
      this.cancelled += 1;
    });
    if (this.silent > 0) {
      this.silent -= 1;
      return;
    }
    const content = method.request.toObject(call.request as never, PLAIN);
    const answer = emulator.answer({
      method: method.httpMethod,
      target: method.target(content),
      authorization,
      content: method.body(content),
    });
    const body = JSON.parse(String(answer.body)) as Readonly<Record<string, unknown>>;
    if (answer.status === 200) {
      callback(null, method.response.fromObject(plainTimes(body)));
      return;
    }
    const { status: code, message } = body["error"] as { status: keyof typeof status; message: string };
    const metadata = new Metadata();
    metadata.set("date", new Date(Date.now() + this.clockMs).toUTCString());
    callback({ code: status[code], details: message, metadata });
  }
}

interface Exchange {
  readonly call: ServerUnaryCall<unknown, unknown>;
  readonly callback: sendUnaryData<unknown>;
}

/** Times and wrapped numbers have a form of their own in JSON, which the classes do not read. */
function plainTimes(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(body).map(([name, value]) => {
    if (name.endsWith("Time")) return [name, { seconds: Math.floor(Date.parse(String(value)) / 1000) }];
    return [name, name.endsWith("Crc32c") && typeof value === "string" ? { value } : value];
  });
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}
