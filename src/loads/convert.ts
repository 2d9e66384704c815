// One file of a COPY, from its bytes after decryption to rows: nothing here knows storage, keys or the database, so that
// it can be done in any thread.
import { ShellError } from "../errors.ts";
import type { LoadColumn } from "../formats/columns/column.ts";
import {
  RowWriter,
  type BinaryBlock,
  type LoadBlock,
  type RefusedRow,
  type TextBlock,
} from "../formats/columns/row-writer.ts";
import { decodeText } from "../formats/decode-text.ts";
import { clauseFor, decompress } from "../formats/decompress/decompress.ts";
import { CsvReader } from "../formats/readers/csv.ts";
import { DelimitedReader } from "../formats/readers/delimited.ts";
import type { DocumentMapping } from "../formats/readers/documents.ts";
import { FixedWidthReader } from "../formats/readers/fixed-width.ts";
import { JsonReader } from "../formats/readers/json.ts";
import type { RecordOptions, RowReader } from "../formats/readers/record-reader.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { CopyConversion, CopyFormat, CopyPlan } from "../plan/copy-plan.ts";
import type { ByteStream } from "../std/bytes.ts";

/** Formats that are read from their beginning to their end. */
export type StreamedFormat =
  | Extract<CopyFormat, { readonly type: "text" | "csv" | "fixed-width" }>
  | { readonly type: "json" | "avro" };

/** What has to be known to turn files into rows; can be sent to worker threads. */
export interface LoadRecipe {
  readonly format: StreamedFormat;
  readonly compression: CopyPlan["compression"];
  readonly conversion: CopyConversion;
  readonly columns: readonly LoadColumn[];
  /** `binary` lets rows come in binary form where their columns have one. */
  readonly rowFormat: RowFormat;
  /** Where the parts of documents go; for JSON and AVRO. */
  readonly mapping: DocumentMapping;
}

export interface LoadFileName {
  /** What its rows call it. */
  readonly file: number;
  /** Safe to print. */
  readonly label: string;
}

/** What a part of a file came to. */
export interface RowsRead {
  readonly blocks: readonly LoadBlock[];
  readonly refused: readonly RefusedRow[];
  /** Values in which ACCEPTINVCHARS replaced something. */
  readonly replacements: number;
  /** Whether it was seen here that the file's lines end in CR LF. */
  readonly hasCarriageReturns: boolean;
  /** The file has ended. */
  readonly isLast: boolean;
}

/** Pieces are read in at most these portions, so that blocks leave before too many wait. */
const PIECE_BYTES = 256 * 1024;

/** Gathers what reading a file brings until it is taken. */
export class RowGathering {
  readonly writer: RowWriter;
  readonly #refused: RefusedRow[] = [];
  #replacements = 0;
  #hasCarriageReturns = false;

  constructor({ columns, conversion }: Pick<LoadRecipe, "columns" | "conversion">, file: number) {
    this.writer = new RowWriter(columns, conversion, (row) => this.#refused.push(row));
    this.writer.file = file;
  }

  readonly foundCarriageReturn = (): void => {
    this.#hasCarriageReturns = true;
  };

  take(isLast: boolean): RowsRead {
    if (isLast) this.writer.flush();
    const replacements = this.writer.replacements - this.#replacements;
    this.#replacements = this.writer.replacements;
    const hasCarriageReturns = this.#hasCarriageReturns;
    this.#hasCarriageReturns = false;
    const refused = this.#refused.splice(0);
    return { blocks: this.writer.take(), refused, replacements, hasCarriageReturns, isLast };
  }
}

/**
 * The rows of a file, part by part; the last one says so.
 * @param stored the file's bytes, decrypted
 * @throws ShellError `load/file` for a file that is not what the recipe says, and what `stored` throws
 */
export async function* convertFile(
  stored: ByteStream,
  { file, label }: LoadFileName,
  recipe: LoadRecipe,
): AsyncGenerator<RowsRead> {
  const gathering = new RowGathering(recipe, file);
  if (recipe.format.type === "avro") {
    const { avroRows } = await import("./avro-rows.ts");
    yield* avroRows(decompress(stored, recipe.compression, label), { label, recipe, gathering });
  } else {
    const reader = createReader(label, recipe, gathering);
    for await (const piece of textOf(stored, label, recipe)) {
      for (let at = 0; at < piece.length; at += PIECE_BYTES) {
        reader.push(piece.subarray(at, at + PIECE_BYTES));
        yield gathering.take(false);
      }
    }
    reader.end();
  }
  yield gathering.take(true);
}

/** Decompressed, and in UTF-8. */
async function* textOf(stored: ByteStream, label: string, recipe: LoadRecipe): ByteStream {
  const plain = decompress(stored, recipe.compression, label);
  const checked = recipe.compression === "none" ? notCompressed(plain, label) : plain;
  yield* decodeText(checked, recipe.conversion.encoding, label);
}

/** Says what a file is that is no text. */
async function* notCompressed(source: ByteStream, label: string): ByteStream {
  let isFirst = true;
  for await (const piece of source) {
    const clause = isFirst && piece.length > 3 ? clauseFor(piece) : undefined;
    isFirst = false;
    if (clause !== undefined) {
      throw new ShellError("load/file", `${label} looks like ${clause}`, {
        hint: `add ${clause === "PARQUET" || clause === "AVRO" ? `FORMAT ${clause}` : clause}`,
        note: "nothing was loaded",
      });
    }
    yield piece;
  }
}

/** The rows of a block in binary form as text: the same rows, in blocks that say where each is. */
export function textOfBinary({ source, rows, file, line }: BinaryBlock, recipe: LoadRecipe): readonly TextBlock[] {
  const gathering = new RowGathering(recipe, file);
  const reader = createReader("", { ...recipe, rowFormat: "text" }, gathering, line);
  reader.push(source);
  reader.end();
  const blocks = gathering.take(true).blocks.filter((block) => block.form === "text");
  const found = blocks.reduce((sum, block) => sum + block.rows, 0);
  if (found !== rows) throw new ShellError("bug/invariant", `${rows} rows in binary form are ${found} rows as text`);
  return blocks;
}

/**
 * What reads the text of one file; not for AVRO.
 * @param partLine for a part of a file: the line it begins in
 */
export function createReader(
  label: string,
  { format, conversion, mapping, rowFormat }: Pick<LoadRecipe, "format" | "conversion" | "mapping" | "rowFormat">,
  { writer, foundCarriageReturn }: Pick<RowGathering, "writer" | "foundCarriageReturn">,
  partLine?: number,
): RowReader {
  const part = partLine === undefined ? {} : { partLine };
  const record: RecordOptions = { label, headerLines: conversion.headerLines, ...part };
  const { ignoreBlankLines } = conversion;
  switch (format.type) {
    case "text": {
      const { delimiter, escape, removeQuotes } = format;
      const how = { delimiter, escape, removeQuotes, ignoreBlankLines, rowFormat, foundCarriageReturn };
      return new DelimitedReader(writer, conversion, { ...record, ...how });
    }
    case "csv":
      return new CsvReader(writer, conversion, { ...record, ...format, ignoreBlankLines, rowFormat });
    case "fixed-width": {
      const widths = format.columns.map(({ width }) => width);
      const { removeQuotes } = format;
      return new FixedWidthReader(writer, conversion, { ...record, widths, removeQuotes, ignoreBlankLines });
    }
    case "json": {
      const { invalidCharacter } = conversion;
      return new JsonReader(writer, { ...record, mapping, invalidCharacter });
    }
    case "avro":
      throw new ShellError("bug/invariant", "AVRO is not text");
  }
  return format satisfies never;
}
