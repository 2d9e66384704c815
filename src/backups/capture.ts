// Reads one database at one instant and writes its segments: what BACKUP does for each database it covers.
import type { DataKey } from "../crypto/data-key.ts";
import type { Engine, Snapshot, TableInfo } from "../engines/engine.ts";
import type { Event, Phase } from "../events.ts";
import type { DumpToc } from "../formats/dump-toc.ts";
import type { RowFormat } from "../formats/rows.ts";
import { TableTally } from "./table-tally.ts";
import { exportTables } from "../transfer/export.ts";
import { segmentKeysOf } from "../transfer/segment-id.ts";
import type { SealedSegment } from "../transfer/pack.ts";
import { releaseBytes } from "../std/bytes.ts";
import { InFlight } from "../std/in-flight.ts";
import { readDatabaseFacts, type DatabaseFacts } from "../engines/database-facts.ts";
import { readLargeObjectTables, type LargeObjectTables } from "../engines/large-objects.ts";
import { EVERYTHING, selectForBackup, type BackupSelection } from "./backup-selection.ts";
import type { WantedDatabase } from "./databases.ts";
import type { ManifestDatabase, ManifestLargeObjects, ManifestSegment, ManifestTable } from "./manifest.ts";
import type { BackupWriter } from "./writer.ts";

export interface Capture extends WantedDatabase {
  /** The form rows are kept in where a table's types allow it. */
  readonly rows: RowFormat;
  readonly key: DataKey | undefined;
  /** Connections and worker threads at the most. */
  readonly jobs: number;
  readonly writer: BackupWriter;
  readonly totals: BackupTotals;
  readonly jobId: string;
  readonly signal: AbortSignal;
}

/** What a backup has stored so far, over all its databases. */
export class BackupTotals {
  files = 0;
  rows = 0n;
  bytes = 0n;
  storedBytes = 0n;

  /** @param stored whether it became a file of its own: equal segments are kept once. */
  add(segment: SealedSegment, stored: boolean): void {
    this.rows += BigInt(segment.rows);
    this.bytes += BigInt(segment.bytes);
    if (!stored) return;
    this.files += 1;
    this.storedBytes += BigInt(segment.storedBytes);
  }

  /** rows, bytes, stored_bytes, files: as the result row has them. */
  cells(): readonly string[] {
    return [this.rows, this.bytes, this.storedBytes, this.files].map(String);
  }

  summary(): Readonly<Record<string, string | number>> {
    return { rows: String(this.rows), bytes: String(this.bytes), stored: String(this.storedBytes), files: this.files };
  }
}

/** Puts at once: enough to hide the store's latency, few enough that memory stays flat. */
const PUTS_AT_ONCE = 4;

/**
 * Captures one database. Returns what the manifest says of it.
 * @throws ShellError `engine/*` and `storage/*`, `backup/target` for a table that is not there.
 */
export async function* captureDatabase(engine: Engine, capture: Capture): AsyncGenerator<Event, ManifestDatabase> {
  await using stack = new AsyncDisposableStack();
  const isCurrent = engine.description.database === capture.name;
  const database = isCurrent ? engine : stack.use(await engine.openDatabase(capture.name));
  const snapshot = stack.use(await database.openSnapshot(capture.signal));
  using definitions = new Definitions(snapshot, capture.signal);
  // The whole database needs no selection: its definitions are read beside the rows, over a connection of their own.
  const isBeside = capture.patterns === undefined && snapshot.share !== undefined;
  const selection = isBeside ? EVERYTHING : await selectForBackup(await definitions.toc, capture.patterns, database);
  const tables = (await snapshot.tables())
    .filter((table) => selection.holdsRows(table))
    .map((table) => (capture.rows === "text" ? { ...table, rowFormat: "text" as const } : table));
  const facts = await readDatabaseFacts(database);
  const largeObjects = capture.patterns === undefined ? await readLargeObjectTables(snapshot) : undefined;
  const all = largeObjects === undefined ? tables : [...tables, largeObjects.objects, largeObjects.contents];
  const estimate = all.reduce((sum, table) => sum + table.estimatedBytes, 0);
  yield phase(capture, "export", { database: capture.name, tables: tables.length, est_bytes: estimate });
  try {
    const segments = yield* storeSegments(snapshot, all, { ...capture, signal: definitions.signal });
    return await describe(snapshot, { facts, toc: await definitions.toc, selection, tables, largeObjects, segments });
  } catch (thrown) {
    throw definitions.failure ?? thrown;
  }
}

/** Definitions being read. When that fails, `signal` stops the rows. */
class Definitions implements Disposable {
  readonly toc: Promise<DumpToc>;
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  failure: unknown;

