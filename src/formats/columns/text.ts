// Text columns: length, blanks, bytes that are no UTF-8.
import { isUtf8 } from "node:buffer";
import { PROBLEMS, type Convert, type ValueProblem } from "./column.ts";
import type { Output } from "./output.ts";

const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** The letter after the backslash that stands for a byte in COPY's text form; 1 for NUL, 2 for bytes above ASCII. */
const CLASSES = new Uint8Array(256).fill(2, 128);
CLASSES[0] = 1;
for (const [byte, letter] of [
  [0x09, "t"],
  [0x0a, "n"],
  [0x0d, "r"],
  [BACKSLASH, "\\"],
] as const) {
  CLASSES[byte] = letter.charCodeAt(0);
}

/** Writes bytes in COPY's text form. Complains of NUL and of what is no UTF-8. */
export function writeText(value: Uint8Array, start: number, end: number, out: Output): ValueProblem | undefined {
  out.reserve((end - start) * 2);
  const { bytes } = out;
  let at = out.length;
  let seen = 0;
  for (let from = start; from < end; from += 1) {
    const byte = value[from] ?? 0;
    const letter = CLASSES[byte] ?? 0;
    if (letter > 2) {
      bytes[at] = BACKSLASH;
      bytes[at + 1] = letter;
      at += 2;
    } else {
      seen |= letter;
      bytes[at] = byte;
      at += 1;
    }
  }
  out.length = at;
  if (seen === 0) return undefined;
  if ((seen & 1) !== 0) return PROBLEMS.zeroByte;
  const part = value.subarray(start, end);
  return isUtf8(part) ? undefined : invalidUtf8(part);
}

/** What is wrong with bytes that are no UTF-8. */
export function invalidUtf8(part: Uint8Array): ValueProblem {
  const at = firstInvalid(part, 0);
  const hex = Buffer.from(part.subarray(at, at + 4)).toString("hex");
  const shown = hex.replace(/(..)(?=.)/g, "$1 ");
  return {
    code: 1220,
    reason: `String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: ${shown}`,
    position: at,
  };
}

/** Where the first sequence that is no UTF-8 begins, at or after `from`; the length when there is none. */
function firstInvalid(part: Uint8Array, from: number): number {
  for (let at = from; at < part.length;) {
    const width = sequenceWidth(part, at);
    if (width === 0) return at;
    at += width;
  }
  return part.length;
}

/** Bytes of the character at `at`, 0 when there is no valid one. */
function sequenceWidth(part: Uint8Array, at: number): number {
  const lead = part[at] ?? 0;
  if (lead < 0x80) return 1;
  const width = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (width === 0 || at + width > part.length) return 0;
  return isUtf8(part.subarray(at, at + width)) ? width : 0;
}

/** A copy with every invalid byte replaced, so that the length stays. */
export function replaceInvalid(part: Uint8Array, replacement: number): Uint8Array {
  const copy = Uint8Array.from(part);
  for (let at = firstInvalid(copy, 0); at < copy.length; at = firstInvalid(copy, at)) copy[at] = replacement;
  return copy;
}

export interface TextOptions {
  /** In characters; absent for any. */
  readonly length?: number;
  readonly isChar: boolean;
  readonly trimBlanks: boolean;
  readonly blanksAsNull: boolean;
  /** Cut at `length` bytes, on a character's boundary: a Redshift column counts bytes. */
  readonly truncate: boolean;
  /** A byte that stands for each invalid one. */
  readonly replacement: number | undefined;
  /** Told of every value that something was replaced in. */
  readonly replaced: () => void;
}

/** What turns values into text; `isBlank` is asked before it. */
export function textConverter(options: TextOptions): Convert {
  const { length = Number.POSITIVE_INFINITY, replacement, truncate } = options;
  const trims = options.trimBlanks && !options.isChar;
  return (given, from, to, out) => {
    let [value, start, end] = [given, from, to];
    if (trims) end = trimEnd(value, start, end);
    if (replacement !== undefined && !isUtf8(value.subarray(start, end))) {
      value = replaceInvalid(value.subarray(start, end), replacement);
      [start, end] = [0, value.length];
      options.replaced();
    }
    if (end - start > length) {
      if (truncate) end = cutAt(value, start, start + length);
      else if (isTooLong(value, start, end, length)) {
        return options.isChar ? PROBLEMS.charTooLong : PROBLEMS.stringTooLong;
      }
    }
    return writeText(value, start, end, out);
  };
}

export function isBlank(value: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = value[at] ?? 0;
    if (byte !== SPACE && (byte < 0x09 || byte > 0x0d)) return false;
  }
  return end > start;
}

function trimEnd(value: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && value[last - 1] === SPACE) last -= 1;
  return last;
}

/** The last character boundary at or before `limit`. */
function cutAt(value: Uint8Array, start: number, limit: number): number {
  let at = limit;
  while (at > start && isContinuation(value[at] ?? 0)) at -= 1;
  return at;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Blanks at the end do not count, as PostgreSQL drops them itself. */
function isTooLong(value: Uint8Array, start: number, end: number, length: number): boolean {
  const last = trimEnd(value, start, end);
  let characters = 0;
  for (let at = start; at < last; at += 1) if (!isContinuation(value[at] ?? 0)) characters += 1;
  return characters > length;
}
