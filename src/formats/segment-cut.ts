// Cuts a range's rows into segments. Where a cut falls depends on nothing but the rows since the last cut: past the
// smallest size, a row whose hash is below a bound ends its segment, so after an edit the old cuts come back as soon
// as both runs end a segment at the same row.
import type { RowBlock } from "./rows.ts";

export interface SegmentSizes {
  readonly minBytes: number;
  /** How many bytes past the smallest size a cut is expected. */
  readonly expectedBytes: number;
  /** No segment is larger, unless it holds one single row. */
  readonly maxBytes: number;
}

const MIB = 1024 * 1024;

/** Sizes of the backup format, version 1. Others would find no segment of an earlier backup again. */
export const SEGMENT_SIZES: SegmentSizes = { minBytes: 4 * MIB, expectedBytes: 2 * MIB, maxBytes: 8 * MIB };

/** `bytes` is an array of its own; give it back by `recycle` once it is done with. */
export interface CutSegment {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/** How much of a row's beginning and end is hashed: it has to tell neighbours apart, not to be strong. */
const HASHED_BYTES = 64;
const HASH_RANGE = 2 ** 32;

export class SegmentCutter {
  readonly #sizes: SegmentSizes;
  readonly #free: Uint8Array[] = [];
  #buffer: Uint8Array | undefined;
  #used = 0;
  #rows = 0;

  constructor(sizes: SegmentSizes = SEGMENT_SIZES) {
    this.#sizes = sizes;
  }

  /** Takes a block's rows in, copying them; yields the segments that are complete with them. */
  *add(block: RowBlock): Generator<CutSegment> {
    const view = new DataView(block.bytes.buffer, block.bytes.byteOffset, block.bytes.byteLength);
    let row = 0;
    while (row < block.rows) {
      const from = startOf(block, row);
      const stop = this.#findCut(block, view, row);
      this.#append(block.bytes.subarray(from, startOf(block, stop.row)), stop.row - row);
      row = stop.row;
      if (stop.cuts) {
        const segment = this.end();
        if (segment !== undefined) yield segment;
      }
    }
  }

  /** What is left at the end of a range; the next row begins afresh. */
  end(): CutSegment | undefined {
    if (this.#buffer === undefined || this.#rows === 0) return undefined;
    const segment = { bytes: this.#buffer.subarray(0, this.#used), rows: this.#rows };
    this.#buffer = undefined;
    this.#used = 0;
    this.#rows = 0;
    return segment;
  }

  /** Takes the memory of a segment back for another. */
  recycle(segment: CutSegment): void {
    const whole = new Uint8Array(segment.bytes.buffer);
    if (whole.length === this.#sizes.maxBytes) this.#free.push(whole);
  }

  /** The row before which to stop copying, and whether the segment ends there. */
  #findCut(block: RowBlock, view: DataView, firstRow: number): { row: number; cuts: boolean } {
    const { minBytes, maxBytes, expectedBytes } = this.#sizes;
    const base = this.#used - startOf(block, firstRow);
    if (base + startOf(block, block.rows) < minBytes) return { row: block.rows, cuts: false };
    let start = startOf(block, firstRow);
    for (let row = firstRow; row < block.rows; row += 1) {
      const end = startOf(block, row + 1);
      if (base + end > maxBytes && this.#rows + row - firstRow > 0) return { row, cuts: true };
      // A long row is likelier to cut, so that the size past the minimum does not depend on how long rows are.
      const bound = ((end - start) / expectedBytes) * HASH_RANGE;
      if (base + end >= minBytes && hashOf(view, start, end) < bound) return { row: row + 1, cuts: true };
      start = end;
    }
    return { row: block.rows, cuts: false };
  }

  #append(bytes: Uint8Array, rows: number): void {
    if (rows === 0) return;
    const needed = this.#used + bytes.length;
    let buffer = this.#buffer ?? this.#free.pop() ?? new Uint8Array(this.#sizes.maxBytes);
    if (buffer.length < needed) {
      const larger = new Uint8Array(needed);
      larger.set(buffer.subarray(0, this.#used));
      buffer = larger;
    }
    buffer.set(bytes, this.#used);
    this.#buffer = buffer;
    this.#used = needed;
    this.#rows += rows;
  }
}

function startOf(block: RowBlock, row: number): number {
  return row === 0 ? 0 : (block.ends[row - 1] ?? 0);
}

/** 32 bits of a row's length, first and last bytes: multiply and rotate by words, then an avalanche (as MurmurHash3). */
function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  const headEnd = Math.min(end, start + HASHED_BYTES);
  hash = mix(view, start, headEnd, hash);
  if (end - start > HASHED_BYTES) hash = mix(view, Math.max(headEnd, end - HASHED_BYTES), end, hash);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = Math.imul(view.getUint32(at, true), 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return hash;
}