  constructor(snapshot: Snapshot, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.toc = snapshot.dumpSchema(this.signal);
    this.toc.catch((thrown: unknown) => {
      this.failure = thrown;
      this.#stop.abort();
    });
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}

function phase(capture: Capture, name: Phase, facts: Readonly<Record<string, string | number>>): Event {
  return { type: "phase", jobId: capture.jobId, verb: "BACKUP", phase: name, facts };
}

interface PlacedSegment {
  readonly segment: ManifestSegment;
  /** Where in its table the segment stands: ranges in order, segments within a range in order. */
  readonly place: readonly [range: number, sequence: number];
}

/** Stores segments as they come, a few at once, and keeps what the manifest lists, by table. */
async function* storeSegments(
  snapshot: Snapshot,
  tables: readonly TableInfo[],
  capture: Capture,
): AsyncGenerator<Event, readonly (readonly ManifestSegment[])[]> {
  const placed: PlacedSegment[][] = tables.map(() => []);
  const puts = new InFlight(PUTS_AT_ONCE);
  const { totals, signal } = capture;
  const estimate = BigInt(tables.reduce((sum, table) => sum + table.estimatedBytes, 0));
  const base = totals.bytes;
  const tally = new TableTally();
  const { key, jobs } = capture;
  try {
    for await (const segment of exportTables(snapshot, tables, {
      jobs,
      signal,
      keys: key === undefined ? undefined : segmentKeysOf(key),
    })) {
      const table = tables[segment.table];
      const [name, estimated] = [`${table?.schema}.${table?.name}`, BigInt(table?.estimatedBytes ?? 0)];
      if (segment.type !== "segment") {
        tally.end(name, estimated);
        continue;
      }
      const { id, rows, bytes, storedBytes } = segment;
      placed[segment.table]?.push({
        segment: { id, layer: 0, rows, bytes, storedBytes },
        place: [segment.range, segment.sequence],
      });
      const { stored } = segment;
      // Large objects are no rows to whoever reads the result.
      const told = table?.query === undefined ? segment : { ...segment, rows: 0 };
      if (stored === undefined) totals.add(told, false);
      else {
        await puts.add(async () => {
          totals.add(told, await capture.writer.writeSegment(segment.id, stored, signal));
          releaseBytes(stored);
        });
      }
      tally.add(name, segment, estimated);
      yield {
        type: "progress",
        jobId: capture.jobId,
        verb: "BACKUP",
        phase: "export",
        done: { files: totals.files, rows: totals.rows, bytes: totals.bytes, storedBytes: totals.storedBytes },
        total: { bytes: base + estimate + tally.correction },
        active: tally.active,
      };
    }
  } finally {
    // Nothing may still be writing when the backup is taken back.
    await puts.drain();
  }
  return placed.map((segments) => segments.toSorted(byPlace).map(({ segment }) => segment));
}

function byPlace(a: PlacedSegment, b: PlacedSegment): number {
  return a.place[0] - b.place[0] || a.place[1] - b.place[1];
}

interface Described {
  readonly facts: DatabaseFacts;
  readonly toc: DumpToc;
  readonly selection: BackupSelection;
  readonly tables: readonly TableInfo[];
  readonly largeObjects: LargeObjectTables | undefined;
  /** Of the tables, then of the large objects. */
  readonly segments: readonly (readonly ManifestSegment[])[];
}

async function describe(snapshot: Snapshot, captured: Described): Promise<ManifestDatabase> {
  const { facts, toc, selection, tables, largeObjects, segments } = captured;
  return {
    ...facts,
    ...(selection.patterns === undefined ? {} : { selected: selection.patterns }),
    objects: toc.entries.filter((entry) => selection.holdsDefinition(entry)),
    tables: tables.map((table, index) => describeTable(table, segments[index] ?? [])),
    sequences: (await snapshot.sequences()).filter((sequence) => selection.holdsRows(sequence)),
    ...(largeObjects && { largeObjects: describeLargeObjects(largeObjects, segments.slice(tables.length)) }),
  };
}

function describeLargeObjects(
  { objects, contents }: LargeObjectTables,
  [ofObjects = [], ofContents = []]: readonly (readonly ManifestSegment[])[],
): ManifestLargeObjects {
  return { objects: describeTable(objects, ofObjects), contents: describeTable(contents, ofContents) };
}

function describeTable(table: TableInfo, segments: readonly ManifestSegment[]): ManifestTable {
  const sum = (pick: (segment: ManifestSegment) => number): string =>
    String(segments.reduce((total, segment) => total + BigInt(pick(segment)), 0n));
  return {
    schema: table.schema,
    name: table.name,
    oid: table.oid,
    columns: table.columns,
    rowFormat: table.rowFormat,
    rows: sum((segment) => segment.rows),
    bytes: sum((segment) => segment.bytes),
    segments,
  };
}
