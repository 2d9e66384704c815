// Rows into a table, within a transaction that the caller holds. The rows go as COPYs of some megabytes, in binary form
// or as text. When the database refuses one, its message names the row; where rows may be refused, each COPY stands
// behind a savepoint and is repeated as text without the row. A failure that names none is found by halving.
import type { Engine } from "../engines/engine.ts";
import { columnList, quoteTable } from "../engines/sql.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { LoadColumn, ValueProblem } from "../formats/columns/column.ts";
import type { BinaryBlock, LoadBlock, TextBlock } from "../formats/columns/row-writer.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { LoadErrors } from "./load-errors.ts";
import { type Batch, RowSource, startOf } from "./row-source.ts";
import type { LoadTarget } from "./target.ts";

const BATCH_BYTES = 8 * 1024 * 1024;
/** The embedded database shortens its write-ahead log at a CHECKPOINT only. */
const CHECKPOINT_BYTES = 256 * 1024 * 1024;
const SAVEPOINT = "sealift_copy_batch";
const RAW_BYTES = 1024;

export interface BatchLoaderOptions {
  readonly errors: LoadErrors;
  /** Whether a refused row may be left out. */
  readonly isTolerant: boolean;
  /** The rows of a block in binary form as text: single rows are looked at, told and left out in that form. */
  readonly asText: (block: BinaryBlock) => readonly TextBlock[];
  readonly signal: AbortSignal;
}

export class BatchLoader {
  rows = 0n;
  readonly #engine: Engine;
  readonly #target: LoadTarget;
  readonly #options: BatchLoaderOptions;
  #unwrittenBytes = 0;

  constructor(engine: Engine, target: LoadTarget, options: BatchLoaderOptions) {
    this.#engine = engine;
    this.#target = target;
    this.#options = options;
  }

  /**
   * Loads everything; yields after every batch.
   * @throws ShellError `load/rows` when too many rows are refused, and what the source throws.
   */
  async *load(blocks: AsyncIterable<LoadBlock>): AsyncGenerator<void> {
    const source = new RowSource(blocks, BATCH_BYTES);
    try {
      for (let batch = await source.begin(); batch !== undefined; batch = await source.begin()) {
        await this.#batch(source, batch);
        yield;
      }
    } finally {
      await source.close();
    }
  }

  async #batch(source: RowSource, batch: Batch): Promise<void> {
    const { isTolerant } = this.#options;
    if (isTolerant) await this.#execute(`SAVEPOINT ${SAVEPOINT}`);
    try {
      this.rows += await this.#copy(source.read(batch), batch.form);
    } catch (thrown) {
      await source.settle();
      batch.asText(this.#options.asText);
      await this.#refused(batch, { from: 0, to: batch.rows }, asRowError(thrown));
      if (isTolerant) await this.#reload(batch);
    }
    if (isTolerant) await this.#execute(`RELEASE SAVEPOINT ${SAVEPOINT}`);
    await this.#checkpoint(batch.bytes);
    batch.release();
  }

  readonly #bad = new Set<number>();

