// Splits a psql script: statements at ';', shell commands, inline COPY data. One pass, linear in the source, and data
// is skipped rather than read. Lexical rules are psql's own: docs of psql, "Meta-Commands" and "SQL Interpolation".
import { LineEnds, readCommand, type CommandText } from "./command.ts";
import { dataEnd } from "./inline-rows.ts";
import { remember } from "./remember.ts";
import { resume, type NoteLine } from "./resume.ts";
import { syntaxError, type Diagnostic } from "./diagnostic.ts";
import { unterminated } from "./diagnostics.ts";
import { unterminatedAt } from "./lexer.ts";
import type { Span } from "./nodes.ts";
import { Scanner } from "./scan.ts";
import { variableAt, type ScriptVariable } from "./script-variable.ts";
import { copyPending, createPending, followWord, isEmpty, textOf, type Pending } from "./pending.ts";

export type Terminator =
  | { readonly kind: "semicolon" }
  /** A command that sends the buffer: \g \gx \gset \gexec \gdesc \watch \crosstabview \plan. */
  | { readonly kind: "command"; readonly name: string; readonly args: string; readonly span: Span }
  /** The source ended. */
  | { readonly kind: "end" };

export interface ScriptStatement {
  readonly kind: "statement";
  /**
   * The source from `span.start` to `span.end`, character for character, except that commands inside it and the
   * backslash of `\;` are blanks. So an offset in the text, plus `span.start`, is an offset in the source.
   */
  readonly text: string;
  readonly span: Span;
  readonly terminator: Terminator;
  /** Rows for COPY … FROM STDIN, without the line `\.`. */
  readonly copyData?: Span;
  /** Where psql would put a variable's value if one has that name; a name without a variable stays as it is. */
  readonly variables: readonly ScriptVariable[];
  /** Something is not closed: the statement cannot be sent. */
  readonly diagnostic?: Diagnostic;
}

export interface ScriptCommand {
  readonly kind: "command";
  /** Without the backslash. */
  readonly name: string;
  /** Raw, to the end of the line or to an unquoted backslash. */
  readonly args: string;
  readonly span: Span;
  /** The statement that has been begun before the command; the command does not end it. */
  readonly buffer: string;
  /** Rows for `\copy … from stdin`. */
  readonly copyData?: Span;
}

export type ScriptItem = ScriptStatement | ScriptCommand;

export interface SplitOptions {
  readonly backslashEscapes?: boolean;
  /** After which words the next lines are rows: STDIN and PSTDIN where it is not said. */
  readonly inlineRows?: "all" | "stdin" | "none";
}

const ROWS_BELOW = { all: /\bfrom\s+p?stdin\b/i, stdin: /\bfrom\s+stdin\b/i, none: undefined } as const;

const SENDING = new Set(["g", "gx", "gset", "gexec", "gdesc", "watch", "crosstabview", "plan", "plan+"]);
/** After these what was begun is no more. */
const DISCARDING = new Set(["r", "reset", "q", "quit"]);

/** Splits a script into what is to be done, in order. Never throws. */
export function splitScript(source: string, options: SplitOptions = {}): readonly ScriptItem[] {
  const isPlain = options.backslashEscapes !== true && (options.inlineRows ?? "all") === "all";
  return isPlain ? splitPlain(source) : splitWith(source, options);
}

function splitWith(source: string, options: SplitOptions): readonly ScriptItem[] {
  return new Splitter(source, true, options).split();
}

/** What goes on from one line into the next. */
interface Between {
  readonly pending: Pending;
  readonly backslashEscapes: boolean;
}

const splitPlain = remember(
  resume<ScriptItem, Between>((source, from, between, items, note) =>
    new Splitter(source, true, {}, items).splitOn(from, between, note),
  ),
);

