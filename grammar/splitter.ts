// Splits a psql script: statements at ';', shell commands, inline COPY data. One pass, linear in the source, and data
// is skipped rather than read. Lexical rules are psql's own: docs of psql, "Meta-Commands" and "SQL Interpolation".
import { LineEnds, readCommand, type CommandText } from "./command.ts";
import { syntaxError, type Diagnostic } from "./diagnostic.ts";
import { unterminated } from "./diagnostics.ts";
import { dataEnd } from "./inline-rows.ts";
import { unterminatedAt } from "./lexer.ts";
import type { Span } from "./nodes.ts";
import { copyPending, createPending, followWord, isEmpty, textOf, type Pending } from "./pending.ts";
import type { NoteLine } from "./resume.ts";
import { Scanner } from "./scan.ts";
import type { ScriptItem, SplitOptions, Terminator } from "./script-items.ts";
import { variableAt } from "./script-variable.ts";

const ROWS_BELOW = { all: /\bfrom\s+p?stdin\b/i, stdin: /\bfrom\s+stdin\b/i, none: undefined } as const;

const SENDING = new Set(["g", "gx", "gset", "gexec", "gdesc", "watch", "crosstabview", "plan", "plan+"]);
/** After these what was begun is no more. */
const DISCARDING = new Set(["r", "reset", "q", "quit"]);

/** What goes on from one line into the next. */
export interface Between {
  readonly pending: Pending;
  readonly backslashEscapes: boolean;
}

export class Splitter {
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
    return this.splitOn(0, undefined, () => {});
  }

  /** Goes on at the beginning of a line that was noted, or begins. */
  splitOn(from: number, between: Between | undefined, note: NoteLine<Between>): readonly ScriptItem[] {
    this.#scanner.moveTo(from);
    if (between !== undefined) {
      this.#pending = copyPending(between.pending);
      this.#scanner.backslashEscapes = between.backslashEscapes;
    }
    while (this.#step(note));
    if (!isEmpty(this.#pending)) this.#finish({ kind: "end" });
    return this.#items;
  }

  #step(note: NoteLine<Between>): boolean {
    const scanner = this.#scanner;
    const kind = scanner.next();
    if (kind === "end") return this.#skipData();
    note(scanner.lineStart, this.#items.length, this.#between);
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

  /** Rows that are to be passed over are not in it: a line that begins between lexemes does not begin before them. */
  #between = (): Between => ({
    pending: copyPending(this.#pending),
    backslashEscapes: this.#scanner.backslashEscapes,
  });

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
