// Completion of shell commands: their names, and what each of them takes.
import type { CompletionItem, Completions, JobName } from "./assistant.ts";
import type { Catalogue } from "./catalogue.ts";
import {
  ARGUMENTS,
  KNOWN_VARIABLES,
  RELATIONS_OF,
  SECOND,
  SECRET_SOURCES,
  VALUES,
  type Argument,
} from "./command-arguments.ts";
import { readIdentifier } from "./identifiers.ts";
import { nameCandidates } from "./sql-names.ts";
import { rankCandidates, type Candidate } from "./sql-candidates.ts";
import { NOTHING, type Wanted } from "./sql-wanted.ts";

/** A shell command as \? shows it. */
export interface ShellCommand {
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
}

export interface CommandSources {
  readonly commands: readonly ShellCommand[];
  readonly catalogue: Catalogue;
  readonly variables: () => readonly string[];
  readonly topics: readonly string[];
  /** Entries of a folder, folders with a slash at their end; nothing where there is none. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  /** Statements in the background by their numbers. */
  readonly jobs?: (() => readonly JobName[]) | undefined;
  /** Connections by name: services. */
  readonly services: () => Promise<readonly string[]>;
}

/** The names of the commands, for what has been typed after the backslash. */
export function commandNames(text: string, start: number, cursor: number, sources: CommandSources): Completions {
  const isBehindQuery = /[^\s;]\s*$/.test(text.slice(0, start));
  const typed = text.slice(start + 1, cursor);
  const candidates = sources.commands.flatMap(({ names, usage, summary }) =>
    names
      .filter((name) => !isVariant(name, names))
      .map((name, at): Candidate => {
        const label = at === 0 ? usage : `\\${name}`;
        // Behind a query, what runs it is likelier than anything else.
        const rank = isBehindQuery && RUNS.has(name) ? -1 : at;
        return { match: name, insert: `\\${name}`, label, kind: "command", detail: summary, rank, strict: true };
      }),
  );
  return { span: { start, end: cursor }, items: rankCandidates(candidates, typed) };
}

const RUNS = new Set(["g", "gx", "gset", "gexec", "watch"]);

/** \dt+ and \dtS beside \dt. */
function isVariant(name: string, names: readonly string[]): boolean {
  return /[+S]$/.test(name) && names.includes(name.replace(/[+S]+$/, ""));
}

/** What may stand at the end of a command's arguments. */
export async function commandArguments(
  name: string,
  written: string,
  cursor: number,
  sources: CommandSources,
): Promise<Completions> {
  const bare = name.replace(/[+S]+$/, "");
  if (bare === "h" || bare === "help") return topics(written.trimStart(), cursor, sources);
  const words = wordsOf(written);
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const [first] = before;
  const span = { start: cursor - typed.length, end: cursor };
  const simple = (values: readonly string[]): Completions => ({
    span,
    items: rankCandidates(values.map(value), typed),
  });
  if (name === "secret") return simple(before.length === 1 ? SECRET_SOURCES : []);
  const values = first === undefined ? VALUES[name] : before.length === 1 ? SECOND[`${name} ${first}`] : undefined;
  if (values !== undefined) return simple(values);
  const kind = (ARGUMENTS[name] ?? ARGUMENTS[bare] ?? [])[before.length];
  switch (kind) {
    case undefined:
    case "nothing":
      return { span, items: [] };
    case "file":
    case "folder":
      // A command of the system is the system's to complete.
      return typed.startsWith("|") ? { span, items: [] } : files(typed, cursor, sources.listFolder, kind);
    case "variable":
      return simple([...new Set([...sources.variables(), ...(name === "set" ? KNOWN_VARIABLES : [])])]);
    case "job":
      return { span, items: rankCandidates((sources.jobs?.() ?? []).map(jobOf), typed) };
    default: {
      const items = nameItems(kind, bare, typed, sources.catalogue);
      const isConnecting = kind === "database" && bare.startsWith("c");
      const services = isConnecting ? (await sources.services()).map(serviceOf) : [];
      return {
        span: { start: cursor - items.typed.length, end: cursor },
        items: [...items.items, ...rankCandidates(services, typed)],
      };
    }
  }
}

