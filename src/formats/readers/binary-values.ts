// Values of a text file in the form COPY binary has for their types (PostgreSQL's typreceive functions: int4recv,
// numeric_recv, timestamp_recv …): four bytes of length, then the value, big-endian.
//
// Contract of each writer: it reads the plain value at `at`, writes length and value at `to`, where there is room for
// VALUE_BYTES more than the value is long in the file, and gives where the value ends in the file; -1 when it is not one
// whose binary form is surely what the server would make of the text.
//
// They are quick because they keep to integers, make no objects and no strings, and give one number back.
import { isDay } from "../columns/moment.ts";

/** No value takes more than this beyond its bytes in the file. */
export const VALUE_BYTES = 24;

const [MINUS, PLUS, DOT, COLON, DASH, SPACE, ZERO] = [0x2d, 0x2b, 0x2e, 0x3a, 0x2d, 0x20, 0x30];
const [LETTER_F, LETTER_T] = [0x66, 0x74];

/** What digits are worth, 10 for every other byte. */
const DIGITS = new Uint8Array(256).fill(10);
for (let digit = 0; digit < 10; digit += 1) DIGITS[ZERO + digit] = digit;

const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits fit 32 bits with a sign, and a double. */
const [SMALL_DIGITS, EXACT_DIGITS, BIG_DIGITS] = [9, 15, 18];
const TWO_32 = 2 ** 32;

export function writeInteger(bytes: Uint8Array, start: number, target: DataView, to: number, size: number): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let at = first;
  let value = 0;
  let digit = DIGITS[bytes[at] ?? 0] ?? 10;
  while (digit < 10 && at - first < SMALL_DIGITS) {
    value = (Math.imul(value, 10) + digit) | 0;
    at += 1;
    digit = DIGITS[bytes[at] ?? 0] ?? 10;
  }
  if (at === first) return -1;
  if (digit < 10) return writeLongInteger(bytes, first, target, to, isNegative ? -size : size);
  if (isNegative) value = -value | 0;
  target.setInt32(to, size);
  if (size === 4) target.setInt32(to + 4, value);
  else if (size === 8) {
    target.setInt32(to + 4, value >> 31);
    target.setInt32(to + 8, value);
  } else {
    if (value > 32_767 || value < -32_768) return -1;
    target.setInt16(to + 4, value);
  }
  return at;
}

/** Ten digits or more; a negative `size` is one of a number with a minus sign. */
function writeLongInteger(bytes: Uint8Array, first: number, target: DataView, to: number, size: number): number {
  let at = first;
  let value = 0;
  let rest = 0;
  for (let digit = DIGITS[bytes[at] ?? 0] ?? 10; digit < 10; digit = DIGITS[bytes[at] ?? 0] ?? 10) {
    if (at - first < SMALL_DIGITS) value = value * 10 + digit;
    else rest = rest * 10 + digit;
    at += 1;
    if (at - first > BIG_DIGITS) return -1;
  }
  const scale = POWERS[at - first - SMALL_DIGITS] ?? 0;
  if (size === 8 || size === -8) {
    const whole = BigInt(value) * BigInt(scale) + BigInt(rest);
    target.setInt32(to, 8);
    target.setBigInt64(to + 4, size < 0 ? -whole : whole);
    return at;
  }
  const whole = value * scale + rest;
  if ((size !== 4 && size !== -4) || whole > (size < 0 ? 2_147_483_648 : 2_147_483_647)) return -1;
  target.setInt32(to, 4);
  target.setInt32(to + 4, size < 0 ? -whole : whole);
  return at;
}

/** Header of a numeric: how many digits of base 10000, what the first is worth, sign, digits shown after the dot. */
function writeNumericHead(target: DataView, to: number, digits: number, weight: number): void {
  target.setInt32(to, 8 + 2 * digits);
  target.setInt16(to + 4, digits);
  target.setInt16(to + 6, weight);
}

const NEGATIVE = 0x4000;
const BASE = 10_000;
const BASE_DIGITS = 4;
/** Longer numbers are the server's to read: far below what a numeric may have. */
const NUMERIC_DIGITS_MAX = 1000;

