import type { Span } from "../../grammar/index.ts";

/** A text that statements come from: a file, standard input, a -c argument, one input at the prompt. */
export interface ScriptSource {
  /** As errors name it: `nightly.sql`, `<stdin>`, `<command>`. */
  readonly name: string;
  readonly text: string;
  /** The directory that \ir starts from; absent for what is no file. */
  readonly directory?: string;
  /** A -c argument: the rows of a COPY FROM STDIN in it come from the process's own input. */
  readonly isCommand?: boolean;
}

export interface Place {
  readonly source: ScriptSource;
  readonly span: Span;
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: Array.from(before.slice(lineStart)).length + 1 };
}

/** `nightly.sql:14` */
export function printPlace({ source, span }: Place): string {
  return `${source.name}:${positionOf(source.text, span.start).line}`;
}
