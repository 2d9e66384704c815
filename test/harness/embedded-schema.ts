import { PGlite } from "@electric-sql/pglite";
import { dumpSchemaToc } from "../../src/engines/pg-dump/dump-schema.ts";
import { openSessionTransport } from "../../src/engines/pg-dump/session-transport.ts";
import { PARAMETERS_QUERY } from "../../src/engines/pg-dump/socket-transport.ts";
import type { DumpToc } from "../../src/formats/dump-toc.ts";
import type { Session } from "./schema.ts";

/** A database in this process's memory, with what the tests of schemas ask of a session. */
export interface EmbeddedSession extends Session {
  dump(): Promise<DumpToc>;
}

function textOf(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

export async function openEmbeddedSession(): Promise<EmbeddedSession> {
  const database = await PGlite.create();
  const query: Session["query"] = async (sql) => {
    const { rows } = await database.query<readonly unknown[]>(sql, [], { rowMode: "array" });
    return rows.map((row) => row.map(textOf));
  };
  const execute = async (sql: string): Promise<void> => void (await database.exec(sql));
  const dump = async (): Promise<DumpToc> => {
    const parameters = new Map((await query(PARAMETERS_QUERY)).map(([name, value]) => [name ?? "", value ?? ""]));
    const exchange = (messages: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<void> =>
      database.execProtocolRawStream(messages, { onRawData: onData });
    await execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    const toc = await dumpSchemaToc(() => openSessionTransport({ parameters, exchange, execute }), {
      database: "postgres",
    });
    await execute("COMMIT");
    return toc;
  };
  return { query, run: execute, dump, [Symbol.asyncDispose]: () => database.close() };
}
