// Large objects of a backup: looked through before anything is changed, then made, filled, and given their owners and
// rights, in this order, so that whoever restores may write them. Memory holds a segment per connection, and of each
// object no more than its id in the undo list, where neighbours are one range.
import type { Engine } from "../engines/engine.ts";
import {
  createLargeObjects,
  DEFAULT_GRANTEES_QUERY,
  describeLargeObject,
  ANY_LARGE_OBJECT_QUERY,
  TAKEN_OIDS_QUERY,
  unlinkLargeObjects,
  writeLargeObjects,
  type LargeObjectTarget,
} from "../engines/large-object-statements.ts";
import {
  largeObjectChunkOf,
  largeObjectOf,
  type LargeObject,
  type LargeObjectChunk,
} from "../engines/large-objects.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import { binaryFields } from "../formats/binary-fields.ts";
import { releaseBytes } from "../std/bytes.ts";
import type { ManifestLargeObjects, ManifestSegment, ManifestTable } from "./manifest.ts";
import { runTransaction, type UndoLog } from "./restore-transaction.ts";
import type { SegmentReader } from "./segments.ts";

/** Every owner, comment and unlink locks its object until the end of the transaction; the server's lock table is small. */
const OBJECTS_PER_TRANSACTION = 200;
/** Chunks sent with one statement. */
const WRITE_BYTES = 1024 * 1024;
const CONFLICTS_SHOWN = 10;

export interface LargeObjectsSource {
  readonly largeObjects: ManifestLargeObjects | undefined;
  readonly reader: SegmentReader;
  readonly signal: AbortSignal;
}

export interface LargeObjectsRun extends LargeObjectsSource {
  readonly jobId: string;
}

/**
 * Reads what the backup says of its large objects, changing nothing. Returns what the user should know.
 * @param target `engine` is connected to it; undefined when it is not there yet.
 * @throws ShellError `restore/conflict` when ids are taken, `integrity/*` when the list is damaged.
 */
export async function planLargeObjects(
  source: LargeObjectsSource,
  target: { readonly engine: Engine | undefined; readonly roles: ReadonlySet<string> },
): Promise<readonly string[]> {
  const { engine, roles } = target;
  const [[isAnyThere] = []] = (await engine?.rows(ANY_LARGE_OBJECT_QUERY)) ?? [];
  const taken: string[] = [];
  const owners = new Map<string, number>();
  const grantees = new Map<string, number>();
  for await (const batch of batches(source)) {
    for (const object of batch) {
      if (!roles.has(object.owner)) count(owners, object.owner);
      for (const role of missingGrantees(object, roles)) count(grantees, role);
    }
    if (engine === undefined || isAnyThere !== "t") continue;
    const found = await engine.rows(TAKEN_OIDS_QUERY, [`{${batch.map(({ oid }) => oid).join(",")}}`]);
    taken.push(...found.map(([oid]) => `LARGE OBJECT ${oid}`));
  }
  if (taken.length > 0) throw conflictError(taken);
  const objects = (many: number): string => (many === 1 ? "1 large object" : `${many} large objects`);
  return [
    ...[...owners].map(
      ([role, many]) => `role ${role} does not exist here: ${objects(many)} of its go to the restoring user`,
    ),
    ...[...grantees].map(
      ([role, many]) => `role ${role} does not exist here: its rights on ${objects(many)} are left out`,
    ),
  ];
}

function count(counts: Map<string, number>, role: string): void {
  counts.set(role, (counts.get(role) ?? 0) + 1);
}

function missingGrantees({ grants = [], owner }: LargeObject, roles: ReadonlySet<string>): ReadonlySet<string> {
  const named = grants.map(({ grantee }) => grantee);
  return new Set(named.filter((role) => role !== "" && role !== owner && !roles.has(role)));
}

function conflictError(taken: readonly string[]): ShellError {
  const shown = taken.slice(0, CONFLICTS_SHOWN);
  const more = taken.length - shown.length;
  return new ShellError("restore/conflict", "the database has large objects of these ids already", {
    detail: more > 0 ? [...shown, `and ${more} more`] : shown,
    hint: "restore into another database (WITH new_db_name), or lo_unlink what is there",
    note: "nothing was changed",
  });
}