/** Whether nothing is left open, so that Enter may submit: every statement ended, every quote and COPY's data closed. */
export function isComplete(source: string, options: SplitOptions = {}): boolean {
  const last = splitScript(source, options).at(-1);
  if (last === undefined) return true;
  if (last.kind === "statement" && last.terminator.kind === "end") return false;
  return last.copyData === undefined || source.startsWith("\\.", last.copyData.end);
}

/** Splits SQL without shell commands and without inline data. */
export function splitStatements(source: string, options: SplitOptions = {}): readonly ScriptStatement[] {
  return new Splitter(source, false, options).split().filter((item) => item.kind === "statement");
}

class Splitter {
  readonly #source: string;
  readonly #commands: boolean;
  readonly #backslashEscapes: boolean;
  /** Which \\copy has its rows below it; `undefined` when no statement has. */
  readonly #rowsBelow: RegExp | undefined;
  readonly #scanner: Scanner;
  readonly #lines: LineEnds;
  readonly #items: ScriptItem[];
  #pending: Pending = createPending();
  /** Set between a statement that reads inline data and the end of its line: where to go on after the data. */
  #resumeAt: number | undefined;

  constructor(source: string, commands: boolean, options: SplitOptions, items: ScriptItem[] = []) {
    this.#source = source;
    this.#items = items;
    this.#commands = commands;
    this.#backslashEscapes = options.backslashEscapes ?? false;
    this.#rowsBelow = ROWS_BELOW[options.inlineRows ?? "all"];
    this.#lines = new LineEnds(source);
    this.#scanner = new Scanner(source, { backslashEscapes: this.#backslashEscapes });
  }

