import { asShellError, ShellError } from "../errors.ts";
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

/** Reads and authenticates every file of a table and counts its rows; goes on after a damaged one. Throws what is no damage. */
export async function checkTable(
  reader: SegmentReader,
  table: ManifestTable,
  signal: AbortSignal,
): Promise<CheckedTable> {
  const failures: ShellError[] = [];
  let rows = 0n;
  let bytes = 0n;
  let storedBytes = 0n;
  for (const segment of table.segments) {
    signal.throwIfAborted();
    try {
      const stored = await reader.readStored(segment, signal);
      bytes += BigInt((await reader.check(segment, stored, table.rowFormat)).length);
      storedBytes += BigInt(stored.length);
      rows += BigInt(segment.rows);
    } catch (thrown) {
      const error = asShellError(thrown);
      if (!error.code.startsWith("integrity/")) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0 && String(rows) !== table.rows) {
    const message = `${table.schema}.${table.name} has ${rows} rows in its files, the manifest says ${table.rows}`;
    failures.push(new ShellError("integrity/rows", message));
  }
  return { rows, bytes, storedBytes, failures };
}

/** All damage as one error. */
export function damage(failures: readonly ShellError[], label: string): ShellError | undefined {
  const [first, second] = failures;
  if (first === undefined || second === undefined) return first?.with({ note: `the rest of ${label} is intact` });
  return new ShellError(first.code, `${failures.length} files of ${label} are damaged`, {
    detail: failures.slice(0, 20).map((failure) => failure.message),
    hint: "bring them back from a copy of the collection or from the store's object versions",
    note: "the tables marked ok are intact",
  });
}
