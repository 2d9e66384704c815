import {
  labelInSentence,
  NAMED_MAX,
  nearestHead,
  passedHint,
  type Diagnostic,
  type Statement,
} from "../grammar/index.ts";
import { ShellError } from "./errors.ts";
import type { Event } from "./events.ts";

/** The grammar's complaint as an error with the same span. */
export function complaintOf({ code, message, span, hint, expected }: Diagnostic): ShellError {
  return new ShellError(code, message, {
    span,
    ...(hint === undefined ? {} : { hint }),
    // The message names a few itself.
    ...(expected.length <= NAMED_MAX
      ? {}
      : { detail: [`expected one of: ${expected.map(labelInSentence).join(", ")}`] }),
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

/** What a text is by its first statement; by its first word where it has none. */
export function factsOf(statement: Statement | undefined, text: string): { verb: string; ours: boolean } {
  if (statement === undefined) return { verb: firstWord(text), ours: false };
  if (statement.kind === "passthrough") return { verb: firstWord(statement.text), ours: false };
  return { verb: verbOf(statement), ours: true };
}

/** The error of a stretch of text as one of the whole text, in which the stretch begins at `offset`. */
export function movedBy(error: ShellError, offset: number): ShellError {
  const { span } = error;
  return span === undefined ? error : error.with({ span: { start: span.start + offset, end: span.end + offset } });
}

const SYNTAX_ERROR = "42601";
/** What SHOW answers for a word that is no setting. */
const UNDEFINED_OBJECT = "42704";
import { habitHint } from "./habits.ts";

/** A server's error on a statement that it could not read, with the statement of ours that was likely meant. */
export function withNearestHead(error: ShellError, statements: readonly Statement[], text: string): ShellError {
  if (error.hint !== undefined || (error.sqlState !== SYNTAX_ERROR && error.sqlState !== UNDEFINED_OBJECT))
    return error;
  const at = error.span?.start ?? 0;
  const failed = statements.find(({ span }) => span.start <= at && at <= span.end);
  if (failed === undefined) return error;
  const own = text.slice(failed.span.start, failed.span.end);
  const meant = nearestHead(own);
  const near = meant === undefined ? passedHint(own) : `did you mean ${meant}?`;
  const hint = habitHint(own) ?? near;
  return hint === undefined ? error : error.with({ hint });
}
