/** How results are drawn: what \pset, \x, \a, \t, \f and the format flags change. Separators and null are literal text. */
export interface Display {
  readonly format: "aligned" | "unaligned" | "csv" | "json" | "ndjson";
  /** `auto` expands when an aligned table would not fit the terminal. */
  readonly expanded: "off" | "on" | "auto";
  readonly border: 0 | 1 | 2;
  readonly lineStyle: "ascii" | "unicode";
  readonly tuplesOnly: boolean;
  /** The `(3 rows)` line. */
  readonly footer: boolean;
  readonly fieldSeparator: string;
  readonly csvSeparator: string;
  readonly recordSeparator: string;
  readonly nullText: string;
  readonly title?: string;
  /** NULL is to be seen on a terminal although \pset null says nothing. */
  readonly visibleNull: boolean;
  /** Rows of one result that a terminal shows; 0 is all. Nothing else is ever cut. */
  readonly rowsMax: number;
  /** Results taller than the prompt's terminal go through a pager. */
  readonly pager: boolean;
}

export const DEFAULT_DISPLAY: Display = {
  format: "aligned",
  expanded: "off",
  border: 1,
  lineStyle: "ascii",
  tuplesOnly: false,
  footer: true,
  fieldSeparator: "|",
  csvSeparator: ",",
  recordSeparator: "\n",
  nullText: "",
  visibleNull: false,
  rowsMax: 0,
  pager: false,
};

/** What a person at a terminal wants to see, unless it was asked for otherwise. */
export function displayForPrompt(display: Display): Display {
  return {
    ...display,
    expanded: display.expanded === "off" ? "auto" : display.expanded,
    visibleNull: true,
    rowsMax: display.rowsMax === 0 ? PROMPT_ROWS_MAX : display.rowsMax,
    pager: true,
  };
}

const PROMPT_ROWS_MAX = 500;
