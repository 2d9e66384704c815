// Where fields end, and which of them are NULL, for the quick ways through rows.

/** How fields are parted and enclosed. */
export interface FieldSyntax {
  readonly delimiter: number;
  /** What may open and close a field. */
  readonly quotes: readonly number[];
  /** A quote within quotes is doubled, and ends of lines may stand there. */
  readonly doublesQuotes: boolean;
  /** The byte after a backslash is itself. */
  readonly escapes: boolean;
}

const [TAB, LF, SPACE] = [0x09, 0x0a, 0x20];

export class FieldEnds {
  /** 1 for bytes that a field which may be NULL, or is in quotes, begins with. */
  readonly openings = new Uint8Array(256);
  /** 1 for quotes. */
  readonly quotes = new Uint8Array(256);
  readonly syntax: FieldSyntax;
  /** The text of NULL. */
  readonly marker: Uint8Array;
  readonly #delimiter: number;

  constructor(syntax: FieldSyntax, marker: Uint8Array) {
    const { delimiter, quotes, doublesQuotes } = syntax;
    this.syntax = syntax;
    this.marker = marker;
    this.#delimiter = delimiter;
    for (const quote of quotes) this.quotes[quote] = 1;
    for (const byte of [LF, delimiter, ...quotes, ...marker.subarray(0, 1)]) this.openings[byte] = 1;
    // Blanks before a quote do not count in CSV.
    if (doublesQuotes) for (const byte of [SPACE, TAB]) this.openings[byte] = 1;
  }

  /** Whether a field, opened by `quote` unless that is 0, ends before the byte at `at`, which may close it. */
  isEnd(bytes: Uint8Array, at: number, quote: number): boolean {
    if (quote !== 0 && bytes[at] !== quote) return false;
    const behind = quote === 0 ? bytes[at] : bytes[at + 1];
    return behind === this.#delimiter || behind === LF;
  }

  /** Where a field ends that is NULL: the text of NULL, or nothing where that is NULL too; -1 for every other field. */
  nullEnd(bytes: Uint8Array, at: number, quote: number, emptyIsNull: boolean): number {
    const { marker } = this;
    if (emptyIsNull && this.isEnd(bytes, at, quote)) return at;
    for (let index = 0; index < marker.length; index += 1) if (bytes[at + index] !== marker[index]) return -1;
    return this.isEnd(bytes, at + marker.length, quote) ? at + marker.length : -1;
  }
}
