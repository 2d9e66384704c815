// Number columns: syntax and range are checked here, so that a bad row costs no round trip.
import type { Convert, ValueProblem } from "./column.ts";
import { writeText } from "./text.ts";

const [MINUS, PLUS, DOT, ZERO, NINE, SPACE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x20];

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
const isSpace = (byte: number): boolean => byte === SPACE || (byte >= 0x09 && byte <= 0x0d);

/** A part of a value without the blanks around it. */
function trimmed(value: Uint8Array, from: number, to: number): readonly [start: number, end: number] {
  let [start, end] = [from, to];
  while (start < end && isSpace(value[start] ?? 0)) start += 1;
  while (end > start && isSpace(value[end - 1] ?? 0)) end -= 1;
  return [start, end];
}

const INTEGERS = {
  2: { name: "Smallint", max: 32_767n, sureDigits: 4 },
  4: { name: "Integer", max: 2_147_483_647n, sureDigits: 9 },
  8: { name: "Bigint", max: 9_223_372_036_854_775_807n, sureDigits: 18 },
} as const;

export function integerConverter(bytes: 2 | 4 | 8): Convert {
  const { name, max, sureDigits } = INTEGERS[bytes];
  return (value, from, to, out) => {
    const [start, end] = trimmed(value, from, to);
    const isNegative = value[start] === MINUS;
    const first = isNegative || value[start] === PLUS ? start + 1 : start;
    if (first === end) return invalidDigit(value, first < to ? first : start, from, name);
    for (let at = first; at < end; at += 1) {
      if (!isDigit(value[at] ?? 0)) return invalidDigit(value, at, from, name);
    }
    if (end - first > sureDigits) {
      const number = BigInt(latin(value, first, end));
      if (number > (isNegative ? max + 1n : max)) return { code: 1222, reason: `Overflow for type ${name}` };
    }
    out.raw(value, start, end);
    return undefined;
  };
}

function invalidDigit(value: Uint8Array, at: number, from: number, type: string): ValueProblem {
  const position = at - from;
  const shown = JSON.stringify(latin(value, at, at + 1)).slice(1, -1);
  return { code: 1207, reason: `Invalid digit, Value '${shown}', Pos ${position}, Type: ${type}`, position };
}

function latin(value: Uint8Array, start: number, end: number): string {
  return Buffer.from(value.buffer, value.byteOffset + start, Math.max(0, end - start)).toString("latin1");
}

/** Where the parts of a plain number are; `undefined` when it has an exponent or is no number. */
interface PlainNumber {
  /** Of the first digit that is not a leading zero. */
  readonly significant: number;
  /** Of the dot, or the end. */
  readonly dot: number;
}

function scanPlain(value: Uint8Array, start: number, end: number): PlainNumber | undefined {
  let at = value[start] === MINUS || value[start] === PLUS ? start + 1 : start;
  const first = at;
  while (at < end && value[at] === ZERO) at += 1;
  const significant = at;
  while (at < end && isDigit(value[at] ?? 0)) at += 1;
  const dot = at;
  if (at < end && value[at] === DOT) at += 1;
  const fraction = at;
  while (at < end && isDigit(value[at] ?? 0)) at += 1;
  const hasDigits = dot > first || at > fraction;
  return at === end && hasDigits ? { significant, dot } : undefined;
}

const EXPONENT = /^([+-]?)(\d*)\.?(\d*)[eE]([+-]?\d{1,4})$/;
/** What PostgreSQL's numeric and float columns hold besides numbers. */
const WORDS = /^(?:nan|[+-]?inf(?:inity)?)$/i;

/** A number with an exponent as one without. */
function expand(text: string): string | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = ""] = EXPONENT.exec(text) ?? [];
  if (whole === "" && fraction === "") return undefined;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, "0");
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

export interface NumericOptions {
  readonly precision?: number;
  readonly scale?: number;
  /** Leave digits past the scale to the database, which rounds; else cut them off. */
  readonly round: boolean;
}

export function numericConverter(options: NumericOptions): Convert {
  const { precision, scale, round } = options;
  const wholeDigitsMax =
    precision !== undefined && scale !== undefined && scale >= 0 ? precision - scale : Number.POSITIVE_INFINITY;
  const fractionMax = scale === undefined || round || scale < 0 ? Number.POSITIVE_INFINITY : scale;
  const convert: Convert = (value, from, to, out) => {
    const [start, end] = trimmed(value, from, to);
    const plain = scanPlain(value, start, end);
    if (plain === undefined) {
      const text = latin(value, start, end);
      if (WORDS.test(text)) return writeText(value, start, end, out);
      const expanded = expand(text);
      if (expanded !== undefined) return convert(Buffer.from(expanded), 0, expanded.length, out);
      return { code: 1209, reason: `Invalid decimal value ${JSON.stringify(text.slice(0, 40))}` };
    }
    // A negative limit asks for leading zeros after the dot, which the database counts itself.
    if (wholeDigitsMax >= 0 && plain.dot - plain.significant > wholeDigitsMax) {
      return { code: 1204, reason: `Numeric data overflow (precision ${precision}, scale ${scale})` };
    }
    out.raw(value, start, Math.min(end, fractionMax === 0 ? plain.dot : plain.dot + 1 + fractionMax));
    return undefined;
  };
  if (scale !== undefined && scale < 0 && !round) return truncatingLeft(convert, -scale);
  return convert;
}

/** A negative scale cuts digits off before the dot: they become zeros. */
function truncatingLeft(convert: Convert, zeros: number): Convert {
  return (value, from, to, out) => {
    const [start, end] = trimmed(value, from, to);
    const given = latin(value, start, end);
    const text = scanPlain(value, start, end) === undefined ? expand(given) : given;
    if (text === undefined) return convert(value, from, to, out);
    const [, sign = "", whole = ""] = /^([+-]?)(\d*)/.exec(text) ?? [];
    const kept = whole.length > zeros ? whole.slice(0, -zeros) + "0".repeat(zeros) : "0";
    return convert(Buffer.from(sign + kept), 0, sign.length + kept.length, out);
  };
}

export const floatConverter: Convert = (value, from, to, out) => {
  const [start, end] = trimmed(value, from, to);
  if (scanPlain(value, start, end) === undefined) {
    const text = latin(value, start, end);
    if (!WORDS.test(text) && expand(text) === undefined) {
      return { code: 1208, reason: `Invalid floating point value ${JSON.stringify(text.slice(0, 40))}` };
    }
  }
  out.raw(value, start, end);
  return undefined;
};