/** The words, the last as far as it has been typed; blanks in quotes do not part them. */
function wordsOf(written: string): readonly string[] {
  const words = written.match(/(?:'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|[^\s'"])+/g) ?? [];
  const isInWord = words.length > 0 && written.endsWith(words.at(-1) ?? "");
  return isInWord ? words : [...words, ""];
}

function value(text: string): Candidate {
  return { match: text, insert: text, kind: "value", rank: 1 };
}

function jobOf({ name, detail }: JobName): Candidate {
  return { ...value(name), detail };
}

function serviceOf(service: string): Candidate {
  return { ...value(`service=${service}`), kind: "connection" };
}

interface NameItems {
  /** What has been typed of the name, and is replaced. */
  readonly typed: string;
  readonly items: readonly CompletionItem[];
}

function nameItems(kind: Argument, command: string, written: string, catalogue: Catalogue): NameItems {
  const [, schema, last = ""] = /^(?:((?:"(?:[^"]|"")*"|[^".])*)\.)?(.*)$/s.exec(written) ?? [];
  const quoted = last.startsWith('"');
  const typed = quoted ? readIdentifier(last) : last;
  const path = schema === undefined || schema === "" ? [] : [readIdentifier(schema)];
  const wanted: Wanted = {
    ...NOTHING,
    relations: RELATIONS_OF[command] ?? [],
    schemas: kind === "schema" || kind === "relation",
    databases: kind === "database",
    roles: kind === "role",
    types: kind === "type",
    ...(kind === "function" ? { functions: "named" as const } : {}),
  };
  const names = nameCandidates(wanted, { typed, quoted, path }, { catalogue, common: [] });
  // A pattern names a function, and a type, without what stands in parentheses.
  const bare = Array.from(names, (one) =>
    kind === "function" || kind === "type" ? { ...one, insert: one.insert.replace(/\(.*$/, "") } : one,
  );
  return { typed: last, items: rankCandidates(bare, typed) };
}

/** Files and folders; what blanks and quotes are in is put in quotes. */
async function files(
  typed: string,
  cursor: number,
  listFolder: CommandSources["listFolder"],
  kind: "file" | "folder",
): Promise<Completions> {
  const isQuoted = typed.startsWith("'");
  const path = isQuoted ? typed.slice(1).replaceAll("''", "'") : typed;
  const slash = path.lastIndexOf("/") + 1;
  const [folder, shown] = [path.slice(0, slash), path.slice(slash)];
  const names = await listFolder(folder);
  const visible = names
    .filter((name) => shown.startsWith(".") || !name.startsWith("."))
    .filter((name) => kind === "file" || name.endsWith("/"));
  const candidates = visible.map((name): Candidate => {
    return { match: name, insert: fileArgument(folder + name, isQuoted), label: name, kind: "file", rank: 1 };
  });
  return { span: { start: cursor - typed.length, end: cursor }, items: rankCandidates(candidates, shown) };
}

/** A path as an argument; a folder's quotes stay open, as one goes on in it. */
function fileArgument(path: string, isQuoted: boolean): string {
  if (!isQuoted && /^[^\s'"`\\:|]*$/.test(path)) return path;
  const inner = path.replaceAll("\\", "\\\\").replaceAll("'", "''");
  return path.endsWith("/") ? `'${inner}` : `'${inner}'`;
}

/** \copy's file, where one is wanted, and what may stand for it. */
export async function copyFile(
  written: string,
  cursor: number,
  listFolder: CommandSources["listFolder"],
): Promise<Completions | undefined> {
  const words = wordsOf(written);
  const typed = words.at(-1) ?? "";
  const direction = words.at(-2)?.toLowerCase();
  if (direction !== "from" && direction !== "to") return undefined;
  const found = await files(typed, cursor, listFolder, "file");
  const streams = direction === "from" ? ["stdin", "pstdin", "program"] : ["stdout", "pstdout", "program"];
  return { span: found.span, items: [...rankCandidates(streams.map(value), typed), ...found.items] };
}

function topics(typed: string, cursor: number, sources: CommandSources): Completions {
  const items = rankCandidates(sources.topics.map(value), typed);
  return { span: { start: cursor - typed.length, end: cursor }, items };
}
