// A small HTTP(S) server on the loopback for the emulators of the clouds, with faults on demand.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createCertificate } from "./certificate.ts";

export interface Request {
  readonly method: string;
  /** As it came, with the query. */
  readonly target: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
}

/** What goes wrong, until it is set back; the counts run down by themselves. */
export interface Faults {
  /** How many requests are answered with 503 instead. */
  unavailable: number;
  /** How many requests have no effect and no answer: the connection is closed. */
  dropped: number;
  /** How many requests take effect, but their answer is lost. */
  unanswered: number;
  /** How many downloads end after {@link cutAfterBytes}. */
  cuts: number;
  cutAfterBytes: number;
  /** How many requests are taken and never answered. */
  silent: number;
  /** How many downloads say nothing any more after {@link cutAfterBytes}, and stay open. */
  stalls: number;
  /** How far the server's clock is ahead of this machine's. */
  clockMs: number;
  /** Before each answer. */
  slowMs: number;
  /** Only requests for which this holds are struck. */
  only: (request: Request) => boolean;
}

export type Respond = (request: Request) => Answer | Promise<Answer>;

export interface ServerOptions {
  readonly tls?: boolean;
  /** Names the certificate holds besides localhost. */
  readonly hosts?: readonly string[];
}

/** Answers on a port of its own, remembers what it was asked, and counts how much of it at once. */
export class EmulatorServer implements AsyncDisposable {
  readonly origin: string;
  /** PEM of its own authority; empty without TLS. */
  readonly certificate: string;
  readonly requests: Request[] = [];
  readonly faults: Faults = {
    unavailable: 0,
    dropped: 0,
    unanswered: 0,
    cuts: 0,
    silent: 0,
    stalls: 0,
    clockMs: 0,
    cutAfterBytes: 0,
    slowMs: 0,
    only: () => true,
  };
  /** The most requests with a body that were under way together. */
  bodiesTogetherMax = 0;
  readonly #server: ReturnType<typeof createServer>;
  #bodies = 0;

  private constructor(server: ReturnType<typeof createServer>, origin: string, certificate: string) {
    this.#server = server;
    this.origin = origin;
    this.certificate = certificate;
  }

  static async start(respond: Respond, options: ServerOptions = {}): Promise<EmulatorServer> {
    const pair = options.tls === true ? createCertificate(["localhost", ...(options.hosts ?? [])]) : undefined;
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      emulator.#serve(incoming, outgoing, respond).catch(() => incoming.socket.destroy());
    };
    const server = pair === undefined ? createServer(listener) : createTlsServer(pair, listener);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const origin = pair === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
    const emulator = new EmulatorServer(server, origin, pair?.cert ?? "");
    return emulator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse, respond: Respond): Promise<void> {
    const request = await this.#read(incoming);
    this.requests.push(request);
    const { faults } = this;
    // A test that does not wait for the answer need not wait for its end.
    if (faults.slowMs > 0) await sleep(faults.slowMs, undefined, { ref: false });
    const isStruck = faults.only(request);
    if (isStruck && faults.unavailable > 0) {
      faults.unavailable -= 1;
      outgoing.writeHead(503).end();
      return;
    }
    if (isStruck && faults.silent > 0) {
      faults.silent -= 1;
      return;
    }
    if (isStruck && faults.dropped > 0) {
      faults.dropped -= 1;
      incoming.socket.destroy();
      return;
    }
    const answer = await respond(request);
    // Asked again: it may depend on what the request did.
    if (faults.unanswered > 0 && faults.only(request)) {
      faults.unanswered -= 1;
      incoming.socket.destroy();
      return;
    }
    const body = Buffer.from(answer.body ?? "");
    const length = request.method === "HEAD" ? {} : { "content-length": body.length };
    const date = new Date(Date.now() + faults.clockMs).toUTCString();
    outgoing.writeHead(answer.status, { ...length, date, ...answer.headers });
    if (isStruck && faults.stalls > 0 && request.method === "GET") {
      faults.stalls -= 1;
      outgoing.write(body.subarray(0, faults.cutAfterBytes));
      return;
    }
    if (isStruck && faults.cuts > 0 && request.method === "GET") {
      faults.cuts -= 1;
      outgoing.write(body.subarray(0, faults.cutAfterBytes), () => incoming.socket.destroy());
      return;
    }
    outgoing.end(request.method === "HEAD" ? undefined : body);
  }

  async #read(incoming: IncomingMessage): Promise<Request> {
    const hasBody = incoming.method === "PUT";
    if (hasBody) this.#bodies += 1;
    this.bodiesTogetherMax = Math.max(this.bodiesTogetherMax, this.#bodies);
    try {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const target = incoming.url ?? "/";
      const [path = "", query = ""] = target.split("?", 2);
      return {
        method: incoming.method ?? "GET",
        target,
        path: decodeURIComponent(path),
        query: new URLSearchParams(query),
        headers: incoming.headers,
        body: Buffer.concat(pieces),
      };
    } finally {
      if (hasBody) this.#bodies -= 1;
    }
  }
}
