// What may stand at the cursor of a text: it is in a shell command, in a string of ours, or in SQL.
import { expectedAt, lexemes, stringAt } from "../../grammar/index.ts";
import type { Completions } from "./assistant.ts";
import { STATEMENT_BEFORE } from "./command-arguments.ts";
import { commandArguments, commandNames, copyFile, type CommandSources } from "./complete-command.ts";
import { completeString, type LocationSources } from "./complete-location.ts";
import { completeJob, completeOurs, isWrittenLower, ourWords, strings } from "./complete-ours.ts";
import { completeSql } from "./complete-sql.ts";
import { pieceAt, type Piece } from "./reading.ts";
import { rankCandidates } from "./sql-candidates.ts";
import { unloadQueryAt } from "./unload-query.ts";

export type CompletionSources = CommandSources & LocationSources;

export async function completeAt(
  text: string,
  cursor: number,
  sources: CompletionSources,
  signal: AbortSignal,
): Promise<Completions> {
  const variables = variablesAt(text, cursor, sources.variables);
  if (variables !== undefined) return variables;
  const piece = pieceAt(text, cursor);
  if (piece.kind === "command") return inCommand(text, cursor, piece, { sources, signal });
  const job = completeJob({ text, cursor, start: piece.start }, sources);
  if (job !== undefined) return job;
  const query = unloadQueryAt(text, piece, cursor);
  if (query !== undefined) return completeSql(text, cursor, sources.catalogue, query);
  const place = stringAt(text, cursor);
  if (place !== undefined) {
    const typed = text.slice(place.content.start, cursor);
    const isEnded = isClosed(text, place.content.start);
    const rest = isEnded ? (/^[^'\n]*/.exec(text.slice(cursor))?.[0] ?? "") : "";
    return completeString(place, { typed, rest, closing: isEnded ? "" : "'" }, sources, signal);
  }
  const expected = expectedAt(text, cursor);
  const written = { text, cursor, start: piece.start };
  if (expected.ours) return completeOurs(expected, written, sources, signal);
  const sql = completeSql(text, cursor, sources.catalogue, piece);
  const typed = text.slice(sql.span.start, cursor);
  // What COPY reads from tells whether it is ours.
  const isCopySource = expected.before[0] === "COPY" && expected.before.at(-1) === "FROM" && typed === "";
  const places = isCopySource ? await strings(written, sources, signal) : [];
  const isLower = isWrittenLower(text.slice(piece.start));
  const ours = [...rankCandidates(ourWords(expected, isLower), typed), ...places];
  const known = new Set(ours.map(({ insert }) => insert));
  return { ...sql, items: [...ours, ...sql.items.filter(({ insert }) => !known.has(insert))] };
}

interface Around {
  readonly sources: CompletionSources;
  readonly signal: AbortSignal;
}

type CommandPiece = Extract<Piece, { kind: "command" }>;

async function inCommand(text: string, cursor: number, piece: CommandPiece, around: Around): Promise<Completions> {
  const { sources } = around;
  if (cursor <= piece.argumentsAt) return commandNames(text, piece.start, cursor, sources);
  const inStatement = await inStatementOf(text, cursor, piece, around);
  return inStatement ?? commandArguments(piece.name, text.slice(piece.argumentsAt, cursor), cursor, sources);
}

/** \copy, \plan and their like are followed by the rest of a statement, and completed as that. */
async function inStatementOf(
  text: string,
  cursor: number,
  { name, argumentsAt }: CommandPiece,
  { sources, signal }: Around,
): Promise<Completions | undefined> {
  const before = STATEMENT_BEFORE[name.replace(/\+$/, "")];
  if (before === undefined) return undefined;
  const written = text.slice(argumentsAt).trimStart();
  const start = text.length - written.length;
  if (cursor < start) return undefined;
  const file = name === "copy" ? await copyFile(text.slice(start, cursor), cursor, sources.listFolder) : undefined;
  if (file !== undefined) return file;
  const shift = start - before.length;
  const [whole, at] = [before + written, cursor - shift];
  // COPY from storage is a statement of ours, \\copy never is.
  const inside = name === "copy" ? completeSql(whole, at, sources.catalogue) : completeAt(whole, at, sources, signal);
  const { span, items } = await inside;
  return { span: { start: span.start + shift, end: span.end + shift }, items };
}

/** `:name`, `:'name'` and `:"name"`, outside quotes. */
function variablesAt(text: string, cursor: number, names: () => readonly string[]): Completions | undefined {
  const found = /(?:^|[^:\p{L}\p{N}_]):(['"]?)([\p{L}\p{N}_]*)$/u.exec(text.slice(0, cursor));
  if (found === null) return undefined;
  const [, mark = "", typed = ""] = found;
  const start = cursor - typed.length - mark.length - 1;
  const isHidden = lexemes(text.slice(0, start)).some(({ closed }) => !closed);
  if (isHidden) return undefined;
  const items = rankCandidates(
    names().map((name) => ({ match: name, insert: `:${mark}${name}${mark}`, kind: "variable", rank: 1 })),
    typed,
  );
  return { span: { start, end: cursor }, items };
}

/** Whether the string that begins before `content` ends, and on the same line. */
function isClosed(text: string, content: number): boolean {
  const line = text.slice(content, text.indexOf("\n", content) === -1 ? undefined : text.indexOf("\n", content));
  return (line.match(/'/g) ?? []).length % 2 === 1;
}
