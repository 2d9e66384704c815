import type { Conversion } from "../columns/converter.ts";
import { PROBLEMS } from "../columns/column.ts";
import type { RecordPlace, RowWriter } from "../columns/row-writer.ts";

/** The field has characters that stand for others: an escape, a doubled quote. */
export const CODED = 1;
/** The field stood in quotes, which its place leaves out. */
export const QUOTED = 2;

/** The fields of one record as places in a buffer. */
export class Fields {
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  flags = new Uint8Array(64);
  count = 0;

  add(start: number, end: number, flags: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.flags[this.count] = flags;
    this.count += 1;
  }

  #grow(): void {
    const { starts, ends, flags } = this;
    const size = starts.length * 2;
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.flags = new Uint8Array(size);
    this.starts.set(starts);
    this.ends.set(ends);
    this.flags.set(flags);
  }
}

/** Writes a coded field's bytes from the start of `target`, which has room for it; returns how many there are. */
export type Decode = (source: Uint8Array, start: number, end: number, target: Uint8Array) => number;

/** Turns records that are cut into fields into rows. */
export class FieldRows {
  readonly #writer: RowWriter;
  readonly #decode: Decode;
  readonly #fill: boolean;
  /** A delimiter at the end of a record is not the beginning of one more field. */
  readonly #trailingDelimiter: boolean;
  readonly #nullByteMarker: boolean;
  #decoded = new Uint8Array(1024);

  constructor(
    writer: RowWriter,
    conversion: Pick<Conversion, "fillRecord" | "nullText">,
    decode: Decode,
    trailingDelimiter: boolean,
  ) {
    this.#writer = writer;
    this.#decode = decode;
    this.#fill = conversion.fillRecord;
    this.#trailingDelimiter = trailingDelimiter;
    this.#nullByteMarker = conversion.nullText === "\0";
  }

  /** One record, wherever it came from. */
  row(record: RecordPlace, fields: Fields): void {
    const writer = this.#writer;
    const wanted = writer.columns.length;
    writer.begin(record);
    if (!this.#hasRightCount(fields, wanted)) return;
    const given = Math.min(fields.count, wanted);
    for (let at = 0; at < given; at += 1) {
      const [start, end, flags] = [fields.starts[at] ?? 0, fields.ends[at] ?? 0, fields.flags[at] ?? 0];
      if (!this.#field(record.bytes, start, end, flags)) return;
    }
    for (let at = given; at < wanted; at += 1) if (!writer.value(record.bytes, 0, 0)) return;
    writer.end();
  }

  #hasRightCount(fields: Fields, wanted: number): boolean {
    const { count } = fields;
    if (count === wanted) return true;
    if (count > wanted) {
      const last = count - 1;
      const isEmpty = fields.starts[last] === fields.ends[last] && fields.flags[last] === 0;
      return (this.#trailingDelimiter && count === wanted + 1 && isEmpty) || this.#writer.refuse(PROBLEMS.extraColumns);
    }
    if (this.#fill) return true;
    if (count === 1 && fields.starts[0] === fields.ends[0]) return this.#writer.refuse(PROBLEMS.emptyLine);
    return this.#writer.refuse(PROBLEMS.delimiterNotFound);
  }

  #field(bytes: Uint8Array, start: number, end: number, flags: number): boolean {
    const writer = this.#writer;
    if (writer.isMarker(bytes, start, end)) return writer.null();
    if ((flags & CODED) === 0) {
      if (this.#nullByteMarker && bytes.subarray(start, end).includes(0)) return this.#nullByte(bytes, start, end);
      return writer.value(bytes, start, end);
    }
    if (this.#decoded.length < end - start) this.#decoded = new Uint8Array((end - start) * 2);
    const length = this.#decode(bytes, start, end, this.#decoded);
    return writer.isMarker(this.#decoded, 0, length) ? writer.null() : writer.value(this.#decoded, 0, length);
  }

  #nullByte(bytes: Uint8Array, start: number, end: number): false {
    return this.#writer.refuse(PROBLEMS.nullByte, bytes.subarray(start, end));
  }
}
