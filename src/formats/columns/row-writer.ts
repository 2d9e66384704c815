// Rows of any format become blocks of COPY text. One row is written at a time; a row with a problem is taken back.
import { PROBLEMS, BECOMES_NULL, type Convert, type LoadColumn, type ValueProblem } from "./column.ts";
import { converterOf, type Conversion } from "./converter.ts";
import { Output } from "./output.ts";
import { isBlank } from "./text.ts";

const [TAB, LF, SPACE] = [0x09, 0x0a, 0x20];

/** Whole rows in COPY text form. */
export interface TextBlock {
  readonly form: "text";
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** `ends[i]` is the offset just past row i. */
  readonly ends: Uint32Array;
  /** The line of the file in which each row ends, from 1. */
  readonly lines: Float64Array;
  /** What {@link RowWriter.file} was. */
  readonly file: number;
}

/** Whole rows in COPY binary form, without signature and trailer, of records that follow one another in their file. */
export interface BinaryBlock {
  readonly form: "binary";
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** What {@link RowWriter.file} was. */
  readonly file: number;
  /** The records as they stand in the file, each of which is a row. */
  readonly source: Uint8Array;
  /** The line that the first one begins in. */
  readonly line: number;
}

export type LoadBlock = TextBlock | BinaryBlock;

/** A row that was refused. */
export interface RefusedRow {
  readonly file: number;
  readonly line: number;
  readonly problem: ValueProblem;
  readonly column: LoadColumn | undefined;
  /** The record as it stands in the file, cut. */
  readonly rawLine: Uint8Array;
  /** The value as it stands, cut; absent when no value is to blame. */
  readonly rawValue: Uint8Array | undefined;
}

/** A record as its file has it, for errors. */
export interface RecordPlace {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A block is handed on when it holds this much. */
const BLOCK_BYTES = 256 * 1024;
const ROWS_MIN = 4096;
/** STL_LOAD_ERRORS keeps this much of a line and of a value. */
const RAW_BYTES = 1024;

interface ColumnWriter {
  readonly column: LoadColumn;
  readonly convert: Convert;
  /** Nothing between two delimiters is NULL. */
  readonly emptyIsNull: boolean;
  readonly blankIsNull: boolean;
}

export class RowWriter {
  readonly columns: readonly LoadColumn[];
  /** Which file the rows are of. */
  file = 0;
  /** Values in which ACCEPTINVCHARS replaced something. */
  replacements = 0;
  readonly #writers: readonly ColumnWriter[];
  readonly #marker: Uint8Array;
  readonly #refuse: (row: RefusedRow) => void;
  readonly #blocks: LoadBlock[] = [];
  readonly #output = new Output(BLOCK_BYTES + BLOCK_BYTES / 4);
  #ends = new Uint32Array(ROWS_MIN);
  #lines = new Float64Array(ROWS_MIN);
  #rows = 0;
  #record: RecordPlace = { line: 0, bytes: new Uint8Array(0), start: 0, end: 0 };
  #at = 0;
  #start = 0;

