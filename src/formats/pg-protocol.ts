/**
 * Messages of the PostgreSQL frontend/backend protocol 3.0 (PostgreSQL manual, chapter "Frontend/Backend Protocol",
 * "Message Formats"), as far as a session past its start-up needs them:
 *
 *   | type: 1 byte | length: int32, itself included | body: length - 4 bytes |
 */
import { concatBytes, utf8 } from "../std/bytes.ts";

/** Type byte plus length word. */
export const FRAME_HEADER_BYTES = 5;

/** Types of backend messages, by the byte that opens them. */
export const BACKEND = {
  notification: 0x41,
  commandComplete: 0x43,
  dataRow: 0x44,
  error: 0x45,
  copyInResponse: 0x47,
  copyOutResponse: 0x48,
  emptyQuery: 0x49,
  notice: 0x4e,
  rowDescription: 0x54,
  readyForQuery: 0x5a,
  copyDone: 0x63,
  copyData: 0x64,
} as const;

/** Types of frontend messages. */
const FRONTEND = {
  bind: 0x42,
  describe: 0x44,
  execute: 0x45,
  parse: 0x50,
  query: 0x51,
  sync: 0x53,
  copyDone: 0x63,
  copyData: 0x64,
  copyFail: 0x66,
} as const;

/** One message around a body. */
function frame(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts);
  const message = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  message[0] = type;
  new DataView(message.buffer).setUint32(1, 4 + body.length);
  message.set(body, FRAME_HEADER_BYTES);
  return message;
}

/** Text with the closing NUL. A NUL within would end the message early: the server could never see what follows. */
function cString(text: string): Uint8Array {
  return utf8(`${text}\0`);
}

function int16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

