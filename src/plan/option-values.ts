// The values of Redshift's options: text → value, with the complaint at the text.
import type { SizeOption, Span, TextNode } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Reading } from "./reading.ts";

/** What an option was given, and where it stands. */
export interface Given {
  readonly name: string;
  readonly text: string;
  readonly span: Span;
}

export interface FixedWidthColumn {
  /** Any name: columns are told by their order. */
  readonly label: string;
  /** In characters. */
  readonly width: number;
}

export function given(option: { readonly name: string; readonly text: TextNode }, reading: Reading): Given {
  return { name: option.name, text: reading.text(option.text), span: option.text.span };
}

export function badValue({ name, span }: Pick<Given, "name" | "span">, reason: string, hint?: string): ShellError {
  return new ShellError("option/value", `${name} ${reason}`, {
    note: "nothing was changed",
    span,
    ...(hint === undefined ? {} : { hint }),
  });
}

const LETTERS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** One character as Redshift lets it be written: itself, `\t`, or a backslash and three octal digits. */
function decodeCharacter(text: string): string {
  const octal = /^\\([0-7]{3})$/.exec(text)?.[1];
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  const escaped = /^\\([^0-9])$/.exec(text)?.[1];
  return escaped === undefined ? text : (LETTERS[escaped] ?? escaped);
}

/** The byte of DELIMITER. Records end in LF, so neither it nor CR can part fields. */
export function delimiterByte(option: Given): number {
  const character = decodeCharacter(option.text);
  const byte = character.charCodeAt(0);
  if (character.length !== 1 || byte > 127) {
    throw badValue(option, "takes one ASCII character", "for example ',' or '\\t' or '\\001'");
  }
  if (character === "\n" || character === "\r") throw badValue(option, "cannot be the end of a line");
  return byte;
}

/** One ASCII character that prints: QUOTE, ACCEPTINVCHARS. */
export function printingCharacter(option: Given): string {
  const character = decodeCharacter(option.text);
  if (!/^[ -~]$/.test(character)) throw badValue(option, "takes one ASCII character that prints");
  return character;
}

/** The text of NULL AS: `\N` in either spelling is itself, `\0` and `\000` are the byte NUL. */
export function nullMarker(option: Given): string {
  if (option.text === "\\0" || option.text === "\\000") return "\0";
  if (option.text === "\n" || option.text === "\\n") throw badValue(option, "cannot be the end of a line");
  return option.text;
}

export function wholeNumber(option: Given, range: { readonly min: number; readonly max: number }): number {
  const value = /^\d+$/.test(option.text) ? Number(option.text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  const bounds =
    range.max === Number.MAX_SAFE_INTEGER ? `of at least ${range.min}` : `from ${range.min} to ${range.max}`;
  throw badValue(option, `takes a whole number ${bounds}`);
}

const MEGABYTE = 1024 * 1024;
const UNITS = { MB: MEGABYTE, GB: 1024 * MEGABYTE };

export interface SizeRange {
  readonly minBytes: number;
  readonly maxBytes: number;
  /** The range as the message says it. */
  readonly shown: string;
  readonly isWhole?: true;
}

export const FILE_SIZE: SizeRange = {
  minBytes: 5 * MEGABYTE,
  maxBytes: Math.floor(6.2 * UNITS.GB),
  shown: "from 5 MB to 6.2 GB",
};

export const ROW_GROUP_SIZE: SizeRange = {
  minBytes: 32 * MEGABYTE,
  maxBytes: 128 * MEGABYTE,
  shown: "from 32 MB to 128 MB, in whole megabytes",
  isWhole: true,
};

/** Megabytes and gigabytes are powers of 1024, as Redshift's are. */
export function sizeBytes(option: SizeOption<string>, range: SizeRange, reading: Reading): number {
  const text = reading.text(option.size);
  const amount = /^[\d.]/.test(text) ? Number(text) : Number.NaN;
  const bytes = Math.floor(amount * UNITS[option.unit ?? "MB"]);
  const isWhole = range.isWhole !== true || Number.isInteger(amount);
  if (isWhole && bytes >= range.minBytes && bytes <= range.maxBytes) return bytes;
  throw badValue({ name: option.name, span: option.size.span }, `takes a size ${range.shown}`);
}

/** `label:width,label:width`. */
export function fixedWidthColumns(option: Given): readonly FixedWidthColumn[] {
  return option.text.split(",").map((piece) => {
    const [, label, width] = /^\s*([^:]*[^:\s])\s*:\s*(\d+)\s*$/.exec(piece) ?? [];
    if (label === undefined || Number(width) < 1) {
      throw badValue(option, "takes label:width pairs with commas between", "for example 'id:10,name:25'");
    }
    return { label: label.trim(), width: Number(width) };
  });
}

/** Without the dot before it. */
export function fileExtension(option: Given): string {
  const extension = option.text.replace(/^\./, "");
  if (!/^[\w][\w.+-]*$/.test(extension) || extension.includes("..")) {
    throw badValue(option, "takes the end of a file name", "letters, digits and dots, as in 'csv.gz'");
  }
  return extension;
}

export function awsRegion(option: Given): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(option.text)) return option.text;
  throw badValue(option, "takes the name of a region", "for example 'eu-west-1'");
}

export function nonEmpty(option: Given): string {
  if (option.text.trim() === "") throw badValue(option, "is empty");
  return option.text;
}

const DATE_PARTS = /YYYY|YY|MM|MON|DD|HH24|HH12|HH|MI|SS|AM|PM|A\.M\.|P\.M\./i;

/** DATEFORMAT and TIMEFORMAT: one of `words`, in lower case, or a text made of date and time parts. */
export function dateFormat(option: Given, words: readonly string[]): string {
  if (words.includes(option.text)) return option.text;
  const word = words.find((known) => known === option.text.toLowerCase());
  if (word !== undefined) throw badValue(option, "tells case apart", `write '${word}'`);
  if (!DATE_PARTS.test(option.text)) {
    throw badValue(
      option,
      `takes ${words.map((known) => `'${known}'`).join(", ")} or a format`,
      "for example 'YYYY-MM-DD'",
    );
  }
  if (/TZ|OF/i.test(option.text)) throw badValue(option, "has no part for time zones", "use 'auto'");
  return option.text;
}
