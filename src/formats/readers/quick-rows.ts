import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import type { RowFormat } from "../rows.ts";
import { BinaryRows } from "./binary-rows.ts";
import type { FieldSyntax } from "./field-ends.ts";
import { PlainRows } from "./plain-rows.ts";

/** The quick ways of reading a row, for those whose values are all plain: into binary form where that is tried, or text. */
export class QuickRows {
  readonly #plain: PlainRows | undefined;
  readonly #binary: BinaryRows | undefined;
  /** Lines of the row that was read last. */
  lines = 0;

  constructor(writer: RowWriter, conversion: Conversion, syntax: FieldSyntax, rowFormat: RowFormat) {
    this.#plain = PlainRows.of(writer, conversion, syntax);
    this.#binary = rowFormat === "binary" ? BinaryRows.of(writer, conversion, syntax) : undefined;
  }

  /**
   * Reads the row at `start`, on that line, and writes it. Returns where the next one begins; below 1 for one that is not
   * plain or has not ended: it is to be read with all cases in mind, after `interrupt`.
   */
  row(bytes: Uint8Array, start: number, end: number, line: number): number {
    const binary = this.#binary;
    const quick = binary === undefined || binary.isPaused ? this.#plain : binary;
    if (quick === undefined) return -1;
    const next = quick.row(bytes, start, end, line);
    this.lines = quick.lines;
    return next;
  }

  /** A row is written as text between those in binary form. */
  interrupt(): void {
    this.#binary?.interrupt();
  }

  /** The piece that the rows were in is left behind. */
  leave(pieceBytes: number): void {
    this.#binary?.leave(pieceBytes);
  }
}
