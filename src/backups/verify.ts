import { ShellError } from "../errors.ts";
import { checkSegments, type CheckTask, type SegmentChecked } from "../transfer/check.ts";
import type { ManifestTable } from "./manifest.ts";
import type { SegmentReader } from "./segments.ts";

/** What reading one table's files found. */
export interface CheckedTable {
  readonly rows: bigint;
  readonly bytes: bigint;
  readonly storedBytes: bigint;
  /** One `integrity/*` error per damaged file; empty when the table is intact. */
  readonly failures: readonly ShellError[];
}

/** A file was read. */
export interface CheckedFile {
  readonly type: "file";
  /** Its table's place among the tables asked for. */
  readonly index: number;
  readonly rows: number;
  /** That it should have, damaged or not. */
  readonly bytesStated: number;
  readonly storedBytes: number;
}

/** All files of a table were read. */
export interface TableResult {
  readonly type: "table";
  /** Its place among the tables asked for. */
  readonly index: number;
  readonly checked: CheckedTable;
}

export interface CheckRun {
  readonly reader: SegmentReader;
  /** Worker threads. */
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/**
 * Reads and authenticates every file of these tables and counts their rows; goes on after a damaged one. Tables are told
 * in their order, whichever is done first. Throws what is no damage.
 */
export async function* checkTables(
  tables: readonly ManifestTable[],
  { reader, jobs, signal }: CheckRun,
): AsyncGenerator<CheckedFile | TableResult> {
  const tallies = tables.map((table) => new Tally(table));
  let told = 0;
  const complete = function* (): Generator<TableResult> {
    for (let next = tallies[told]; next?.isComplete === true; next = tallies[told]) {
      yield { type: "table", index: told, checked: next.result() };
      told += 1;
    }
  };
  const segments = new Map(tables.flatMap((table) => table.segments.map((segment) => [segment.id, segment])));
  const read = async (id: string): Promise<Uint8Array> =>
    reader.readStored({ id, storedBytes: segments.get(id)?.storedBytes ?? 0 }, signal);
  const tasks = tables.flatMap(({ rowFormat, segments: own }, table) =>
    own.map((segment): CheckTask => ({ table, segment, rowFormat, label: reader.label(segment.id) })),
  );
  const { keys } = reader;
  yield* complete();
  for await (const checked of checkSegments(tasks, { jobs, read, signal, keys })) {
    const tally = tallies[checked.table];
    if (tally === undefined) continue;
    tally.add(checked);
    const { table: index, rows, bytesStated, storedBytes } = checked;
    yield { type: "file", index, rows, bytesStated, storedBytes };
    yield* complete();
  }
}

class Tally {
  readonly table: ManifestTable;
  readonly #failures: ShellError[] = [];
  #files = 0;
  #rows = 0n;
  #bytes = 0n;
  #storedBytes = 0n;

  constructor(table: ManifestTable) {
    this.table = table;
  }

  get isComplete(): boolean {
    return this.#files === this.table.segments.length;
  }

  add({ rows, bytes, storedBytes, failure }: SegmentChecked): void {
    this.#files += 1;
    this.#rows += BigInt(rows);
    this.#bytes += BigInt(bytes);
    this.#storedBytes += BigInt(storedBytes);
    if (failure !== undefined) this.#failures.push(failure);
  }

  result(): CheckedTable {
    const { schema, name, rows } = this.table;
    const failures = [...this.#failures];
    if (failures.length === 0 && String(this.#rows) !== rows) {
      const message = `${schema}.${name} has ${this.#rows} rows in its files, the manifest says ${rows}`;
      failures.push(new ShellError("integrity/rows", message));
    }
    return { rows: this.#rows, bytes: this.#bytes, storedBytes: this.#storedBytes, failures };
  }
}

const BRING_BACK = "bring back what is damaged from a copy of the collection or from the store's object versions";

/** All damage as one error. */
export function damage(failures: readonly ShellError[], label: string): ShellError | undefined {
  const [first, second] = failures;
  if (first === undefined || second === undefined)
    return first?.with({ hint: BRING_BACK, note: `the rest of ${label} is intact` });
  return new ShellError(first.code, `${failures.length} files of ${label} are damaged`, {
    detail: failures.slice(0, 20).map((failure) => failure.message),
    hint: BRING_BACK,
    note: "the tables marked ok are intact",
  });
}
