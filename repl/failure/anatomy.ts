// The form of an error on a terminal: code and sentence, place, excerpt with a caret, then detail, help and note.
import { positionOf, type Place, type ShellError, type Span } from "../../src/index.ts";
import { escapeControls, widthOf } from "../layout/cells.ts";
import { fitted } from "./fitted.ts";

export interface Paint {
  readonly strong: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const PLAIN: Paint = { strong: (text) => text, alarm: (text) => text, faint: (text) => text };

export const COLOURED: Paint = {
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  alarm: (text) => `\u001b[31m${text}\u001b[39m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** What a renderer knows beside the error. */
export interface FailureContext {
  readonly place: Place | undefined;
  /** Literals of the source text that must not be seen. */
  readonly secretSpans: (text: string) => readonly Span[];
  /** What the terminal has; excerpts are whole without. */
  readonly columns?: number;
}

const EXCERPT_LINES = 3;
const TAB = "    ";
/** Of a terminal that is narrower than that, nothing can be made. */
const ROOM_MIN = 10;

/** `42P01` when the server spoke, else our own word. */
export function codeOf(error: ShellError): string {
  return error.severity === undefined ? error.code : error.sqlState;
}

/** Where the error is: its own span, else the statement's. */
export function spanOf(error: ShellError, place: Place): Span {
  return error.span ?? place.span;
}

export function anatomyLines(error: ShellError, context: FailureContext, paint: Paint): string[] {
  const { place } = context;
  const lines = [
    `${paint.alarm(paint.strong(`error[${codeOf(error)}]`))}${paint.strong(`: ${escapeControls(error.message)}`)}`,
  ];
  if (place !== undefined) lines.push(...excerptLines(error, place, context, paint));
  for (const detail of error.detail) lines.push(...indented("detail", detail, paint));
  if (error.hint !== undefined) lines.push(...indented("help", error.hint, paint));
  if (error.note !== undefined) lines.push(...indented("note", error.note, paint));
  return lines;
}

function indented(word: string, text: string, paint: Paint): string[] {
  return text.split("\n").map((line, index) => {
    const lead = index === 0 ? `   ${paint.faint("=")} ${paint.strong(word)}: ` : " ".repeat(word.length + 7);
    return lead + escapeControls(line);
  });
}

function excerptLines(error: ShellError, place: Place, context: FailureContext, paint: Paint): string[] {
  const { source } = place;
  const secrets = context.secretSpans(source.text);
  const span = spanOf(error, place);
  const start = positionOf(source.text, span.start);
  const lines = [`  ${paint.faint("-->")} ${source.name}:${start.line}:${start.column}`];
  const shown = sourceLines(source.text, span);
  const gutter = String(start.line + shown.length - 1).length;
  const bar = paint.faint("|");
  const margin = " ".repeat(gutter);
  lines.push(` ${margin} ${bar}`);
  for (const [index, line] of shown.entries()) {
    const whole = {
      text: printed(maskedLine(source.text, line, secrets)),
      caret: error.span === undefined ? "" : caretUnder(source.text, line, span, secrets),
    };
    const room = (context.columns ?? Number.POSITIVE_INFINITY) - gutter - 4;
    const { text, caret } = fitted(whole, Math.max(room, ROOM_MIN));
    lines.push(` ${paint.faint(String(start.line + index).padStart(gutter))} ${bar} ${text}`);
    if (caret !== "") lines.push(` ${margin} ${bar} ${paint.alarm(caret)}`);
  }
  return lines;
}

/** The first lines that the span touches. */
function sourceLines(text: string, span: Span): Span[] {
  const lines: Span[] = [];
  let start = text.lastIndexOf("\n", span.start - 1) + 1;
  while (lines.length < EXCERPT_LINES && (lines.length === 0 || start < span.end)) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    lines.push({ start, end });
    if (found < 0) break;
    start = end + 1;
  }
  return lines;
}

/** A part of the source with every secret in it hidden. */
function maskedLine(text: string, line: Span, secrets: readonly Span[]): string {
  let shown = "";
  let from = line.start;
  for (const secret of secrets) {
    if (secret.end <= from || secret.start >= line.end) continue;
    const hidden = text[secret.start] === "'" ? "'‹redacted›'" : "‹redacted›";
    shown += text.slice(from, Math.max(from, secret.start)) + hidden;
    from = Math.min(secret.end, line.end);
  }
  return shown + text.slice(from, line.end);
}

function printed(text: string): string {
  return escapeControls(text.replaceAll("\t", TAB).replace(/\r$/, ""));
}

function caretUnder(text: string, line: Span, span: Span, secrets: readonly Span[]): string {
  const from = Math.max(span.start, line.start);
  const to = Math.min(Math.max(span.end, span.start + 1), line.end);
  const before = printed(maskedLine(text, { start: line.start, end: from }, secrets));
  const under = printed(maskedLine(text, { start: from, end: Math.max(to, from) }, secrets));
  const lead = under.length - under.trimStart().length;
  const width = widthOf(under.trim());
  if (width === 0 && span.start < line.start) return "";
  return " ".repeat(widthOf(before) + lead) + "^".repeat(Math.max(1, width));
}
