// What a script falls into.
import type { Diagnostic } from "./diagnostic.ts";
import type { Span } from "./nodes.ts";
import type { ScriptVariable } from "./script-variable.ts";

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
