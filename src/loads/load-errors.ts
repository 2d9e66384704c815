// The rows that a COPY refused, in the shape of Redshift's STL_LOAD_ERRORS.
import { isUtf8 } from "node:buffer";
import { ShellError } from "../errors.ts";
import type { Column, Row } from "../events.ts";
import type { RefusedRow } from "../formats/columns/row-writer.ts";

/** One row of STL_LOAD_ERRORS. */
export interface LoadError {
  readonly table: string;
  readonly startedAt: Date;
  readonly file: string;
  readonly line: number;
  /** Empty when no column is to blame. */
  readonly column: string;
  readonly type: string;
  readonly position: number;
  readonly rawLine: string;
  readonly rawValue: string;
  readonly code: number;
  readonly reason: string;
}

/** What a session keeps of its last COPY, whether it failed or not. */
export interface LastLoadErrors {
  /** The first thousand. */
  kept: readonly LoadError[];
}

/** How many errors are kept with all they say; the others are only counted. */
const KEPT = 1000;
/** How many rows a failure shows. */
const SHOWN = 5;
const REASONS_SHOWN = 10;
const SHOWN_CHARACTERS = 80;

export interface LoadErrorsOptions {
  /** Without its schema, as Redshift's messages have it. */
  readonly table: string;
  readonly startedAt: Date;
  /** At this many the load is refused. */
  readonly limit: number;
  /** Whether the format has MAXERROR. */
  readonly tolerance: "none" | "MAXERROR";
}

export class LoadErrors {
  count = 0;
  readonly #kept: { readonly file: number; readonly error: LoadError }[] = [];
  readonly #options: LoadErrorsOptions;
  readonly #files: string[] = [];
  readonly #reasons = new Map<string, number>();

  constructor(options: LoadErrorsOptions) {
    this.#options = options;
  }

  /** Names a file; the number is what refused rows call it. */
  addFile(label: string): number {
    return this.#files.push(label) - 1;
  }

  /** Those with all they say, by file and line: the database refuses rows later than reading them does. */
  get kept(): readonly LoadError[] {
    const sorted = this.#kept.toSorted((a, b) => a.file - b.file || a.error.line - b.error.line);
    return sorted.map(({ error }) => error);
  }

  add(row: RefusedRow): void {
    this.count += 1;
    const { code, reason, position } = row.problem;
    const kind = `${code} ${generalise(reason)}`;
    this.#reasons.set(kind, (this.#reasons.get(kind) ?? 0) + 1);
    if (this.#kept.length === KEPT) return;
    const error = {
      table: this.#options.table,
      startedAt: this.#options.startedAt,
      file: this.#files[row.file] ?? "",
      line: row.line,
      column: row.column?.name ?? "",
      type: row.column?.typeName ?? "",
      position: position ?? 0,
      rawLine: printable(row.rawLine),
      rawValue: row.rawValue === undefined ? "" : printable(row.rawValue),
      code,
      reason,
    };
    this.#kept.push({ file: row.file, error });
  }

  get isOver(): boolean {
    return this.count >= this.#options.limit;
  }

  /** Throws `load/rows` once there are too many. */
  throwIfOver(cause?: unknown): void {
    if (this.isOver) throw this.failure(cause);
  }

  failure(cause?: unknown): ShellError {
    const shown = this.kept.slice(0, SHOWN);
    const more = this.count > shown.length ? [`… ${this.count - shown.length} more`] : [];
    const { table, limit, tolerance } = this.#options;
    return new ShellError("load/rows", `Load into table '${table}' failed`, {
      detail: [...shown.map(describeLoadError), ...more, ...this.#counts()],
      hint:
        limit > 1 || tolerance === "none"
          ? "\\errors lists the rows that were refused"
          : "\\errors lists the rows that were refused; MAXERROR n loads the others",
      note: "nothing was loaded",
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #counts(): readonly string[] {
    if (this.count <= SHOWN) return [];
    const sorted = [...this.#reasons].sort((a, b) => b[1] - a[1]);
    const lines = sorted.slice(0, REASONS_SHOWN).map(([reason, count]) => `${count} × ${reason}`);
    return sorted.length > lines.length ? [...lines, `… ${sorted.length - lines.length} other reasons`] : lines;
  }
}

/** Reasons that differ only in the value they quote are one. */
function generalise(reason: string): string {
  return reason
    .replace(/'[^']*', Pos \d+/u, "'…'")
    .replace(/(sequence:) [0-9a-f ]+/u, "$1 …")
    .replace(/"[^"]*"/gu, '"…"')
    .replace(/: Key \(.*$/su, "")
    .replace(/0x[0-9a-f]+ found at location \d+/u, "… found");
}

/** One refused row as a line of an error's detail. */
export function describeLoadError(error: LoadError): string {
  const column = error.column === "" ? "" : `, column ${error.column} (${error.type})`;
  const raw = error.rawValue === "" ? error.rawLine : error.rawValue;
  const value = error.column === "" || error.rawValue !== "" ? `: "${shorten(raw)}"` : "";
  return `${error.file}, line ${error.line}${column}${value}: ${error.reason} (${error.code})`;
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/** Control characters and bytes that are no UTF-8 as escapes, so that a terminal is never told what to do. */
function printable(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) return printableBytes(bytes);
  let text = "";
  for (const part of new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)) {
    const code = part.codePointAt(0) ?? 0;
    const isHidden =
      code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xfeff || (code >= 0x200b && code <= 0x202e);
    text += ESCAPES[part] ?? (isHidden ? `\\u${code.toString(16).padStart(4, "0")}` : part);
  }
  return text;
}

/** What is no UTF-8, or was cut within a character: every byte above ASCII as an escape. */
function printableBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    if (byte < 0x80) return printable(Uint8Array.of(byte));
    return `\\x${byte.toString(16)}`;
  }).join("");
}

export const LOAD_ERROR_COLUMNS: readonly Column[] = [
  { name: "starttime", kind: "time" },
  { name: "tbl", kind: "text" },
  { name: "filename", kind: "text" },
  { name: "line_number", kind: "number" },
  { name: "colname", kind: "text" },
  { name: "type", kind: "text" },
  { name: "position", kind: "number" },
  { name: "raw_line", kind: "text" },
  { name: "raw_field_value", kind: "text" },
  { name: "err_code", kind: "number" },
  { name: "err_reason", kind: "text" },
];

export function loadErrorRow(error: LoadError): Row {
  return [
    error.startedAt.toISOString().replace("T", " ").replace("Z", ""),
    error.table,
    error.file,
    String(error.line),
    error.column,
    error.type,
    String(error.position),
    error.rawLine,
    error.rawValue,
    String(error.code),
    error.reason,
  ];
}
