import type { ShellError } from "../../errors.ts";
import type { Event, Row } from "../../events.ts";
import type { QueryOptions } from "../engine.ts";
import { columnOf } from "../postgres/column-kinds.ts";
import { interrupted } from "../postgres/errors.ts";
import type { Message, Session } from "./session.ts";

/** Rows of one event. */
const BATCH_ROWS = 1000;

/** `Engine.run` over the one session. */
export async function* runStatements(session: Session, sql: string, options: QueryOptions): AsyncGenerator<Event> {
  const { copySource, signal } = options;
  let failure: ShellError | undefined;
  let startedAt = performance.now();
  for await (const messages of session.messages({ sql, copySource, signal })) {
    for (const event of gatherEvents(messages)) {
      if (event.type === "failed") {
        failure ??= event.error;
      } else if (event.type === "finished") {
        const now = performance.now();
        yield { ...event, elapsedMs: now - startedAt };
        startedAt = now;
      } else {
        yield event;
      }
    }
  }
  if (failure === undefined) return;
  throw signal?.aborted === true ? interrupted(signal.reason) : failure;
}

/** Messages as events; neighbouring rows and neighbouring COPY data become one event. */
function* gatherEvents(messages: readonly Message[]): Generator<Event> {
  let rows: Row[] = [];
  let bytes: Uint8Array[] = [];
  for (const message of messages) {
    if (rows.length > 0 && (message.type !== "row" || rows.length === BATCH_ROWS)) {
      yield { type: "rows", rows };
      rows = [];
    }
    if (bytes.length > 0 && message.type !== "copy-data") {
      yield { type: "copy-data", bytes: Buffer.concat(bytes) };
      bytes = [];
    }
    if (message.type === "row") rows.push(message.values);
    else if (message.type === "copy-data") bytes.push(message.bytes);
    else yield* eventsOf(message);
  }
  if (rows.length > 0) yield { type: "rows", rows };
  if (bytes.length > 0) yield { type: "copy-data", bytes: Buffer.concat(bytes) };
}

function* eventsOf(message: Exclude<Message, { type: "row" | "copy-data" }>): Generator<Event> {
  switch (message.type) {
    case "columns":
      yield { type: "columns", columns: message.fields.map(columnOf) };
      break;
    case "tag":
      yield { type: "finished", tag: message.tag, elapsedMs: 0 };
      break;
    case "notice":
      yield noticeOf(message.fields);
      break;
    case "notification": {
      const [channel = "", payload = ""] = message.strings;
      const said = payload === "" ? "" : ` with "${payload}"`;
      yield { type: "notice", severity: "INFO", message: `notification "${channel}"${said}` };
      break;
    }
    case "error":
      yield { type: "failed", error: message.error };
      break;
    case "block":
      break;
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
