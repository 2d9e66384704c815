import assert from "node:assert/strict";
import type { CopyInTarget, Snapshot, TableInfo } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import type { RowBlock, RowFormat } from "../../src/formats/rows.ts";

export async function collect(events: AsyncIterable<Event>): Promise<readonly Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function rowsOf(events: readonly Event[]): readonly (readonly (string | null)[])[] {
  return events.flatMap((event) => (event.type === "rows" ? event.rows : []));
}

export function typesOf(events: readonly Event[]): readonly string[] {
  return events.map((event) => event.type);
}

export async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  const thrown: unknown = await work.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError, `not a ShellError: ${String(thrown)}`);
  return thrown;
}

/** Every row of every block, copied, checking that ends are in order and end at the block's end. */
export async function rowsOfBlocks(blocks: AsyncIterable<RowBlock>): Promise<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  for await (const block of blocks) {
    let start = 0;
    for (const end of block.ends.subarray(0, block.rows)) {
      assert.ok(end >= start && end <= block.bytes.length);
      rows.push(block.bytes.slice(start, end));
      start = end;
    }
  }
  return rows;
}

export async function tableOf(snapshot: Snapshot, name: string): Promise<TableInfo> {
  const found = (await snapshot.tables()).find((table) => table.name === name);
  assert.ok(found !== undefined, `no table ${name}`);
  return found;
}

export function targetOf(name: string, table: TableInfo, rowFormat: RowFormat): CopyInTarget {
  return { schema: "public", name, columns: table.columns, rowFormat, freeze: false };
}
