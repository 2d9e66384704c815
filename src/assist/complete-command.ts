// Completion of shell commands: their names, and what each of them takes.
import type { CompletionItem, Completions } from "./assistant.ts";
import type { Catalogue, RelationKind } from "./catalogue.ts";
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
  readonly variables: readonly string[];
  readonly topics: readonly string[];
  /** Entries of a folder, folders with a slash at their end; nothing where there is none. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  /** Connections by name: services. */
  readonly services: () => Promise<readonly string[]>;
}

/** The names of the commands, for what has been typed after the backslash. */
export function commandNames(typed: string, start: number, cursor: number, sources: CommandSources): Completions {
  const candidates = sources.commands.flatMap(({ names, usage, summary }) =>
    names
      .filter((name) => !isVariant(name, names))
      .map((name, at): Candidate => {
        const label = at === 0 ? usage : `\\${name}`;
        return { match: name, insert: `\\${name}`, label, kind: "command", detail: summary, rank: at, strict: true };
      }),
  );
  return { span: { start, end: cursor }, items: rankCandidates(candidates, typed) };
}

/** \dt+ and \dtS beside \dt. */
function isVariant(name: string, names: readonly string[]): boolean {
  return /[+S]$/.test(name) && names.includes(name.replace(/[+S]+$/, ""));
}

type Argument = "relation" | "schema" | "role" | "function" | "type" | "database" | "file" | "variable" | "topic";

const RELATIONS_OF: Readonly<Record<string, readonly RelationKind[]>> = {
  d: ["table", "view", "sequence", "index"],
  dt: ["table"],
  dv: ["view"],
  dm: ["view"],
  di: ["index"],
  ds: ["sequence"],
  dE: ["table"],
  det: ["table"],
  dp: ["table", "view", "sequence"],
  z: ["table", "view", "sequence"],
  copy: ["table", "view"],
};

const ARGUMENTS: Readonly<Record<string, Argument>> = {
  ...Object.fromEntries(Object.keys(RELATIONS_OF).map((name) => [name, "relation"] as const)),
  dn: "schema",
  du: "role",
  dg: "role",
  password: "role",
  df: "function",
  da: "function",
  ddp: "schema",
  drds: "role",
  dC: "type",
  dD: "type",
  dT: "type",
  l: "database",
  list: "database",
  c: "database",
  connect: "database",
  i: "file",
  include: "file",
  ir: "file",
  include_relative: "file",
  o: "file",
  out: "file",
  g: "file",
  gx: "file",
  cd: "file",
  set: "variable",
  unset: "variable",
  h: "topic",
  help: "topic",
};

const SWITCH = ["on", "off"];
/** What a command's first argument may be, where there are a few. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  x: [...SWITCH, "auto"],
  t: SWITCH,
  timing: SWITCH,
  encoding: ["UTF8"],
  pset: [
    "border",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "fieldsep_zero",
    "footer",
    "format",
    "null",
    "pager",
    "recordsep",
    "recordsep_zero",
    "title",
    "tuples_only",
  ],
};
/** And the second, after a given first. */
const SECOND: Readonly<Record<string, readonly string[]>> = {
  "pset format": ["aligned", "unaligned", "csv", "json", "ndjson"],
  "pset border": ["0", "1", "2"],
  "pset expanded": [...SWITCH, "auto"],
  "pset footer": SWITCH,
  "pset pager": SWITCH,
  "pset tuples_only": SWITCH,
  "set ON_ERROR_STOP": SWITCH,
};
/** Words of \copy after the table. */
const COPY_WORDS = ["from", "to", "stdin", "stdout", "pstdin", "pstdout", "program"];
/** How \secret is told where a value is to be had. */
const SECRET_SOURCES = ["env:", "file:", "prompt"];

