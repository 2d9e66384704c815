import type { Event, Row } from "../../events.ts";
import { ShellError } from "../../errors.ts";
import type { QueryOptions } from "../engine.ts";
import { columnOf } from "./column-kinds.ts";
import { sendCopyData } from "./copy-data.ts";
import { throwIfAborted } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { COPY_DONE, queryMessage, readDataRow, readRowDescription, readStrings } from "./messages.ts";
import type { PostgresSession } from "./session.ts";
import type { Message } from "./wire.ts";

/** A batch is handed on when it holds this much, or when nothing more has arrived. */
const BATCH_ROWS = 1000;
const BATCH_BYTES = 256 * 1024;

/** What has been read of the answers and not been told yet. */
class Pending {
  readonly #events: Event[] = [];
  #rows: Row[] = [];
  #bytes: Uint8Array[] = [];
  #size = 0;
  #startedAt = performance.now();

  get full(): boolean {
    return this.#rows.length >= BATCH_ROWS || this.#size >= BATCH_BYTES;
  }

  take(message: Message): void {
    this.#size += message.body.length;
    switch (message.type) {
      case "D":
        this.#rows.push(readDataRow(message.body));
        break;
      case "d":
        this.#bytes.push(Uint8Array.from(message.body));
        break;
      case "T":
        this.add({ type: "columns", columns: readRowDescription(message.body).map(columnOf) });
        break;
      case "C":
        this.add({ type: "finished", tag: readStrings(message.body)[0] ?? "", elapsedMs: this.#lap() });
        break;
      default:
        // CopyOutResponse, CopyDone and EmptyQueryResponse tell nothing that another message does not.
        break;
    }
  }

  add(event: Event): void {
    this.#close();
    this.#events.push(event);
  }

  drain(): readonly Event[] {
    this.#close();
    return this.#events.splice(0);
  }

  #close(): void {
    if (this.#rows.length > 0) this.#events.push({ type: "rows", rows: this.#rows });
    if (this.#bytes.length > 0) this.#events.push({ type: "copy-data", bytes: Buffer.concat(this.#bytes) });
    this.#rows = [];
    this.#bytes = [];
    this.#size = 0;
  }

  #lap(): number {
    const [from, to] = [this.#startedAt, performance.now()];
    this.#startedAt = to;
    return to - from;
  }
}

/** `Engine.run` over one session. */
export async function* runStatements(
  session: PostgresSession,
  sql: string,
  options: QueryOptions,
): AsyncGenerator<Event> {
  const { signal, copySource } = options;
  throwIfAborted(signal);
  if (sql.includes("\0")) throw new ShellError("syntax/unexpected", "a statement cannot hold a zero byte");
  const pending = new Pending();
  await using exchange = session.begin(queryMessage(sql), {
    ...(signal === undefined ? {} : { signal }),
    sql,
    notice: (fields) => pending.add(noticeOf(fields)),
  });
  for (;;) {
    const message = exchange.next();
    if (message === undefined) {
      yield* pending.drain();
      if (exchange.finished) break;
      await exchange.more();
    } else if (message.type === "G") {
      await feedCopy(exchange, copySource, signal);
    } else if (message.type === "A") {
      pending.add(notificationOf(message));
    } else {
      pending.take(message);
      if (pending.full) yield* pending.drain();
    }
  }
  exchange.throwError();
}

async function feedCopy(
  exchange: Exchange,
  source: QueryOptions["copySource"],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (source === undefined) {
    exchange.failCopy("no data was given");
    exchange.error ??= new ShellError("engine/failed", "COPY FROM STDIN needs data after the statement", {
      hint: "put the rows on the lines after it and end them with \\. or use \\copy with a file",
      sqlState: "57014",
    });
    return;
  }
  try {
    await sendCopyData(exchange, source, signal);
    if (exchange.copyingIn) exchange.send(COPY_DONE);
  } catch (thrown) {
    if (!exchange.copyingIn) throw thrown;
    exchange.failCopy("the source failed");
    await exchange.finish().catch(() => undefined);
    throw thrown;
  }
}

function noticeOf(fields: ReadonlyMap<string, string>): Event {
  const [detail, hint] = [fields.get("D"), fields.get("H")];
  return {
    type: "notice",
    severity: fields.get("V") ?? fields.get("S") ?? "NOTICE",
    message: fields.get("M") ?? "",
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function notificationOf({ body }: Message): Event {
  const [channel = "", payload = ""] = readStrings(body.subarray(4));
  const said = payload === "" ? "" : ` with "${payload}"`;
  return {
    type: "notice",
    severity: "INFO",
    message: `notification "${channel}"${said} from process ${body.readUInt32BE(0)}`,
  };
}
