// The query's rows as batches, dealt out to folders and to series of files. What comes after treats each batch by
// itself.
import { decodeField, fieldEnd, isNullAt, LF, TAB, unpaddedEnd } from "../formats/copy-text.ts";
import type { RowBlock } from "../formats/rows.ts";
import { kindOf, type SourceColumn } from "../formats/source-column.ts";
import { textOf } from "../std/bytes.ts";
import { partitionFolder } from "./names.ts";

/** Where rows go, and how many they are. */
export interface BatchPlace {
  /** Of the partition, with its slash; empty without one. */
  readonly folder: string;
  readonly slice: number;
  readonly rows: number;
  /** As COPY sent them. */
  readonly sourceBytes: number;
}

/** Rows in COPY's text form, for one series of files; `ends[i]` is just past row i and its line feed. */
export interface RowBatch extends BatchPlace {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

export interface DealOptions {
  /** How many series of files a folder has. */
  readonly slices: number;
  /** The last fields of every row, which name its folder and are no part of its record; rows come sorted by them. */
  readonly keys: readonly SourceColumn[];
  /** A batch is handed on when it holds this much. */
  readonly batchBytes: number;
}

/** The batches are nobody else's: their memory can be given away. */
export async function* dealRows(rows: AsyncIterable<RowBlock>, options: DealOptions): AsyncGenerator<RowBatch> {
  const dealer = new Dealer(options);
  for await (const block of rows) yield* dealer.take(block);
  yield* dealer.flush();
}

const ENDS_MIN = 4096;

class Dealer {
  readonly #options: DealOptions;
  #folder = "";
  #key: Uint8Array | undefined;
  #turns = 0;
  #bytes: Uint8Array;
  #ends = new Uint32Array(ENDS_MIN);
  #used = 0;
  #rows = 0;
  #sourceBytes = 0;

  constructor(options: DealOptions) {
    this.#options = options;
    this.#bytes = new Uint8Array(options.batchBytes);
  }

  *take(block: RowBlock): Generator<RowBatch> {
    if (this.#options.keys.length === 0) {
      yield* this.#add(block, 0, block.rows);
      return;
    }
    for (let from = 0; from < block.rows;) {
      const key = this.#keyOf(block, from);
      let to = from + 1;
      while (to < block.rows && hasKey(block, to, key)) to += 1;
      if (this.#key === undefined || Buffer.compare(this.#key, key) !== 0) yield* this.#enter(key);
      yield* this.#addWithoutKeys(block, from, to);
      from = to;
    }
  }

  *flush(): Generator<RowBatch> {
    if (this.#rows === 0) return;
    const slice = this.#turns % this.#options.slices;
    yield {
      folder: this.#folder,
      slice,
      rows: this.#rows,
      sourceBytes: this.#sourceBytes,
      bytes: this.#takeBytes(),
      ends: this.#ends.slice(0, this.#rows),
    };
    this.#turns += 1;
    this.#used = 0;
    this.#rows = 0;
    this.#sourceBytes = 0;
  }

  /** Few bytes, as small folders have them, are copied; else the memory is given away. */
  #takeBytes(): Uint8Array {
    const used = this.#used;
    if (used < this.#options.batchBytes / 2) return this.#bytes.slice(0, used);
    const taken = this.#bytes.subarray(0, used);
    this.#bytes = new Uint8Array(this.#options.batchBytes);
    return taken;
  }

  /** Rows one behind the other are copied at once. */
  *#add(block: RowBlock, from: number, to: number): Generator<RowBatch> {
    const start = startOf(block, from);
    const length = startOf(block, to) - start;
    if (this.#rows > 0 && this.#used + length > this.#bytes.length) yield* this.flush();
    this.#reserve(length, to - from);
    this.#bytes.set(block.bytes.subarray(start, start + length), this.#used);
    const shift = this.#used - start;
    for (let row = from; row < to; row += 1) this.#ends[this.#rows++] = (block.ends[row] ?? 0) + shift;
    this.#used += length;
    this.#sourceBytes += length;
    if (this.#used >= this.#options.batchBytes) yield* this.flush();
  }

  *#addWithoutKeys(block: RowBlock, from: number, to: number): Generator<RowBatch> {
    // A tab, and the key itself.
    const keyBytes = (this.#key?.length ?? 0) + 1;
    for (let row = from; row < to; row += 1) {
      const start = startOf(block, row);
      const end = startOf(block, row + 1);
      const length = end - start - keyBytes;
      if (this.#rows > 0 && this.#used + length > this.#bytes.length) yield* this.flush();
      this.#reserve(length, 1);
      this.#bytes.set(block.bytes.subarray(start, start + length - 1), this.#used);
      this.#used += length;
      this.#bytes[this.#used - 1] = LF;
      this.#ends[this.#rows++] = this.#used;
      this.#sourceBytes += end - start;
    }
  }

  #reserve(bytes: number, rows: number): void {
    if (this.#used + bytes > this.#bytes.length) {
      const longer = new Uint8Array(this.#used + bytes);
      longer.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = longer;
    }
    if (this.#rows + rows <= this.#ends.length) return;
    const longer = new Uint32Array(Math.max(this.#rows + rows, this.#ends.length * 2));
    longer.set(this.#ends.subarray(0, this.#rows));
    this.#ends = longer;
  }

  *#enter(key: Uint8Array): Generator<RowBatch> {
    const { keys } = this.#options;
    let at = 0;
    const values = keys.map((column) => {
      const end = fieldEnd(key, at, key.length);
      const last = kindOf(column) === "padded" ? unpaddedEnd(key, at, end) : end;
      const value = isNullAt(key, at) ? null : textOf(decodeField(key, at, last));
      at = end + 1;
      return value;
    });
    const names = keys.map(({ name }) => name);
    const folder = partitionFolder(names, values);
    yield* this.flush();
    if (folder !== this.#folder) this.#turns = 0;
    this.#folder = folder;
    this.#key = key;
  }

  /** The bytes of a row's last fields: a tab in a value is written as two other bytes. */
  #keyOf(block: RowBlock, row: number): Uint8Array {
    const end = startOf(block, row + 1) - 1;
    let start = end;
    for (let fields = this.#options.keys.length; fields > 0; fields -= 1) {
      start -= 1;
      while (block.bytes[start] !== TAB) start -= 1;
    }
    return block.bytes.slice(start + 1, end);
  }
}

function startOf(block: RowBlock, row: number): number {
  return row === 0 ? 0 : (block.ends[row - 1] ?? 0);
}

function hasKey(block: RowBlock, row: number, key: Uint8Array): boolean {
  const end = startOf(block, row + 1) - 1;
  const start = end - key.length;
  if (block.bytes[start - 1] !== TAB) return false;
  for (let at = 0; at < key.length; at += 1) if (block.bytes[start + at] !== key[at]) return false;
  // Shorter rows cannot hold the key's fields.
  return start > startOf(block, row);
}
