// Rows as COPY … TO STDOUT sends them in its text form (manual, COPY, "Text Format"): fields with tabs between, LF at
// the end, \N alone for NULL, and a backslash before whatever is special, which the server writes as a letter.

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const BLANK = 0x20;
export const QUOTE = 0x22;
export const APOSTROPHE = 0x27;
export const BACKSLASH = 0x5c;
/** After a backslash: NULL. No value has it so, its backslashes are doubled. */
export const LETTER_N = 0x4e;

/** What the byte after a backslash stands for. */
export const UNESCAPED: Uint8Array = unescapedBytes();

function unescapedBytes(): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const [letter, byte] of Object.entries({ b: 8, t: TAB, n: LF, v: 11, f: 12, r: CR })) {
    table[letter.charCodeAt(0)] = byte;
  }
  return table;
}

/** Whether the field that begins at `at` is NULL: a value cannot begin so, its backslash would be doubled. */
export function isNullAt(source: Uint8Array, at: number): boolean {
  return source[at] === BACKSLASH && source[at + 1] === LETTER_N;
}

/** Where the field that begins at `from` ends: its tab, or the end of the row. */
export function fieldEnd(source: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && source[at] !== TAB) at += 1;
  return at;
}

/** A field's end without the blanks that pad a CHAR(n). */
export function unpaddedEnd(source: Uint8Array, from: number, end: number): number {
  let at = end;
  while (at > from && source[at - 1] === BLANK) at -= 1;
  return at;
}

/** The bytes a field `[from, end)` stands for, as a copy. */
export function decodeField(source: Uint8Array, from: number, end: number): Uint8Array {
  const value = source.slice(from, end);
  if (!value.includes(BACKSLASH)) return value;
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    let byte = value[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      byte = UNESCAPED[value[at] ?? 0] ?? 0;
    }
    value[length] = byte;
    length += 1;
  }
  return value.subarray(0, length);
}

/** Values as a row of COPY's, without its line feed. */
export function copyRowOf(values: readonly string[]): Uint8Array {
  const letters: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
  const fields = values.map((value) => value.replace(/[\\\t\n\r]/g, (found) => letters[found] ?? found));
  return new TextEncoder().encode(fields.join("\t"));
}
