import type { Row } from "../events.ts";

const SLAB_BYTES = 256 * 1024;
/** Slabs that wait for their next use; more of them are left to the collector. */
const FREE_SLABS_MAX = 48;

/** Memory that batches of rows are written into, one behind the other. */
interface Slab {
  readonly bytes: Buffer;
  used: number;
  /** Batches in it that are still wanted. */
  live: number;
}

const freeSlabs: Slab[] = [];

/** A batch of rows that is kept for a while. */
export interface PackedRows {
  readonly count: number;
  /** Of all values. */
  readonly characters: number;
  /** Not to be read after `free`. */
  readonly rows: readonly Row[];
  /** Nobody reads it any more: its memory is used for others. */
  readonly free: () => void;
}

/**
 * Keeps rows as bytes outside of V8's heap: many small strings that live for a while are copied by every collection, and
 * the heap grows to several times their size. The bytes are in slabs that are used again and again: buffers that come and
 * go one by one leave holes in the C library's heap, which grows by tens of megabytes over some results.
 */
export class RowStore {
  #slab: Slab | undefined;

  pack(rows: readonly Row[]): PackedRows {
    const text = JSON.stringify(rows);
    const size = Buffer.byteLength(text);
    const slab = size > SLAB_BYTES ? newSlab(size) : this.#slabFor(size);
    const start = slab.used;
    slab.used += slab.bytes.write(text, start);
    slab.live += 1;
    const end = slab.used;
    return {
      count: rows.length,
      characters: charactersOf(rows),
      get rows() {
        return JSON.parse(slab.bytes.toString("utf8", start, end)) as readonly Row[];
      },
      free: () => this.#free(slab),
    };
  }

  #slabFor(size: number): Slab {
    if (this.#slab !== undefined && this.#slab.used + size <= SLAB_BYTES) return this.#slab;
    this.#slab = freeSlabs.pop() ?? newSlab(SLAB_BYTES);
    return this.#slab;
  }

  #free(slab: Slab): void {
    slab.live -= 1;
    if (slab.live > 0) return;
    slab.used = 0;
    if (slab === this.#slab) this.#slab = undefined;
    if (slab.bytes.length === SLAB_BYTES && freeSlabs.length < FREE_SLABS_MAX) freeSlabs.push(slab);
  }
}

function newSlab(size: number): Slab {
  return { bytes: Buffer.allocUnsafeSlow(size), used: 0, live: 0 };
}

function charactersOf(rows: readonly Row[]): number {
  let characters = 0;
  for (const row of rows) for (const value of row) characters += value?.length ?? 0;
  return characters;
}
