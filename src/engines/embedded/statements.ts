import { ShellError } from "../../errors.ts";
import type { Event, Row } from "../../events.ts";
import type { QueryOptions } from "../engine.ts";
import { columnOf } from "./column-kinds.ts";
import { serverNotice } from "./report.ts";
import type { Message, Session } from "./session.ts";

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
  throw signal?.aborted === true ? new ShellError("job/interrupted", "interrupted", { cause: failure }) : failure;
}

/** Messages as events; neighbouring rows and neighbouring COPY data become one event. */
function* gatherEvents(messages: readonly Message[]): Generator<Event> {
  let rows: Row[] = [];
  let bytes: Uint8Array[] = [];
  for (const message of messages) {
    if (rows.length > 0 && message.type !== "row") {
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
      yield serverNotice(message.fields);
      break;
    case "notification": {
      const said = message.payload === "" ? "" : ` with "${message.payload}"`;
      yield { type: "notice", severity: "INFO", message: `notification "${message.channel}"${said}` };
      break;
    }
    case "error":
      yield { type: "failed", error: message.error };
      break;
    case "block":
      break;
  }
}
