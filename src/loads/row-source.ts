import type { LoadBlock } from "../formats/columns/row-writer.ts";
import { releaseBytes, type ByteStream } from "../std/bytes.ts";

/** One batch's blocks: sent while they are read, and kept until the database has taken them. */
export class Batch {
  readonly blocks: LoadBlock[] = [];
  bytes = 0;

  get rows(): number {
    return this.blocks.reduce((sum, block) => sum + block.rows, 0);
  }

  /** The block that holds a row of the batch, and which of the block's it is. */
  locate(row: number): { readonly block: LoadBlock; readonly index: number } | undefined {
    let index = row;
    for (const block of this.blocks) {
      if (index < block.rows) return { block, index };
      index -= block.rows;
    }
    return undefined;
  }

  /** Frees the rows' memory: the database has them. */
  release(): void {
    for (const { bytes } of this.blocks) releaseBytes(bytes);
  }

  /** Rows [from, to). */
  async *slice(from: number, to: number): ByteStream {
    let first = 0;
    for (const block of this.blocks) {
      const [start, stop] = [Math.max(from - first, 0), Math.min(to - first, block.rows)];
      if (start < stop) yield block.bytes.subarray(startOf(block, start), startOf(block, stop));
      first += block.rows;
    }
  }
}

/** Where a row of a block begins; the end of the block for the one behind its last. */
export function startOf(block: LoadBlock, row: number): number {
  return row === 0 ? 0 : (block.ends[row - 1] ?? 0);
}

/** About two megabytes: enough that neither reading nor the database waits for the other. */
const BLOCKS_AHEAD = 8;

/** Blocks as batches, read only as far as the database asks. */
export class RowSource {
  readonly #blocks: AsyncIterator<LoadBlock>;
  readonly #batchBytes: number;
  #pulling: Promise<unknown> | undefined;
  /** The next blocks, read while the database works on the ones before. */
  readonly #ahead: Promise<IteratorResult<LoadBlock, unknown>>[] = [];
  #failure: { readonly thrown: unknown } | undefined;
  ended = false;

  constructor(blocks: AsyncIterable<LoadBlock>, batchBytes: number) {
    this.#blocks = blocks[Symbol.asyncIterator]();
    this.#batchBytes = batchBytes;
  }

  /** The bytes of the next batch; each block is in `batch` before it is handed on. */
  async *read(batch: Batch): ByteStream {
    while (batch.bytes < this.#batchBytes && !this.ended) {
      const pulled = this.#pull(batch);
      this.#pulling = pulled;
      const block = await pulled;
      this.#pulling = undefined;
      if (block !== undefined) yield block.bytes;
    }
  }

  /** Waits for what a database that stopped listening had still asked for; throws what the rows' own source threw. */
  async settle(): Promise<void> {
    await this.#pulling?.catch(() => undefined);
    this.#pulling = undefined;
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  async close(): Promise<void> {
    await this.#pulling?.catch(() => undefined);
    await Promise.allSettled(this.#ahead);
    await this.#blocks.return?.();
  }

  #askAhead(): void {
    while (this.#ahead.length < BLOCKS_AHEAD) {
      const asked = this.#blocks.next();
      // Whoever waits for it hears of its failure.
      asked.catch(() => undefined);
      this.#ahead.push(asked);
    }
  }

  async #pull(batch: Batch): Promise<LoadBlock | undefined> {
    try {
      this.#askAhead();
      const next = await this.#ahead.shift();
      if (next === undefined) return undefined;
      if (next.done === true) {
        this.ended = true;
        return undefined;
      }
      batch.blocks.push(next.value);
      batch.bytes += next.value.bytes.length;
      this.#askAhead();
      return next.value;
    } catch (thrown) {
      this.ended = true;
      this.#failure = { thrown };
      throw thrown;
    }
  }
}
