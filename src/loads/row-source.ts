import type { BinaryBlock, LoadBlock, TextBlock } from "../formats/columns/row-writer.ts";
import { BINARY_HEADER, BINARY_TRAILER, type RowFormat } from "../formats/rows.ts";
import { releaseBytes, type ByteStream } from "../std/bytes.ts";

/** The arrays a block holds. */
export function memoryOf(block: LoadBlock): readonly Uint8Array[] {
  return block.form === "binary" ? [block.bytes, block.source] : [block.bytes];
}

/** One batch's blocks, all of one form: sent while they are read, and kept until the database has taken them. */
export class Batch {
  readonly form: RowFormat;
  readonly sent: LoadBlock[] = [];
  bytes = 0;
  /** Those of the blocks sent, as text: see {@link asText}. */
  blocks: readonly TextBlock[] = [];

  constructor(form: RowFormat) {
    this.form = form;
  }

  get rows(): number {
    return this.sent.reduce((sum, block) => sum + block.rows, 0);
  }

  /** Before single rows are asked for. */
  asText(read: (block: BinaryBlock) => readonly TextBlock[]): void {
    this.blocks = this.sent.flatMap((block) => (block.form === "binary" ? read(block) : block));
  }

  /** The block that holds a row of the batch, and which of the block's it is. */
  locate(row: number): { readonly block: TextBlock; readonly index: number } | undefined {
    let index = row;
    for (const block of this.blocks) {
      if (index < block.rows) return { block, index };
      index -= block.rows;
    }
    return undefined;
  }

  /** Frees the rows' memory: the database has them. */
  release(): void {
    for (const block of new Set<LoadBlock>([...this.sent, ...this.blocks])) memoryOf(block).forEach(releaseBytes);
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
export function startOf(block: TextBlock, row: number): number {
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
  /** Read already, and of another form than the batch before it. */
  #next: LoadBlock | undefined;
  ended = false;

  constructor(blocks: AsyncIterable<LoadBlock>, batchBytes: number) {
    this.#blocks = blocks[Symbol.asyncIterator]();
    this.#batchBytes = batchBytes;
  }

  /** A batch of the form that the next block has; `undefined` at the end. */
  async begin(): Promise<Batch | undefined> {
    this.#next ??= await this.#pull();
    return this.#next === undefined ? undefined : new Batch(this.#next.form);
  }

  /** The bytes of the next batch; each block is in `batch` before it is handed on. */
  async *read(batch: Batch): ByteStream {
    if (batch.form === "binary") yield BINARY_HEADER;
    while (batch.bytes < this.#batchBytes) {
      if (this.#next === undefined) {
        const pulled = this.#pull();
        this.#pulling = pulled;
        this.#next = await pulled;
        this.#pulling = undefined;
      }
      const block = this.#next;
      if (block?.form !== batch.form) break;
      this.#next = undefined;
      batch.sent.push(block);
      batch.bytes += block.bytes.length;
      yield block.bytes;
    }
    if (batch.form === "binary") yield BINARY_TRAILER;
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

  async #pull(): Promise<LoadBlock | undefined> {
    if (this.ended) return undefined;
    try {
      this.#askAhead();
      const next = await this.#ahead.shift();
      if (next === undefined) return undefined;
      if (next.done === true) {
        this.ended = true;
        return undefined;
      }
      this.#askAhead();
      return next.value;
    } catch (thrown) {
      this.ended = true;
      this.#failure = { thrown };
      throw thrown;
    }
  }
}
