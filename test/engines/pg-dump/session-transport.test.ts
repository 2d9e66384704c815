import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { dumpSchemaToc } from "../../../src/engines/pg-dump/dump-schema.ts";
import {
  openSessionTransport,
  PREPARED_STATEMENTS,
  type SharedSession,
} from "../../../src/engines/pg-dump/session-transport.ts";
import { PARAMETERS_QUERY } from "../../../src/engines/pg-dump/socket-transport.ts";
import { loadPgDumpFactory } from "../../../src/engines/pg-dump/wasm-module.ts";

let database: PGlite;
before(async () => {
  database = await PGlite.create();
});
after(() => database.close());

async function sharedSession(): Promise<SharedSession> {
  const { rows } = await database.query<readonly [string, string]>(PARAMETERS_QUERY, [], { rowMode: "array" });
  return {
    parameters: new Map(rows),
    exchange: (messages, onData) => database.execProtocolRawStream(messages, { onRawData: onData }),
    execute: async (sql) => void (await database.exec(sql)),
  };
}

async function answer(sql: string): Promise<unknown> {
  const { rows } = await database.query<readonly unknown[]>(sql, [], { rowMode: "array" });
  return rows;
}

describe("pg_dump over a database's only session", () => {
  test("reads the open transaction's snapshot and leaves the session as it was", async () => {
    await database.exec(`CREATE TABLE public.kept (id serial PRIMARY KEY);
      CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
      SET search_path = public; SET DateStyle = 'German'; PREPARE mine AS SELECT 1`);
    await database.exec("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    const session = await sharedSession();
    const toc = await dumpSchemaToc(() => openSessionTransport(session), { database: "postgres" });
    assert.ok(toc.entries.some(({ type, tag }) => type === "TABLE" && tag === "kept"));
    assert.ok(toc.entries.some(({ type, tag }) => type === "FUNCTION" && tag === "f()"));
    assert.deepEqual(await answer("SHOW search_path"), [["public"]]);
    assert.deepEqual(await answer("SHOW DateStyle"), [["German, DMY"]]);
    assert.deepEqual(await answer("SELECT name FROM pg_prepared_statements WHERE from_sql"), [["mine"]]);
    assert.deepEqual(await answer("SHOW transaction_read_only"), [["on"]]);
    await database.exec("COMMIT");
  });

  test("a session that fails ends the dump, not the process", async () => {
    const session = { ...(await sharedSession()), exchange: () => Promise.reject(new Error("gone")) };
    await database.exec("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    await assert.rejects(
      dumpSchemaToc(() => openSessionTransport(session), { database: "postgres" }),
      {
        code: "engine/lost",
      },
    );
    await database.exec("COMMIT");
  });
});

describe("the installed package", () => {
  test("has a factory where it is looked for", async () => {
    assert.equal(typeof (await loadPgDumpFactory()), "function");
  });

  test("prepares the statements that are dropped by name", () => {
    const wasm = fileURLToPath(new URL("pg_dump.wasm", import.meta.resolve("@electric-sql/pglite-tools/pg_dump")));
    const text = readFileSync(wasm, "latin1");
    const names = [...text.matchAll(/PREPARE (\w+)\(/g)].map(([, name]) => name ?? "");
    assert.deepEqual([...new Set(names)].sort(), PREPARED_STATEMENTS.toSorted());
  });
});
