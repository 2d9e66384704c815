/** How results are drawn: what \pset, \x, \a, \t, \f and the format flags change. Separators and null are literal text. */
export interface Display {
  readonly format: "aligned" | "unaligned" | "csv" | "json" | "ndjson";
  /** `auto` expands when an aligned table would not fit the terminal. */
  readonly expanded: "off" | "on" | "auto";
  readonly border: 0 | 1 | 2;
  readonly tuplesOnly: boolean;
  /** The `(3 rows)` line. */
  readonly footer: boolean;
  readonly fieldSeparator: string;
  readonly csvSeparator: string;
  readonly recordSeparator: string;
  readonly nullText: string;
  readonly title?: string;
}

export const DEFAULT_DISPLAY: Display = {
  format: "aligned",
  expanded: "off",
  border: 1,
  tuplesOnly: false,
  footer: true,
  fieldSeparator: "|",
  csvSeparator: ",",
  recordSeparator: "\n",
  nullText: "",
};