function int32(value: number): Uint8Array {
  return Uint8Array.of((value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

/** A simple Query: possibly several statements. */
export function queryMessage(sql: string): Uint8Array {
  return frame(FRONTEND.query, cString(sql));
}

/** Parse, Bind, Describe, Execute and Sync of one statement; parameters and results as text, types left to the server. */
export function extendedQueryMessages(sql: string, parameters: readonly (string | null)[]): Uint8Array {
  const values = parameters.flatMap((value) => {
    if (value === null) return [int32(-1)];
    const bytes = utf8(value);
    return [int32(bytes.length), bytes];
  });
  return concatBytes([
    frame(FRONTEND.parse, cString(""), cString(sql), int16(0)),
    frame(FRONTEND.bind, cString(""), cString(""), int16(0), int16(parameters.length), ...values, int16(0)),
    frame(FRONTEND.describe, utf8("P"), cString("")),
    frame(FRONTEND.execute, cString(""), int32(0)),
    frame(FRONTEND.sync),
  ]);
}

/** Only the header of a CopyData message: the payload of `bytes` bytes follows as it is. */
export function copyDataHeader(bytes: number): Uint8Array {
  return Uint8Array.of(FRONTEND.copyData, ...int32(4 + bytes));
}

export function copyDoneMessage(): Uint8Array {
  return frame(FRONTEND.copyDone);
}

/** Ends COPY … FROM STDIN with an error that carries `reason`. */
export function copyFailMessage(reason: string): Uint8Array {
  return frame(FRONTEND.copyFail, cString(reason));
}

/** What a frame reader tells: the body is `bytes[start, end)`, valid during the call only. */
export type FrameVisitor = (type: number, bytes: Uint8Array, start: number, end: number) => void;

/** Cuts a stream of backend bytes into messages, whatever the pieces are. A message that lies whole in a piece is not copied. */
export class FrameReader {
  readonly #visit: FrameVisitor;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;

  constructor(visit: FrameVisitor) {
    this.#visit = visit;
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    let at = this.#partialBytes > 0 ? this.#finishPartial(piece) : 0;
    while (at < piece.length) {
      const end = frameEnd(piece, at);
      if (end === undefined || end > piece.length) {
        this.#keep(piece.subarray(at));
        return;
      }
      this.#visit(byteAt(piece, at), piece, at + FRAME_HEADER_BYTES, end);
      at = end;
    }
  }

  /** Completes a message that earlier pieces began; returns how much of `piece` that took. */
  #finishPartial(piece: Uint8Array): number {
    let taken = 0;
    if (this.#partialBytes < FRAME_HEADER_BYTES) {
      taken = Math.min(FRAME_HEADER_BYTES - this.#partialBytes, piece.length);
      this.#keep(piece.subarray(0, taken));
      this.#partial = [concatBytes(this.#partial)];
      if (this.#partialBytes < FRAME_HEADER_BYTES) return taken;
    }
    const [first] = this.#partial;
    const length = first === undefined ? undefined : frameEnd(first, 0);
    if (length === undefined) return taken;
    const more = Math.min(length - this.#partialBytes, piece.length - taken);
    this.#keep(piece.subarray(taken, taken + more));
    if (this.#partialBytes === length) {
      const whole = concatBytes(this.#partial);
      this.#partial = [];
      this.#partialBytes = 0;
      this.#visit(byteAt(whole, 0), whole, FRAME_HEADER_BYTES, length);
    }
    return taken + more;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#partial.push(bytes.slice());
    this.#partialBytes += bytes.length;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    (byteAt(bytes, at) << 24) | (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3)
  );
}

function int16At(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
}

/** Offset just past the message at `at`; undefined while its header is not whole. */
function frameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < FRAME_HEADER_BYTES) return undefined;
  return at + 1 + int32At(bytes, at + 1);
}

// Not TextDecoder: it drops a leading U+FEFF, which a value may well begin with.
function textAt(bytes: Uint8Array, start: number, end: number): string {
  return bufferOf(bytes).toString("utf8", start, end);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The text up to the next NUL. */
function cStringAt(bytes: Uint8Array, start: number): string {
  return textAt(bytes, start, bytes.indexOf(0, start));
}

export interface FieldDescription {
  readonly name: string;
  readonly typeOid: number;
}

/** The body of a RowDescription. */
export function parseRowDescription(body: Uint8Array): readonly FieldDescription[] {
  const fields: FieldDescription[] = [];
  let at = 2;
  for (let left = int16At(body, 0); left > 0; left -= 1) {
    const nameEnd = body.indexOf(0, at);
    fields.push({ name: textAt(body, at, nameEnd), typeOid: int32At(body, nameEnd + 7) >>> 0 });
    at = nameEnd + 19;
  }
  return fields;
}

/** The body of a DataRow in text format. */
export function parseDataRow(bytes: Uint8Array, start: number): readonly (string | null)[] {
  const values: (string | null)[] = [];
  const buffer = bufferOf(bytes);
  let at = start + 2;
  for (let left = int16At(bytes, start); left > 0; left -= 1) {
    const length = int32At(bytes, at);
    at += 4;
    if (length === -1) {
      values.push(null);
    } else {
      values.push(buffer.toString("utf8", at, at + length));
      at += length;
    }
  }
  return values;
}

/** The body of an ErrorResponse or NoticeResponse: one-letter field names ("Error and Notice Message Fields") to text. */
export function parseReport(body: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    fields.set(String.fromCharCode(byteAt(body, at)), textAt(body, at + 1, end));
    at = end + 1;
  }
  return fields;
}

/** The body of a CommandComplete. */
export function parseCommandTag(body: Uint8Array): string {
  return cStringAt(body, 0);
}

/** The body of a NotificationResponse. */
export function parseNotification(body: Uint8Array): { readonly channel: string; readonly payload: string } {
  const channelEnd = body.indexOf(0, 4);
  return { channel: textAt(body, 4, channelEnd), payload: cStringAt(body, channelEnd + 1) };
}

/** The body of a ReadyForQuery. */
export function parseTransactionStatus(body: Uint8Array): "idle" | "open" | "failed" {
  const status = String.fromCharCode(byteAt(body, 0));
  if (status === "T") return "open";
  return status === "E" ? "failed" : "idle";
}

/** Whether the body of a CopyInResponse or CopyOutResponse announces binary data. */
export function isBinaryCopy(body: Uint8Array): boolean {
  return body[0] === 1;
}
