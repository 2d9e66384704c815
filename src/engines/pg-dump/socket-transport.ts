import type { Duplex } from "node:stream";
import type { Client } from "pg";
import type { DumpListener, DumpTransport } from "./transport.ts";

// What a server reports by itself at the start of a session (manual, "Asynchronous Operations").
const REPORTED = [
  "application_name",
  "client_encoding",
  "DateStyle",
  "default_transaction_read_only",
  "in_hot_standby",
  "integer_datetimes",
  "IntervalStyle",
  "is_superuser",
  "search_path",
  "server_encoding",
  "server_version",
  "session_authorization",
  "standard_conforming_strings",
  "TimeZone",
] as const;

/** The values of a session's reported parameters, asked for in one query. */
export const PARAMETERS_QUERY: string =
  "SELECT name, pg_catalog.current_setting(name, true) FROM pg_catalog.unnest(ARRAY[" +
  REPORTED.map((name) => `'${name}'`).join(", ") +
  "]) AS name WHERE pg_catalog.current_setting(name, true) IS NOT NULL";

async function readParameters(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<[string, string]>({ text: PARAMETERS_QUERY, rowMode: "array" });
  return new Map(rows);
}

async function readProcessId(client: Client): Promise<number> {
  const { rows } = await client.query<[number]>({ text: "SELECT pg_catalog.pg_backend_pid()", rowMode: "array" });
  return rows[0]?.[0] ?? 0;
}

class SocketTransport implements DumpTransport {
  readonly parameters: ReadonlyMap<string, string>;
  readonly #socket: Duplex;
  readonly #cancel: () => Promise<void>;
  #listener: DumpListener | undefined;
  #ended = false;

  constructor(client: Client, parameters: ReadonlyMap<string, string>, cancel: () => Promise<void>) {
    this.parameters = parameters;
    this.#cancel = cancel;
    // After a TLS handshake this is the encrypted stream.
    this.#socket = client.connection.stream;
    // From here on pg's own parser must not see a byte: it would answer to nobody and complain.
    this.#socket.removeAllListeners("data");
    this.#socket.on("data", (bytes: Uint8Array) => this.#listener?.data(bytes));
    for (const event of ["end", "close", "error"]) this.#socket.on(event, () => this.#end());
    client.on("error", () => this.#end());
  }

  listen(listener: DumpListener): void {
    this.#listener = listener;
    if (this.#ended) listener.end();
  }

  send(messages: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(messages);
    else this.#end();
  }

  async cancel(): Promise<void> {
    if (!this.#ended) await this.#cancel();
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener?.end();
  }
}

/**
 * Opens a session of its own for a dump: encryption and authentication are `pg`'s, afterwards the bytes are the
 * dumper's. `open` connects a client; cancelling connects a second one, which ends the first one's server process.
 */
export async function openSocketTransport(open: () => Promise<Client>): Promise<DumpTransport> {
  const client = await open();
  const processId = await readProcessId(client);
  const cancel = async (): Promise<void> => {
    const second = await open();
    try {
      await second.query("SELECT pg_catalog.pg_terminate_backend($1)", [processId]);
    } finally {
      await second.end();
    }
  };
  return new SocketTransport(client, await readParameters(client), cancel);
}