/** The objects of the list, some at a time. */
async function* batches({ largeObjects, reader, signal }: LargeObjectsSource): AsyncGenerator<readonly LargeObject[]> {
  const list = largeObjects?.objects;
  for (const segment of list?.segments ?? []) {
    const rows = await readRows(reader, list, segment, signal);
    let batch: LargeObject[] = [];
    for (const fields of binaryFields(rows)) {
      batch.push(largeObjectOf(fields));
      if (batch.length < OBJECTS_PER_TRANSACTION) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
    releaseBytes(rows);
  }
}

async function readRows(
  reader: SegmentReader,
  table: ManifestTable | undefined,
  segment: ManifestSegment,
  signal: AbortSignal,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const stored = await reader.readStored(segment, signal);
  return reader.check(segment, stored, table?.rowFormat ?? "binary");
}

/**
 * Makes the objects over connections to the target.
 * @param undo takes the statements that unlink them, before they are made.
 */
export async function* restoreLargeObjects(
  connections: readonly Engine[],
  run: LargeObjectsRun,
  undo: UndoLog,
): AsyncGenerator<Event> {
  const [main] = connections;
  const { largeObjects, signal } = run;
  if (largeObjects === undefined || main === undefined) return;
  for await (const batch of batches(run)) {
    signal.throwIfAborted();
    await create(
      main,
      batch.map(({ oid }) => oid),
      undo,
    );
  }
  yield* fill(connections, run, largeObjects.contents);
  const target = await readTarget(main);
  for await (const batch of batches(run)) {
    const statements = batch.flatMap((object) => describeLargeObject(object, target));
    if (statements.length === 0) continue;
    await runTransaction(main, [{ title: "large objects", statements: [statements.join(";\n")], undo: [] }]);
  }
}

async function create(engine: Engine, oids: readonly number[], undo: UndoLog): Promise<void> {
  undo.push([unlinkLargeObjects(oids)]);
  try {
    await runTransaction(engine, [{ title: "large objects", statements: [createLargeObjects(oids)], undo: [] }]);
  } catch (thrown) {
    // The server made none of them: one that is there is somebody else's.
    if (asShellError(thrown).code === "engine/failed") undo.pop();
    throw thrown;
  }
}

async function readTarget(engine: Engine): Promise<LargeObjectTarget> {
  const [[user] = []] = await engine.rows("SELECT CURRENT_USER");
  const roles = await engine.rows("SELECT rolname FROM pg_catalog.pg_roles");
  const inheriting = await engine.rows(DEFAULT_GRANTEES_QUERY);
  return {
    user: user ?? "",
    roles: new Set(roles.map(([role]) => role ?? "")),
    inheriting: inheriting.map(([role]) => role ?? ""),
  };
}

/** Chunks lie in no order that matters: every connection takes the next segment. */
async function* fill(
  connections: readonly Engine[],
  run: LargeObjectsRun,
  contents: ManifestTable,
): AsyncGenerator<Event> {
  const waiting = [...contents.segments];
  const total = { bytes: BigInt(contents.bytes) };
  let [files, bytes] = [0, 0n];
  const idle = [...connections];
  const running = new Map<ManifestSegment, Promise<ManifestSegment>>();
  try {
    while (waiting.length > 0 || running.size > 0) {
      for (let engine = idle.pop(); engine !== undefined; engine = idle.pop()) {
        const segment = waiting.shift();
        if (segment === undefined) break;
        const connection = engine;
        const filling = fillSegment(connection, run, contents, segment).then(() => {
          idle.push(connection);
          return segment;
        });
        // A failure is told when its turn comes.
        filling.catch(() => undefined);
        running.set(segment, filling);
      }
      const done = await Promise.race(running.values());
      running.delete(done);
      files += 1;
      bytes += BigInt(done.bytes);
      yield {
        type: "progress",
        jobId: run.jobId,
        verb: "RESTORE",
        phase: "load",
        done: { files, bytes },
        total,
        active: [{ kind: "table", name: "large objects", done: { bytes }, total }],
      };
    }
  } finally {
    // Nothing may still be writing when the restore is taken back.
    await Promise.allSettled(running.values());
  }
}

async function fillSegment(
  engine: Engine,
  { reader, signal }: LargeObjectsSource,
  contents: ManifestTable,
  segment: ManifestSegment,
): Promise<void> {
  const rows = await readRows(reader, contents, segment, signal);
  await engine.rows("BEGIN");
  try {
    for (const chunks of pieces(rows)) {
      signal.throwIfAborted();
      const { sql, parameters } = writeLargeObjects(chunks);
      await engine.rows(sql, parameters);
    }
    await engine.rows("COMMIT");
  } catch (thrown) {
    await engine.rows("ROLLBACK").catch(() => undefined);
    const error = asShellError(thrown);
    throw error.with({ detail: [...error.detail, "while restoring the contents of large objects"] });
  }
  releaseBytes(rows);
}

function* pieces(rows: Uint8Array): Generator<readonly LargeObjectChunk[]> {
  let piece: LargeObjectChunk[] = [];
  let bytes = 0;
  for (const fields of binaryFields(rows)) {
    const chunk = largeObjectChunkOf(fields);
    piece.push(chunk);
    bytes += chunk.data.length;
    if (bytes < WRITE_BYTES) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  if (piece.length > 0) yield piece;
}
