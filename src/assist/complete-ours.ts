// Completion of our own statements, where the cursor is in no string.
import { lexemes, stringAt, type Expected } from "../../grammar/index.ts";
import type { CompletionItem, Completions } from "./assistant.ts";
import { completeString, isNamed, type LocationSources } from "./complete-location.ts";
import { CLUSTER, OPTION_NOTES } from "./help-topics.ts";
import { readIdentifier } from "./identifiers.ts";
import { nameCandidates } from "./sql-names.ts";
import { rankCandidates, type Candidate } from "./sql-candidates.ts";
import { NOTHING, type Wanted } from "./sql-wanted.ts";

export interface Written {
  readonly text: string;
  readonly cursor: number;
  /** Where the statement begins. */
  readonly start: number;
}

/** Behind the options that mean something everywhere. */
const FAR_OPTION = 0.5;
/** No name with its schema is longer. */
const NAME_MAX = 400;

/** Words that the grammar expects; keywords in lower case in a statement that begins so. */
export function ourWords({ words, ours }: Expected, isLower: boolean): readonly Candidate[] {
  return words.map((word) => {
    const isOption = ours && word.kind === "option";
    const insert = isLower ? word.text.toLowerCase() : word.text;
    // Options of UNLOAD and COPY are keywords.
    const note = ours ? OPTION_NOTES[isOption ? word.text.toLowerCase() : word.text.toUpperCase()] : undefined;
    const kind = isOption ? "option" : "keyword";
    const rank = isOption ? (note === CLUSTER ? FAR_OPTION : 0) : 1;
    const candidate: Candidate = { match: insert, insert, kind, rank, strict: true };
    return note === undefined ? candidate : { ...candidate, detail: note };
  });
}

/** Whether a statement's first word is written small. */
export function isWrittenLower(statement: string): boolean {
  return /^\s*[a-z]+\b/.test(statement);
}

/** In a statement that is ours without doubt. */
export async function completeOurs(
  expected: Expected,
  written: Written,
  sources: LocationSources,
  signal: AbortSignal,
): Promise<Completions> {
  const { text, cursor } = written;
  const typed = typedName(text.slice(written.start, cursor));
  const start = cursor - typed.length;
  const isLower = isWrittenLower(text.slice(written.start));
  const quoted = typed.startsWith('"');
  const before = text.slice(Math.max(0, start - NAME_MAX), start);
  const found = expected.name ? [...names(expected, before, typed, sources)] : [];
  const words = quoted ? [] : ourWords(expected, isLower);
  // A name that is wanted comes before words that might stand there instead.
  const isSought = found.length > 0 && NAMED.has(keywordBefore(expected));
  const candidates = [...(isSought ? words.map((word) => ({ ...word, rank: word.rank + LATER })) : words), ...found];
  const items: CompletionItem[] = [...rankCandidates(candidates, quoted ? readIdentifier(typed) : typed)];
  if (!expected.string || typed !== "") return { span: { start, end: cursor }, items };
  const inQuotes = await strings(written, sources, signal);
  const near = inQuotes.filter(({ kind }) => kind === "backup" || kind === "connection");
  return { span: { start, end: cursor }, items: [...near, ...items, ...inQuotes.filter((one) => !near.includes(one))] };
}

/** What has been typed of a name: its quote too, and what is in it. */
function typedName(before: string): string {
  const last = lexemes(before).at(-1);
  if (last?.kind === "quoted-identifier" && !last.closed) return before.slice(last.start);
  return /[\p{L}\p{N}_$]*$/u.exec(before)?.[0] ?? "";
}

const NAMED = new Set(["TABLE", "DATABASE"]);
const LATER = 10;

function keywordBefore({ before }: Expected): string {
  return before.findLast((word) => word !== "") ?? "";
}

/** The session's jobs, behind JOB; undefined elsewhere. */
export function completeJob(
  { text, cursor, start: from }: Written,
  { detached }: LocationSources,
): Completions | undefined {
  const found = /^\s*(?:show|cancel|pause|resume)\s+job\s+(?:when\s+complete\s+)?('?)([\w-]*)$/i.exec(
    text.slice(from, cursor),
  );
  if (found === null || detached === undefined) return undefined;
  const [, mark = "", typed = ""] = found;
  const candidates = detached().map(({ name, detail }): Candidate => {
    return { match: name, insert: `'${name}'`, label: name, kind: "value", detail, rank: 1 };
  });
  const start = cursor - typed.length - mark.length;
  return { span: { start, end: cursor }, items: rankCandidates(candidates, typed) };
}

/** What a name stands for, by the keyword before it. */
function names(expected: Expected, before: string, typed: string, sources: LocationSources): Iterable<Candidate> {
  const keyword = keywordBefore(expected);
  const path = /(?:(?:"(?:[^"]|"")*"|[\p{L}\p{N}_$]+)\.)+$/u.exec(before)?.[0] ?? "";
  const wanted: Wanted =
    keyword === "DATABASE"
      ? { ...NOTHING, databases: true }
      : ["TABLE", "BACKUP", "RESTORE", "COPY"].includes(keyword)
        ? { ...NOTHING, relations: ["table", "view", "sequence"], schemas: true }
        : keyword === "TO"
          ? { ...NOTHING, roles: true }
          : NOTHING;
  const parts = (path.match(/"(?:[^"]|"")*"|[^".]+/g) ?? []).map(readIdentifier);
  const name = { typed: readIdentifier(typed), quoted: typed.startsWith('"'), path: parts };
  return nameCandidates(wanted, name, { catalogue: sources.catalogue, common: [] });
}

/** Whole strings, quotes and all, where nothing of one has been typed. */
export async function strings(
  { text, cursor }: Written,
  sources: LocationSources,
  signal: AbortSignal,
): Promise<CompletionItem[]> {
  const opened = `${text.slice(0, cursor)}'${text.slice(cursor)}`;
  const place = stringAt(opened, cursor + 1);
  if (place === undefined || isNamed(place)) return connectionNames(text.slice(0, cursor), sources);
  const { items } = await completeString(place, { typed: "", rest: "", closing: "'" }, sources, signal);
  const quoted = items.filter(({ label }) => label !== LATEST).map((item) => ({ ...item, insert: `'${item.insert}` }));
  // LATEST stands without quotes too, and before the collection.
  const named = "subdirectory" in place.statement ? place.path.includes("subdirectory") : true;
  const takesLatest = WITH_LATEST.has(place.statement.kind) && place.position !== "kms" && named;
  if (!takesLatest) return quoted;
  const isFollowed = /^\s*in\b/i.test(text.slice(cursor));
  const latest = {
    label: LATEST,
    insert: isFollowed ? LATEST : `${LATEST} IN`,
    kind: "backup",
    detail: "the newest",
  } as const;
  return [latest, ...quoted];
}

const LATEST = "LATEST";
const WITH_LATEST = new Set(["restore", "show-backup", "alter-backup", "verify-backup"]);

/** The connections that ALTER, DROP and SHOW EXTERNAL CONNECTION may name. */
async function connectionNames(before: string, sources: LocationSources): Promise<CompletionItem[]> {
  if (!/\bexternal\s+connection\s+$/i.test(before) || /\bcreate\s+external\s+connection\s+$/i.test(before)) return [];
  const all = await sources.connections();
  return all.map(({ name, uri }) => ({ label: name, insert: name, kind: "connection", detail: uri.toString() }));
}