/** At most `wholeMax` digits before the dot and `fractionMax` after it. */
export function writeNumeric(
  bytes: Uint8Array,
  start: number,
  target: DataView,
  to: number,
  wholeMax: number,
  fractionMax: number,
): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let at = first;
  let whole = 0;
  let digit = DIGITS[bytes[at] ?? 0] ?? 10;
  while (digit < 10) {
    whole = (Math.imul(whole, 10) + digit) | 0;
    at += 1;
    digit = DIGITS[bytes[at] ?? 0] ?? 10;
  }
  const wholeDigits = at - first;
  if (wholeDigits === 0 || wholeDigits > wholeMax) return -1;
  let fraction = 0;
  let fractionDigits = 0;
  if (bytes[at] === DOT) {
    at += 1;
    digit = DIGITS[bytes[at] ?? 0] ?? 10;
    while (digit < 10) {
      fraction = (Math.imul(fraction, 10) + digit) | 0;
      fractionDigits += 1;
      at += 1;
      digit = DIGITS[bytes[at] ?? 0] ?? 10;
    }
    if (fractionDigits === 0 || fractionDigits > fractionMax) return -1;
  }
  target.setInt16(to + 8, isNegative ? NEGATIVE : 0);
  target.setInt16(to + 10, fractionDigits);
  if (wholeDigits > 2 * BASE_DIGITS || fractionDigits > BASE_DIGITS) {
    if (wholeDigits + fractionDigits > NUMERIC_DIGITS_MAX) return -1;
    writeGroups(bytes, first, wholeDigits, fractionDigits, target, to);
    return at;
  }
  let put = to + 12;
  const high = (whole / BASE) | 0;
  if (high > 0) {
    target.setInt16(put, high);
    put += 2;
  }
  target.setInt16(put, whole - high * BASE);
  put += 2;
  if (fraction > 0) {
    target.setInt16(put, fraction * (POWERS[BASE_DIGITS - fractionDigits] ?? 1));
    put += 2;
  }
  writeNumericHead(target, to, (put - to - 12) >> 1, high > 0 ? 1 : 0);
  return at;
}

/** Digits in groups of four on both sides of the dot; zeros at either end do not matter to the server. */
function writeGroups(
  bytes: Uint8Array,
  first: number,
  wholeDigits: number,
  fractionDigits: number,
  target: DataView,
  to: number,
): void {
  const wholeGroups = Math.ceil(wholeDigits / BASE_DIGITS);
  const groups = wholeGroups + Math.ceil(fractionDigits / BASE_DIGITS);
  const fractionFirst = first + wholeDigits + 1;
  for (let group = 0; group < groups; group += 1) {
    let value = 0;
    for (let digit = 0; digit < BASE_DIGITS; digit += 1) {
      const place = (group - wholeGroups) * BASE_DIGITS + digit;
      // Before the dot places count back from it.
      const at = place < 0 ? first + wholeDigits + place : fractionFirst + place;
      const isThere = place < 0 ? at >= first : place < fractionDigits;
      value = value * 10 + (isThere ? (DIGITS[bytes[at] ?? 0] ?? 0) : 0);
    }
    target.setInt16(to + 12 + 2 * group, value);
  }
  writeNumericHead(target, to, groups, wholeGroups - 1);
}

/**
 * A float of 4 or 8 bytes. Up to 15 digits and a power of ten up to 22 are exact as doubles, so that their quotient is
 * the nearest double. It becomes the nearest float unless it lies halfway between two, which the text may not have done.
 */
