// Values that are plain, copied as they stand: what is read and what is written have the same length.
import { isPlainDate, isPlainTimestamp } from "../columns/dates.ts";
import { BOOLEAN, DATE, NUMBER, TIMESTAMP, type PlainColumn } from "./plain-columns.ts";

const [PLUS, MINUS, DOT, ZERO, NINE, LETTER_F, LETTER_T] = [0x2b, 0x2d, 0x2e, 0x30, 0x39, 0x66, 0x74];

/** Copies an optional sign, digits, and perhaps a dot and more digits. Gives where they end, -1 when they are not plain. */
export function copyNumber(
  bytes: Uint8Array,
  start: number,
  target: Uint8Array,
  from: number,
  max: number,
  fractionMax: number,
): number {
  let at = start;
  let to = from;
  let byte = bytes[at] ?? 0;
  if (byte === MINUS) {
    target[to++] = MINUS;
    byte = bytes[++at] ?? 0;
  }
  const whole = at;
  while (byte >= ZERO && byte <= NINE) {
    target[to++] = byte;
    byte = bytes[++at] ?? 0;
  }
  if (at === whole || at - whole > max) return -1;
  if (byte !== DOT) return at;
  target[to++] = byte;
  byte = bytes[++at] ?? 0;
  const fraction = at;
  while (byte >= ZERO && byte <= NINE) {
    target[to++] = byte;
    byte = bytes[++at] ?? 0;
  }
  return at === fraction || at - fraction > fractionMax ? -1 : at;
}

/** Copies a text up to the first byte that is not a matter of course. */
export function copyRun(
  bytes: Uint8Array,
  start: number,
  target: Uint8Array,
  from: number,
  max: number,
  stops: Uint8Array,
): number {
  let at = start;
  let to = from;
  let byte = bytes[at] ?? 0;
  while (stops[byte] === 0) {
    target[to++] = byte;
    byte = bytes[++at] ?? 0;
  }
  return at - start > max ? -1 : at;
}

/** Copies a value of any other type. Gives where it ends, -1 when it is not plain. */
export function copyValue(bytes: Uint8Array, at: number, target: Uint8Array, to: number, column: PlainColumn): number {
  switch (column.type) {
    case NUMBER:
      return copyNumber(bytes, at, target, to, column.max, column.fractionMax);
    case DATE:
      return isPlainDate(bytes, at) ? copyTo(bytes, at, at + 10, target, to) : -1;
    case TIMESTAMP:
      return copyTimestamp(bytes, at, target, to, column.zone);
    case BOOLEAN: {
      const letter = bytes[at];
      return letter === LETTER_T || letter === LETTER_F ? copyTo(bytes, at, at + 1, target, to) : -1;
    }
    default:
      return -1;
  }
}

function copyTo(bytes: Uint8Array, start: number, end: number, target: Uint8Array, to: number): number {
  for (let at = start; at < end; at += 1) target[to + at - start] = bytes[at] ?? 0;
  return end;
}

function copyTimestamp(bytes: Uint8Array, start: number, target: Uint8Array, to: number, zone: boolean): number {
  let at = start + 19;
  if (bytes[at] === DOT) {
    at += 1;
    for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[at] ?? 0) at += 1;
  }
  if (!isPlainTimestamp(bytes, start, at)) return -1;
  if (zone && bytes[at] === PLUS && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO) at += 3;
  return copyTo(bytes, start, at, target, to);
}