  /** Loads a batch again, without the rows that are known to be bad and those that turn out to be. */
  async #reload(batch: Batch): Promise<void> {
    const { rows } = batch;
    let size = rows;
    for (let from = 0; from < rows;) {
      if (this.#bad.has(from)) {
        from += 1;
        continue;
      }
      const to = this.#stretch(from, Math.min(from + size, rows));
      await this.#execute(`RELEASE SAVEPOINT ${SAVEPOINT}; SAVEPOINT ${SAVEPOINT}`);
      try {
        this.rows += await this.#copy(batch.slice(from, to), "text");
        from = to;
        size *= 2;
      } catch (thrown) {
        const isFound = await this.#refused(batch, { from, to }, asRowError(thrown));
        size = Math.max(1, isFound ? to - from : Math.ceil((to - from) / 2));
      }
    }
    this.#bad.clear();
  }

  /** As far as the next row that is known to be bad. */
  #stretch(from: number, to: number): number {
    for (let at = from; at < to; at += 1) if (this.#bad.has(at)) return at;
    return to;
  }

  /** Finds the row that the database refused and remembers it. False when the message names none of several. */
  async #refused(batch: Batch, range: { from: number; to: number }, error: ShellError): Promise<boolean> {
    const { errors, isTolerant } = this.#options;
    const context = contextOf(error, this.#target.name);
    const named = context.row === undefined ? undefined : range.from + context.row - 1;
    const row = named ?? (range.to - range.from === 1 ? range.from : undefined);
    if (isTolerant) await this.#execute(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
    const place = row === undefined ? undefined : batch.locate(row);
    if (row === undefined || place === undefined) {
      if (isTolerant && range.to - range.from > 1) return false;
      throw error;
    }
    const { block, index } = place;
    const [start, end] = [startOf(block, index), startOf(block, index + 1) - 1];
    const column = this.#target.columns.findIndex(({ name }) => name === context.column);
    const line = block.bytes.subarray(start, end);
    const value = column < 0 ? undefined : line.slice(...fieldOf(line, column)).subarray(0, RAW_BYTES);
    errors.add({
      file: block.file,
      line: block.lines[index] ?? 0,
      problem: problemOf(error, this.#target.columns[column]),
      column: this.#target.columns[column],
      rawLine: line.slice(0, RAW_BYTES),
      rawValue: value,
    });
    errors.throwIfOver(error);
    this.#bad.add(row);
    return true;
  }

  async #copy(source: ByteStream, form: RowFormat): Promise<bigint> {
    const names = this.#target.columns.map(({ name }) => name);
    const sql = `COPY ${quoteTable(this.#target)}${columnList(names)} FROM STDIN (FORMAT ${form}, ENCODING 'UTF8')`;
    let rows = 0n;
    for await (const event of this.#engine.run(sql, { copySource: source, signal: this.#options.signal })) {
      if (event.type === "finished") rows = BigInt(/^COPY (\d+)$/.exec(event.tag)?.[1] ?? 0);
    }
    return rows;
  }

  async #execute(sql: string): Promise<void> {
    for await (const _ of this.#engine.run(sql)) continue;
  }

  async #checkpoint(bytes: number): Promise<void> {
    if (this.#engine.capabilities.parallel) return;
    this.#unwrittenBytes += bytes;
    if (this.#unwrittenBytes < CHECKPOINT_BYTES) return;
    this.#unwrittenBytes = 0;
    await this.#execute("CHECKPOINT");
  }
}

/** Classes of SQLSTATE that are about a row: data, constraints, what a trigger raises, a view's check. */
const ROW_CLASSES = /^(?:22|23|44|P0001)/;

/** Throws on whatever is not about a row. */
function asRowError(thrown: unknown): ShellError {
  const error = asShellError(thrown);
  if (error.code !== "engine/failed" || !ROW_CLASSES.test(error.sqlState)) throw error;
  return error;
}

/** The row, from 1, and the column that the server's context names, in whatever language. */
function contextOf(error: ShellError, table: string): { readonly row?: number; readonly column?: string } {
  const head = `context: COPY ${table}, `;
  const context = error.detail.find((line) => line.startsWith(head))?.slice(head.length);
  const [, row, column] = /^\D*(\d+)(?:, \S+ ([^:]+?))?(?::|$)/.exec(context ?? "") ?? [];
  if (row === undefined) return {};
  const quoted = /column "([^"]+)"/.exec(error.message)?.[1];
  const name = column ?? quoted;
  return { row: Number(row), ...(name === undefined ? {} : { column: name }) };
}

const [TAB, BACKSLASH] = [0x09, 0x5c];

/** Where a field of a line of COPY text begins and ends. */
function fieldOf(line: Uint8Array, column: number): readonly [number, number] {
  let [start, field] = [0, 0];
  for (let at = 0; at <= line.length; at += 1) {
    if (line[at] === BACKSLASH) at += 1;
    else if (at >= line.length || line[at] === TAB) {
      if (field === column) return [start, Math.min(at, line.length)];
      field += 1;
      start = at + 1;
    }
  }
  return [0, 0];
}

const CODES: Readonly<Record<string, number>> = {
  "22001": 1204,
  "22003": 1204,
  "22007": 1206,
  "22008": 1206,
  "22021": 1220,
  "22P02": 1223,
  "23502": 1213,
};

function problemOf(error: ShellError, column: LoadColumn | undefined): ValueProblem {
  if (error.sqlState === "22P02" && column?.kind.type === "json") return { code: 1224, reason: error.message };
  // Which key it was; other details repeat the whole row.
  const said = error.detail.find((line) => line.startsWith("Key ("));
  return {
    code: CODES[error.sqlState] ?? 1200,
    reason: said === undefined ? error.message : `${error.message}: ${said}`,
  };
}