export function writeFloat(bytes: Uint8Array, start: number, target: DataView, to: number, size: number): number {
  const isNegative = bytes[start] === MINUS;
  let at = isNegative ? start + 1 : start;
  const first = at;
  let value = 0;
  let dot = -1;
  for (;;) {
    const byte = bytes[at] ?? 0;
    const digit = DIGITS[byte] ?? 10;
    if (digit < 10) value = value * 10 + digit;
    else if (byte === DOT && dot < 0) dot = at;
    else break;
    at += 1;
  }
  const digits = dot < 0 ? at - first : at - first - 1;
  if (digits === 0 || digits > EXACT_DIGITS || dot === first || dot === at - 1) return -1;
  if (dot >= 0) value /= POWERS[at - dot - 1] ?? 1;
  target.setInt32(to, size);
  target.setFloat64(to + 4, isNegative ? -value : value);
  if (size === 4) {
    const isHalfway = (target.getUint32(to + 8) & 0x1fff_ffff) === 0x1000_0000;
    if (isHalfway) return -1;
    target.setFloat32(to + 4, isNegative ? -value : value);
  }
  return at;
}

export function writeBoolean(bytes: Uint8Array, at: number, target: DataView, to: number): number {
  const letter = bytes[at];
  if (letter !== LETTER_T && letter !== LETTER_F) return -1;
  target.setInt32(to, 1);
  target.setInt8(to + 4, letter === LETTER_T ? 1 : 0);
  return at + 1;
}

/** Two digits, or a number that no part of a date or a time can be. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = DIGITS[bytes[at] ?? 0] ?? 10;
  const ones = DIGITS[bytes[at + 1] ?? 0] ?? 10;
  return tens > 9 || ones > 9 ? 10_000 : tens * 10 + ones;
}

const NO_DAY = -0x8000_0000;
/** From 0000-03-01 to 2000-01-01. */
const EPOCH_DAYS = 730_425;

/** Days since 2000 of `1999-12-31`. */
function readDay(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== DASH || bytes[at + 7] !== DASH) return NO_DAY;
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (year > 9999 || !isDay(year, false, month, day)) return NO_DAY;
  // Years that begin in March have their odd day at the end.
  const shifted = month > 2 ? month - 3 : month + 9;
  const from = month > 2 ? year : year - 1;
  const leapDays = ((from / 4) | 0) - ((from / 100) | 0) + ((from / 400) | 0);
  return from * 365 + leapDays + (((153 * shifted + 2) / 5) | 0) + day - 1 - EPOCH_DAYS;
}

export function writeDate(bytes: Uint8Array, at: number, target: DataView, to: number): number {
  const days = readDay(bytes, at);
  if (days === NO_DAY) return -1;
  target.setInt32(to, 4);
  target.setInt32(to + 4, days);
  return at + 10;
}

/** With a zone only what says `+00`: other times depend on the session's. */
export function writeTimestamp(bytes: Uint8Array, start: number, target: DataView, to: number, zone: boolean): number {
  const days = readDay(bytes, start);
  if (days === NO_DAY || bytes[start + 10] !== SPACE) return -1;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return -1;
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (hour > 23 || minute > 59 || second > 59) return -1;
  let at = start + 19;
  let micros = 0;
  if (bytes[at] === DOT) {
    let worth = 100_000;
    at += 1;
    for (let digit = DIGITS[bytes[at] ?? 0] ?? 10; digit < 10; digit = DIGITS[bytes[at] ?? 0] ?? 10) {
      if (worth < 1) return -1;
      micros += digit * worth;
      worth /= 10;
      at += 1;
    }
    if (at === start + 20) return -1;
  }
  if (zone) {
    if (bytes[at] !== PLUS || bytes[at + 1] !== ZERO || bytes[at + 2] !== ZERO) return -1;
    at += 3;
  }
  writeMicros(target, to, (hour * 60 + minute) * 60 + second, days, micros);
  return at;
}

/** Microseconds since 2000 in 64 bits; doubles hold those of most centuries, but not all. */
function writeMicros(target: DataView, to: number, secondOfDay: number, days: number, micros: number): void {
  const total = (days * 86_400 + secondOfDay) * 1e6 + micros;
  target.setInt32(to, 8);
  if (Number.isSafeInteger(total)) {
    target.setInt32(to + 4, Math.floor(total / TWO_32));
    target.setInt32(to + 8, total | 0);
  } else {
    target.setBigInt64(to + 4, BigInt(days * 86_400 + secondOfDay) * 1_000_000n + BigInt(micros));
  }
}
