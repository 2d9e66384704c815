// What the grammar's splitter tells of a script. The interpreter sees no more of the grammar than this.
import type { Span } from "../../grammar/index.ts";
import type { Code } from "../errors.ts";

/** `:name`, `:'name'`, `:"name"`, `:{?name}`; the span is in the whole source. */
export interface VariableReference {
  readonly form: "plain" | "literal" | "identifier" | "test";
  readonly name: string;
  readonly span: Span;
}

export interface StatementItem {
  readonly kind: "statement";
  /** Without its terminator. */
  readonly text: string;
  readonly span: Span;
  readonly terminator:
    | { readonly kind: "semicolon" | "end" }
    | { readonly kind: "command"; readonly name: string; readonly args: string; readonly span: Span };
  /** The lines between `COPY … FROM STDIN;` and `\.`. */
  readonly copyData?: Span;
  readonly variables: readonly VariableReference[];
  /** Something is not closed: the statement cannot be sent. */
  readonly diagnostic?: { readonly span: Span; readonly code: Code; readonly message: string; readonly hint?: string };
}

export interface CommandItem {
  readonly kind: "command";
  readonly name: string;
  readonly args: string;
  readonly span: Span;
  /** The statement typed so far and not yet ended. */
  readonly buffer: string;
  /** Rows for `\copy … from stdin`. */
  readonly copyData?: Span;
}

export type ScriptItem = StatementItem | CommandItem;