/** What may stand at the end of a command's arguments. */
export async function commandArguments(
  name: string,
  written: string,
  cursor: number,
  sources: CommandSources,
): Promise<Completions> {
  const words = written.split(/\s+/).filter((word, at, all) => word !== "" || at === all.length - 1);
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const span = { start: cursor - typed.length, end: cursor };
  const bare = name.replace(/[+S]+$/, "");
  const simple = (values: readonly string[]): Completions => ({
    span,
    items: rankCandidates(values.map(value), typed),
  });
  if (before.length === 1 && SECOND[`${name} ${before[0] ?? ""}`] !== undefined) {
    return simple(SECOND[`${name} ${before[0] ?? ""}`] ?? []);
  }
  if (name === "secret" && before.length === 1) return simple(SECRET_SOURCES);
  if (name === "copy" && before.length > 0) {
    const last = before.at(-1)?.toLowerCase() ?? "";
    return last === "from" || last === "to" ? files(typed, cursor, sources) : simple(COPY_WORDS);
  }
  if (name === "h" || name === "help") return topics(written.trimStart(), cursor, sources);
  const values = VALUES[name] ?? [];
  if (before.length === 0 && values.length > 0) return simple(values);
  const kind = ARGUMENTS[ARGUMENTS[name] === undefined ? bare : name];
  if (kind === "file") return files(typed, cursor, sources);
  if (before.length > 0 || kind === undefined) return { span, items: [] };
  if (kind === "variable") return simple(sources.variables);
  const extra = kind === "database" && name.startsWith("c") ? await sources.services() : [];
  const items = nameItems(kind, bare, typed, sources.catalogue);
  const services = extra.map((service) => ({ ...value(`service=${service}`), kind: "connection" as const }));
  return {
    ...items,
    span: { start: cursor - items.typed.length, end: cursor },
    items: [...items.items, ...rankCandidates(services, typed)],
  };
}

function value(text: string): Candidate {
  return { match: text, insert: text, kind: "value", rank: 1 };
}

function nameItems(
  kind: Argument,
  command: string,
  written: string,
  catalogue: Catalogue,
): { readonly typed: string; readonly items: readonly CompletionItem[] } {
  const dot = written.lastIndexOf(".");
  const typed = written.slice(dot + 1);
  const path = dot === -1 ? [] : written.slice(0, dot).split(".");
  const wanted: Wanted = {
    ...NOTHING,
    relations: RELATIONS_OF[command] ?? [],
    schemas: kind === "schema" || kind === "relation",
    databases: kind === "database",
    roles: kind === "role",
    types: kind === "type",
    ...(kind === "function" ? { functions: "any" as const } : {}),
  };
  const names = nameCandidates(wanted, { typed, quoted: false, path }, { catalogue, common: [] });
  // A pattern names a function without its parenthesis.
  const bare = Array.from(names, (one) =>
    kind === "function" ? { ...one, insert: one.insert.replace(/\(.*$/, "") } : one,
  );
  return { typed, items: rankCandidates(bare, typed) };
}

async function files(typed: string, cursor: number, sources: CommandSources): Promise<Completions> {
  const quote = typed.startsWith("'") ? "'" : "";
  const path = typed.slice(quote.length);
  const slash = path.lastIndexOf("/") + 1;
  const names = await sources.listFolder(path.slice(0, slash));
  const shown = path.slice(slash);
  const visible = names.filter((name) => shown.startsWith(".") || !name.startsWith("."));
  const items = rankCandidates(
    visible.map((name) => ({ match: name, insert: name, kind: "file", rank: 1 })),
    shown,
  );
  return { span: { start: cursor - shown.length, end: cursor }, items };
}

function topics(typed: string, cursor: number, sources: CommandSources): Completions {
  const candidates = sources.topics.map((topic): Candidate => ({
    match: topic,
    insert: topic,
    kind: "value",
    rank: 1,
  }));
  return { span: { start: cursor - typed.length, end: cursor }, items: rankCandidates(candidates, typed) };
}
