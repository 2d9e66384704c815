import type { Diagnostic } from "../grammar/index.ts";
import { ShellError } from "./errors.ts";
import type { Event } from "./events.ts";

/** The grammar's complaint as an error with the same span. */
export function complaintOf({ code, message, span, hint, expected }: Diagnostic): ShellError {
  return new ShellError(code, message, {
    span,
    ...(hint === undefined ? {} : { hint }),
    ...(expected.length === 0 ? {} : { detail: [`expected one of: ${expected.join(", ")}`] }),
  });
}

/** The grammar's warning as an event: a form of an older release. */
export function warningOf({ message, hint }: Diagnostic): Event {
  return { type: "notice", severity: "WARNING", message, ...(hint === undefined ? {} : { hint }) };
}

/** The first word of SQL text in upper case, after comments and parentheses; empty when there is none. */
export function firstWord(text: string): string {
  const bare = text.replace(/^(?:\s|--[^\n]*\n?|\/\*[\s\S]*?\*\/|\()+/, "");
  return (/^[A-Za-z_]+/.exec(bare)?.[0] ?? "").toUpperCase();
}

/** A statement's kind as one would say it: `show-backup` → SHOW BACKUP. */
export function verbOf(statement: { readonly kind: string }): string {
  return statement.kind.replaceAll("-", " ").toUpperCase();
}

/** The error of a stretch of text as one of the whole text, in which the stretch begins at `offset`. */
export function movedBy(error: ShellError, offset: number): ShellError {
  const { span } = error;
  return span === undefined ? error : error.with({ span: { start: span.start + offset, end: span.end + offset } });
}