  split(): readonly ScriptItem[] {
    while (this.#step(undefined));
    if (!isEmpty(this.#pending)) this.#finish({ kind: "end" });
    return this.#items;
  }

  /** Goes on at the beginning of a line that was noted, or begins. */
  splitOn(from: number, between: Between | undefined, note: NoteLine<Between>): void {
    this.#scanner.moveTo(from);
    if (between !== undefined) {
      this.#pending = copyPending(between.pending);
      this.#scanner.backslashEscapes = between.backslashEscapes;
    }
    let noted = from;
    const noteNew = (at: number): void => {
      // Rows that are still to be passed over are not in the state.
      if (at <= noted) return;
      noted = at;
      if (this.#resumeAt !== undefined) return;
      note(at, this.#items.length, {
        pending: copyPending(this.#pending),
        backslashEscapes: this.#scanner.backslashEscapes,
      });
    };
    while (this.#step(noteNew));
    if (!isEmpty(this.#pending)) this.#finish({ kind: "end" });
  }

  #step(noteLine: ((at: number) => void) | undefined): boolean {
    const scanner = this.#scanner;
    const kind = scanner.next();
    if (kind === "end") return this.#skipData();
    noteLine?.(scanner.lineStart);
    if (!scanner.closed) {
      this.#touch();
      this.#finish({ kind: "end" }, unterminated(unterminatedAt(this.#source, scanner)));
      return true;
    }
    switch (kind) {
      case "comment":
        // A leading hint belongs to its statement; any other leading comment does not.
        if (this.#source.startsWith("/*+", scanner.start)) this.#touch();
        return true;
      case "backslash":
        if (this.#commands) this.#readBackslash();
        else this.#touch();
        return true;
      case "sign":
        this.#readSign();
        return true;
      case "word":
        this.#readWord();
        return true;
      case "variable":
        this.#pending.variables.push(variableAt(this.#source, scanner));
        this.#touch();
        return true;
      case "quoted-identifier":
      case "string":
      case "dollar-string":
      case "number":
      case "placeholder":
        this.#touch();
        return true;
    }
    return true;
  }

  /** The lexeme belongs to the statement. */
  #touch(): void {
    if (isEmpty(this.#pending)) this.#pending.start = this.#scanner.start;
    this.#pending.end = this.#scanner.end;
  }

  #readWord(): void {
    const { start, end } = this.#scanner;
    const { words, previous } = this.#pending;
    const isVerb = words === 0 || (words === 1 && previous === "explain");
    this.#touch();
    const word = followWord(this.#pending, this.#source, start, end);
    // UNLOAD is nobody's statement but Redshift's, whatever is connected.
    if (isVerb && word === "unload") this.#scanner.backslashEscapes = true;
  }

  #readSign(): void {
    const sign = this.#source[this.#scanner.start];
    const pending = this.#pending;
    if (sign === ";" && pending.parentheses === 0 && pending.blocks === 0) {
      if (!isEmpty(pending)) this.#finish({ kind: "semicolon" });
      return;
    }
    if (sign === "(") pending.parentheses++;
    else if (sign === ")" && pending.parentheses > 0) pending.parentheses--;
    this.#touch();
  }

  #readBackslash(): void {
    const { start } = this.#scanner;
    const next = this.#source[start + 1];
    if (next === ";" || next === ":") {
      this.#scanner.moveTo(start + 2);
      this.#touch();
      this.#pending.holes.push({ start, end: start + 1 });
      return;
    }
    if (next === "\\") {
      this.#scanner.moveTo(start + 2);
      this.#hole(start, start + 2);
      return;
    }
    const command = readCommand(this.#source, start, Math.min(this.#lines.after(start), this.#scanner.limit));
    this.#scanner.moveTo(command.resumeAt);
    this.#take(command);
  }

  #take(command: CommandText): void {
    const { name, args, span, resumeAt } = command;
    if (SENDING.has(name) && !isEmpty(this.#pending)) {
      this.#finish({ kind: "command", name, args, span });
      return;
    }
    const copyData = name === "copy" && this.#rowsBelow?.test(args) === true ? this.#findData() : undefined;
    const base = { kind: "command", name, args, span, buffer: textOf(this.#pending, this.#source) } as const;
    this.#items.push(copyData === undefined ? base : { ...base, copyData });
    this.#hole(span.start, resumeAt);
    if (DISCARDING.has(name)) this.#reset();
  }

  #hole(start: number, end: number): void {
    if (!isEmpty(this.#pending)) this.#pending.holes.push({ start, end });
  }

  #finish(terminator: Terminator, problem?: Diagnostic): void {
    const pending = this.#pending;
    const hasData = this.#commands && this.#rowsBelow !== undefined && pending.readsStdin && problem === undefined;
    const copyData = hasData ? this.#findData() : undefined;
    const unclosed = pending.blockStart === undefined || terminator.kind !== "end" ? undefined : pending.blockStart;
    const diagnostic =
      problem ??
      (unclosed === undefined ? undefined : { ...syntaxError(unclosed, "BEGIN ATOMIC has no END"), ...OPEN });
    this.#items.push({
      kind: "statement",
      text: textOf(this.#pending, this.#source),
      span: { start: pending.start, end: pending.end },
      terminator,
      variables: pending.variables,
      ...(copyData === undefined ? {} : { copyData }),
      ...(diagnostic === undefined ? {} : { diagnostic }),
    });
    this.#reset();
  }

  #reset(): void {
    this.#pending = createPending();
    this.#scanner.backslashEscapes = this.#backslashEscapes;
  }

  /** Finds data that begins on the next line; the rest of this line is still to be read. */
  #findData(): Span {
    const lineEnd = this.#lines.after(this.#scanner.end);
    const start = this.#resumeAt ?? Math.min(lineEnd + 1, this.#source.length);
    const { end, next } = dataEnd(this.#source, start);
    if (this.#resumeAt === undefined) this.#scanner.moveTo(this.#scanner.end, lineEnd);
    this.#resumeAt = next;
    return { start, end };
  }

  #skipData(): boolean {
    const resumeAt = this.#resumeAt;
    if (resumeAt === undefined) return false;
    this.#hole(this.#scanner.start, resumeAt);
    this.#resumeAt = undefined;
    this.#scanner.moveTo(resumeAt, this.#source.length);
    return true;
  }
}

const OPEN = { code: "syntax/unterminated", hint: "close the body with END;" } as const;
