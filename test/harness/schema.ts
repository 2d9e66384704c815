import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { DumpGraph } from "../../src/backups/dump-graph.ts";
import { ReadyQueue, type RestoreStep } from "../../src/backups/restore-order.ts";
import type { RestorePlan, RestoreTarget, StoredTable } from "../../src/backups/restore-plan.ts";
import type { SequenceValue } from "../../src/engines/engine.ts";
import { dumpSchemaToc } from "../../src/engines/pg-dump/dump-schema.ts";
import { openSocketTransport } from "../../src/engines/pg-dump/socket-transport.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { readTargetNames, type CatalogQuery } from "../../src/engines/restore-target.ts";
import type { DumpEntry, DumpToc } from "../../src/formats/dump-toc.ts";
import { ROOT } from "./root.ts";

/** A session that ends with the block. */
export interface Session extends AsyncDisposable {
  readonly query: CatalogQuery;
  run(sql: string): Promise<void>;
}

export async function connect(settings: PostgresSettings): Promise<Client> {
  const { tls: _, ...plain } = settings;
  const client = new Client(plain);
  // A test ends servers and sessions on purpose; the failing query tells.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

export async function openSession(settings: PostgresSettings): Promise<Session> {
  const client = await connect(settings);
  const types = { getTypeParser: () => (value: string) => value };
  return {
    query: async (sql) => (await client.query<(string | null)[]>({ text: sql, rowMode: "array", types })).rows,
    run: async (sql) => void (await client.query(sql)),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

export function dump(settings: PostgresSettings): Promise<DumpToc> {
  return dumpSchemaToc(() => openSocketTransport(() => connect(settings)), { database: settings.database });
}

async function loadFixture(session: Session, name: string, versionNumber?: number): Promise<void> {
  const [[number] = []] = await session.query("SELECT current_setting('server_version_num')");
  const version = versionNumber ?? Number(number);
  const folder = join(ROOT, "fixtures");
  await session.run(readFileSync(join(folder, `${name}.sql`), "utf8"));
  const additions = readdirSync(folder).map((file) => new RegExp(`^${name}-(\\d+)\\.sql$`).exec(file)?.[1] ?? "");
  for (const major of additions
    .filter((text) => text !== "")
    .map(Number)
    .sort((a, b) => a - b)) {
    if (version < major * 10_000) continue;
    await session.run(readFileSync(join(folder, `${name}-${major}.sql`), "utf8"));
  }
}

/** One of every kind of object, up to what the server's version has, or another one that is named. */
export function loadEveryObject(session: Session, versionNumber?: number): Promise<void> {
  return loadFixture(session, "every-object", versionNumber);
}

/** Values of every built-in type, up to what that version has, in the schema `kinds_of_values`. */
export function loadEveryType(session: Session, versionNumber?: number): Promise<void> {
  return loadFixture(session, "every-type", versionNumber);
}

/** Entries without what differs between two databases: ids, the database's own name, the order. */
export function normalised(toc: DumpToc): readonly string[] {
  const graph = new DumpGraph(toc.entries);
  const name = (entry: DumpEntry): string => `${entry.type} ${entry.schema} ${entry.tag}`;
  const lines = graph.entries.map((entry) => {
    const { dumpId: _id, oid: _oid, dependencies: _ids, ...said } = entry;
    return JSON.stringify({ ...said, needs: [...new Set(graph.dependenciesOf(entry).map(name))].sort() });
  });
  return lines.sort();
}

export async function readTarget(settings: PostgresSettings): Promise<RestoreTarget> {
  await using session = await openSession(settings);
  return { ...(await readTargetNames(session.query)), entries: (await dump(settings)).entries };
}

export async function readTables(session: Session): Promise<readonly StoredTable[]> {
  const rows = await session.query(`SELECT n.nspname, c.relname,
      (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1, 2`);
  return rows.map(([schema, table, columns]) => ({
    schema: schema ?? "",
    name: table ?? "",
    columns: JSON.parse(columns ?? "[]") as readonly string[],
  }));
}

export async function readSequences(session: Session): Promise<readonly SequenceValue[]> {
  const rows =
    await session.query(`SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' ORDER BY 1, 2`);
  const values: SequenceValue[] = [];
  for (const [schema, name] of rows) {
    const quoted = `"${schema?.replaceAll('"', '""')}"."${name?.replaceAll('"', '""')}"`;
    const [[lastValue, isCalled] = []] = await session.query(`SELECT last_value, is_called FROM ${quoted}`);
    values.push({ schema: schema ?? "", name: name ?? "", lastValue: lastValue ?? "", isCalled: isCalled === "t" });
  }
  return values;
}

async function inTransaction(session: Session, statements: readonly string[]): Promise<void> {
  await session.run("BEGIN");
  for (const statement of statements) {
    try {
      await session.run(statement);
    } catch (cause) {
      throw new Error(`${String(cause)}: ${statement}`, { cause });
    }
  }
  await session.run("COMMIT");
}

/** Runs a plan without its rows; `started` collects the steps for an undo. */
export async function applyPlan(
  session: Session,
  plan: RestorePlan<StoredTable>,
  started: RestoreStep[] = [],
): Promise<void> {
  for (const statement of plan.session) await session.run(statement);
  // All in one transaction, so that a step that changes more than its own would show.
  started.push(...plan.preData);
  await inTransaction(
    session,
    plan.preData.flatMap(({ statements }) => statements),
  );
  await inTransaction(session, plan.sequences);
  const queue = new ReadyQueue(plan.postData);
  for (let step = queue.next(); step !== undefined; step = queue.next()) {
    started.push(step);
    await inTransaction(session, step.statements);
    queue.done(step);
  }
  if (!queue.isDone) throw new Error("the queue stopped before its end");
  for (const last of [plan.access, plan.refresh, plan.finish]) await inTransaction(session, last);
}

/** Runs what follows the rows on several sessions, each taking the next step that is ready. */
export async function runParallel(sessions: readonly Session[], plan: RestorePlan<StoredTable>): Promise<void> {
  for (const session of sessions) for (const statement of plan.session) await session.run(statement);
  const queue = new ReadyQueue(plan.postData);
  const idle = [...sessions];
  const running = new Set<Promise<void>>();
  while (!queue.isDone) {
    const session = idle.pop();
    const step = session === undefined ? undefined : queue.next();
    if (session === undefined || step === undefined) {
      if (session !== undefined) idle.push(session);
      await Promise.race(running);
      continue;
    }
    const work = inTransaction(session, step.statements).then(() => {
      queue.done(step);
      idle.push(session);
      running.delete(work);
    });
    running.add(work);
  }
  await Promise.all(running);
}

export async function undo(
  session: Session,
  plan: RestorePlan<StoredTable>,
  started: readonly RestoreStep[],
): Promise<void> {
  await session.run("ROLLBACK");
  for (const statement of plan.session) await session.run(statement);
  for (const step of started.toReversed()) for (const statement of step.undo) await session.run(statement);
}
