import type { Row } from "../events.ts";

/**
 * Rows that are kept for a while. As bytes outside of V8's heap: many small strings that live for a while are copied by
 * every collection, and the heap grows to several times their size.
 */
export class PackedRows {
  readonly count: number;
  /** Of all values. */
  readonly characters: number;
  readonly #bytes: Buffer;

  constructor(rows: readonly Row[]) {
    this.count = rows.length;
    let characters = 0;
    for (const row of rows) for (const value of row) characters += value?.length ?? 0;
    this.characters = characters;
    this.#bytes = Buffer.from(JSON.stringify(rows));
  }

  get rows(): readonly Row[] {
    return JSON.parse(this.#bytes.toString()) as readonly Row[];
  }
}
