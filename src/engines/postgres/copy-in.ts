import { ShellError } from "../../errors.ts";
import { BINARY_HEADER, BINARY_TRAILER } from "../../formats/rows.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type { CopyInTarget } from "../engine.ts";
import { columnList, quoteTable } from "../sql.ts";
import { sendCopyData } from "./copy-data.ts";
import { throwIfAborted } from "./errors.ts";
import { COPY_DONE, queryMessage, readStrings } from "./messages.ts";
import type { PostgresSession } from "./session.ts";

/** How COPY text is written by `Snapshot.copyOut`, so that it is read the same whatever the session's settings. */
const TEXT_SETTINGS = ["datestyle = 'ISO, MDY'", "intervalstyle = postgres", "xmloption = content"];

function statementsFor(session: PostgresSession, target: CopyInTarget): string {
  const encoding = session.parameter("server_encoding") === "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
  const settings = [...TEXT_SETTINGS, `client_encoding = ${encoding}`, "statement_timeout = 0"];
  const table = quoteTable(target);
  const freeze = target.freeze ? ", FREEZE" : "";
  return [
    "BEGIN",
    ...settings.map((setting) => `SET LOCAL ${setting}`),
    ...(target.freeze ? [`TRUNCATE ONLY ${table}`] : []),
    `COPY ${table}${columnList(target.columns)} FROM STDIN (FORMAT ${target.rowFormat}${freeze})`,
  ].join("; ");
}

async function* withEnvelope(target: CopyInTarget, pieces: ByteStream): ByteStream {
  if (target.rowFormat === "binary") yield BINARY_HEADER;
  yield* pieces;
  if (target.rowFormat === "binary") yield BINARY_TRAILER;
}

/** `Engine.copyIn` over one session, which must be outside a transaction. */
export async function copyIn(
  session: PostgresSession,
  target: CopyInTarget,
  pieces: ByteStream,
  signal?: AbortSignal,
): Promise<bigint> {
  if (session.transaction !== "idle") {
    throw new ShellError("statement/transaction", "rows are loaded in a transaction of their own, but one is open", {
      hint: "COMMIT or ROLLBACK first",
    });
  }
  throwIfAborted(signal);
  try {
    const rows = await load(session, target, pieces, signal);
    throwIfAborted(signal);
    await session.execute("COMMIT");
    return rows;
  } catch (thrown) {
    // A lost connection rolls back by itself.
    if (session.usable) await session.execute("ROLLBACK").catch(() => undefined);
    throw thrown;
  }
}

async function load(
  session: PostgresSession,
  target: CopyInTarget,
  pieces: ByteStream,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  let rows = 0n;
  await using exchange = session.begin(
    queryMessage(statementsFor(session, target)),
    signal === undefined ? {} : { signal },
  );
  for (;;) {
    const message = exchange.next();
    if (message?.type === "G") {
      await sendCopyData(exchange, withEnvelope(target, pieces), signal);
      if (exchange.copyingIn) exchange.send(COPY_DONE);
    } else if (message?.type === "C") {
      rows = BigInt(/^COPY (\d+)/.exec(readStrings(message.body)[0] ?? "")?.[1] ?? 0);
    } else if (message === undefined) {
      if (exchange.finished) break;
      await exchange.more();
    }
  }
  exchange.throwError();
  return rows;
}