  constructor(columns: readonly LoadColumn[], conversion: Conversion, refuse: (row: RefusedRow) => void) {
    this.columns = columns;
    this.#marker = Buffer.from(conversion.nullText);
    this.#refuse = refuse;
    const replaced = (): void => {
      this.replacements += 1;
    };
    this.#writers = columns.map((column) => {
      const { type } = column.kind;
      const isText = type === "char" || type === "varchar";
      return {
        column,
        convert: converterOf(column.kind, conversion, replaced),
        emptyIsNull: isText ? conversion.emptyAsNull : type !== "bytes",
        blankIsNull: isText ? conversion.blanksAsNull : type !== "bytes" && type !== "other" && type !== "json",
      };
    });
  }

  /** Begins a row. */
  begin(record: RecordPlace): void {
    this.#record = record;
    this.#at = 0;
    this.#start = this.#output.length;
  }

  /** The column that is written next. */
  get column(): LoadColumn | undefined {
    return this.columns[this.#at];
  }

  /** Whether bytes are the NULL marker. */
  isMarker(value: Uint8Array, start: number, end: number): boolean {
    const marker = this.#marker;
    if (end - start !== marker.length) return false;
    for (let at = 0; at < marker.length; at += 1) if (value[start + at] !== marker[at]) return false;
    return true;
  }

  /** Writes the next column; false when the row is refused. */
  value(value: Uint8Array, start: number, end: number): boolean {
    const writer = this.#writers[this.#at];
    if (writer === undefined) return this.refuse(PROBLEMS.extraColumns);
    if (start === end) {
      if (writer.emptyIsNull) return this.null();
    } else if (writer.blankIsNull && (value[start] ?? 0) <= SPACE && isBlank(value, start, end)) return this.null();
    const output = this.#output;
    const before = output.length;
    if (this.#at > 0) output.byte(TAB);
    const problem = writer.convert(value, start, end, output);
    if (problem === undefined) {
      this.#at += 1;
      return true;
    }
    if (problem === BECOMES_NULL) {
      output.length = before;
      return this.null();
    }
    return this.refuse(problem, value.subarray(start, end));
  }

  /** Writes NULL into the next column; false when the row is refused. */
  null(): boolean {
    const writer = this.#writers[this.#at];
    if (writer === undefined) return this.refuse(PROBLEMS.extraColumns);
    if (writer.column.notNull) return this.refuse(PROBLEMS.notNull, new Uint8Array(0));
    this.#output.ascii(this.#at > 0 ? "\t\\N" : "\\N");
    this.#at += 1;
    return true;
  }

  /** Takes the row back and tells of it. */
  refuse(problem: ValueProblem, value?: Uint8Array): false {
    this.#output.length = this.#start;
    const { line, bytes, start, end } = this.#record;
    this.#refuse({
      file: this.file,
      line,
      problem,
      column: value === undefined ? undefined : this.columns[this.#at],
      rawLine: Uint8Array.from(bytes.subarray(start, Math.min(end, start + RAW_BYTES))),
      rawValue: value === undefined ? undefined : Uint8Array.from(value.subarray(0, RAW_BYTES)),
    });
    return false;
  }

  /** The row is complete: all its columns were written. */
  end(): void {
    this.#output.byte(LF);
    this.endPlain(this.#record.line);
  }

  /** Where a row can be written that needs no checks of this writer's, and at most so many bytes, its line feed included. */
  beginPlain(bytesMax: number): Output {
    this.#output.reserve(bytesMax);
    return this.#output;
  }

  /** The row is complete in the output. */
  endPlain(line: number): void {
    if (this.#rows === this.#ends.length) this.#growRows();
    this.#ends[this.#rows] = this.#output.length;
    this.#lines[this.#rows] = line;
    this.#rows += 1;
    if (this.#output.length >= BLOCK_BYTES) this.flush();
  }

  #growRows(): void {
    const [ends, lines] = [this.#ends, this.#lines];
    this.#ends = new Uint32Array(ends.length * 2);
    this.#lines = new Float64Array(ends.length * 2);
    this.#ends.set(ends);
    this.#lines.set(lines);
  }

  /** Closes the block that is being written. */
  flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    this.#blocks.push({
      form: "text",
      bytes: new Uint8Array(this.#output.bytes.subarray(0, this.#output.length)),
      rows,
      ends: this.#ends.slice(0, rows),
      lines: this.#lines.slice(0, rows),
      file: this.file,
    });
    this.#output.length = 0;
    this.#rows = 0;
  }

  /** Hands on a block that was made elsewhere, behind all rows so far. */
  push(block: BinaryBlock): void {
    this.flush();
    this.#blocks.push(block);
  }

  /** The blocks that are complete. */
  take(): readonly LoadBlock[] {
    return this.#blocks.splice(0);
  }
}
