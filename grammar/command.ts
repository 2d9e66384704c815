import type { Span } from "./nodes.ts";

/** One shell command as it stands in a line. */
export interface CommandText {
  /** Without the backslash. */
  readonly name: string;
  /** Raw: quotes, backquotes and variables as they were typed, without the blanks around. */
  readonly args: string;
  /** From the backslash to the end of the arguments. */
  readonly span: Span;
  /** Where reading goes on: after `\\`, at the next command, or at the end of the line. */
  readonly resumeAt: number;
}

// These take the rest of the line as it is, backslashes included.
const WHOLE_LINE = new Set(["!", "copy", "ef", "ev", "h", "help", "sf", "sf+", "sv", "sv+"]);

/** Reads the command whose backslash stands at `start`; it ends with its line or at an unquoted backslash. */
export function readCommand(source: string, start: number, lineEnd: number): CommandText {
  let at = start + 1;
  while (at < lineEnd && !/[\s\\]/.test(source[at] ?? " ")) at++;
  // `\\dt;`: a semicolon is no part of any command's name.
  const name = source.slice(start + 1, at).replace(/;+$/, "");
  const argsEnd = WHOLE_LINE.has(name) ? lineEnd : argumentsEnd(source, at, lineEnd);
  const args = source.slice(at, argsEnd);
  const trimmed = args.trim();
  const end = trimmed === "" ? at : at + args.trimEnd().length;
  const isSeparator = source[argsEnd] === "\\" && source[argsEnd + 1] === "\\" && argsEnd < lineEnd;
  return { name, args: trimmed, span: { start, end }, resumeAt: isSeparator ? argsEnd + 2 : argsEnd };
}

function argumentsEnd(source: string, from: number, lineEnd: number): number {
  let quote: string | undefined;
  for (let at = from; at < lineEnd; at++) {
    const character = source[at];
    if (quote !== undefined) {
      if (character === "\\" && quote === "'") at++;
      else if (character === quote) quote = undefined;
    } else if (character === "'" || character === '"' || character === "`") quote = character;
    else if (character === "\\") return at;
  }
  return lineEnd;
}

/** Finds ends of lines, looking no stretch of the source over twice when asked from front to back. */
export class LineEnds {
  readonly #source: string;
  #known = -1;

  constructor(source: string) {
    this.#source = source;
  }

  /** The first line feed at or after `at`, or the end of the source. */
  after(at: number): number {
    if (this.#known < at) {
      const found = this.#source.indexOf("\n", at);
      this.#known = found === -1 ? this.#source.length : found;
    }
    return this.#known;
  }
}
