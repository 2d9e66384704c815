import { positionOf, type ShellError } from "../../src/index.ts";
import { codeOf, spanOf, type FailureContext } from "./anatomy.ts";

/** `nightly.sql:14:31: error[key/denied]: …`, then detail, hint and note lines: what editors and CI read. */
export function oneLine(error: ShellError, { place }: FailureContext): string[] {
  const lines = [`${prefix(error, place)}error[${codeOf(error)}]: ${flat(error.message)}`];
  for (const detail of error.detail) lines.push(...detail.split("\n").map((line) => `  detail: ${line}`));
  if (error.hint !== undefined) lines.push(`  hint: ${flat(error.hint)}`);
  if (error.note !== undefined) lines.push(`  note: ${flat(error.note)}`);
  return lines;
}

function prefix(error: ShellError, place: FailureContext["place"]): string {
  if (place === undefined) return "sealift: ";
  const { line, column } = positionOf(place.source.text, spanOf(error, place).start);
  return `${place.source.name}:${line}:${column}: `;
}

function flat(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

/** One JSON object a line, with everything a program may want. */
export function jsonLine(error: ShellError, { place }: FailureContext): string {
  const position = place === undefined ? undefined : positionOf(place.source.text, spanOf(error, place).start);
  return JSON.stringify({
    v: 1,
    type: "error",
    code: error.code,
    sqlstate: error.sqlState,
    severity: error.severity ?? null,
    exit_code: error.exitStatus,
    retryable: error.retryable,
    message: error.message,
    detail: error.detail,
    hint: error.hint ?? null,
    note: error.note ?? null,
    file: place?.source.name ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
  });
}

/** What GitHub Actions turns into a mark beside the line (its workflow command `error`). */
export function annotation(error: ShellError, { place }: FailureContext): string {
  const properties = place === undefined ? "" : ` ${annotationPlace(error, place)}`;
  return `::error${properties}::${escapeData(`error[${codeOf(error)}]: ${error.message}`)}`;
}

function annotationPlace(error: ShellError, place: NonNullable<FailureContext["place"]>): string {
  const { line, column } = positionOf(place.source.text, spanOf(error, place).start);
  return `file=${escapeData(place.source.name).replaceAll(":", "%3A").replaceAll(",", "%2C")},line=${line},col=${column}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
