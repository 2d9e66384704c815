// Redshift's pg_last_copy_count() and pg_last_unload_count(), for databases that have no such functions: the session
// answers a SELECT of exactly one of them itself. Source: Redshift documentation, "PG_LAST_COPY_COUNT function".
import type { Events } from "./events.ts";

const CALL = /^\s*select\s+(?:pg_catalog\s*\.\s*)?pg_last_(copy|unload)_count\s*\(\s*\)\s*;?\s*$/i;

/** How many rows the session's last COPY and UNLOAD moved; 0 before the first, and after one that failed. */
export class LastCounts {
  readonly #rows = { copy: "0", unload: "0" };

  /** The statement's own events; its count is kept. */
  async *keep(kind: string, events: Events): Events {
    if (kind !== "copy" && kind !== "unload") return yield* events;
    this.#rows[kind] = "0";
    for await (const event of events) {
      if (event.type === "finished") this.#rows[kind] = String(event.summary?.["rows"] ?? 0);
      yield event;
    }
  }

  /** The answer to a text that asks for one of the counts and for nothing else. */
  answer(text: string): Events | undefined {
    const kind = CALL.exec(text)?.[1]?.toLowerCase();
    return kind === "copy" || kind === "unload" ? this.#tell(kind) : undefined;
  }

  async *#tell(kind: "copy" | "unload"): Events {
    yield { type: "started", statement: `SELECT pg_last_${kind}_count()`, verb: "SELECT", ours: true };
    yield { type: "columns", columns: [{ name: `pg_last_${kind}_count`, kind: "number" }] };
    yield { type: "rows", rows: [[this.#rows[kind]]] };
    yield { type: "finished", tag: "SELECT 1", elapsedMs: 0 };
  }
}
