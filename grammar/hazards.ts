// Which statements destroy much with few words. Read by tokens, so that comments, strings, names and CTEs cannot be
// mistaken for what they are not; what hides in functions, DO blocks and rules cannot be seen from the text.
import { LexemeReader, lexemesOf } from "./lexeme-reader.ts";
import type { SplitOptions } from "./script.ts";

/** A name's parts as the database knows them: `["s", "t"]` for `S.t`. */
export type NamePath = readonly string[];

export type Hazard =
  /** DELETE or UPDATE without WHERE. */
  | { readonly kind: "delete" | "update"; readonly table: NamePath }
  | { readonly kind: "truncate"; readonly tables: readonly NamePath[] }
  /** `object` as written after DROP: "table", "materialized view". */
  | { readonly kind: "drop"; readonly object: string; readonly names: readonly NamePath[]; readonly cascade: boolean }
  | { readonly kind: "drop-column"; readonly table: NamePath; readonly column: string }
  /** A composite type's attribute, which tables of the type lose as a column. */
  | { readonly kind: "drop-attribute"; readonly type: NamePath; readonly attribute: string }
  /** `database` is where it goes, if the text says that; else the one that is connected to. */
  | { readonly kind: "restore"; readonly database?: string };

/** What a text would destroy, in the order it stands there; empty when nothing of this list. */
export function hazardsOf(text: string, options: SplitOptions = {}): readonly Hazard[] {
  return lexemesOf(text, options).flatMap((lexemes) => statementHazards(new LexemeReader(lexemes)));
}

function statementHazards(reader: LexemeReader): readonly Hazard[] {
  if (reader.take("explain")) return explained(reader);
  if (reader.take("with")) return withHazards(reader);
  if (reader.take("delete")) return unqualified("delete", reader);
  if (reader.take("update")) return unqualified("update", reader);
  if (reader.take("truncate")) return truncated(reader);
  if (reader.take("drop")) return dropped(reader);
  if (reader.take("alter", "table")) return droppedColumns(reader);
  if (reader.take("alter", "type")) return droppedAttributes(reader);
  if (reader.take("restore")) return restored(reader);
  // EXECUTE names what was prepared: the question is asked while the statement is to be seen.
  if (reader.take("prepare")) return behindAs(reader);
  if (reader.take("create", "table") || reader.take("create", "materialized", "view")) return behindAs(reader);
  reader.take("copy");
  const inner = reader.takeParenthesized();
  return inner === undefined ? [] : statementHazards(inner);
}

/** The query of CREATE TABLE AS and PREPARE; a CTE of it may delete. */
function behindAs(reader: LexemeReader): readonly Hazard[] {
  while (!reader.isAtEnd() && !reader.take("as")) {
    if (reader.takeParenthesized() === undefined) reader.at += 1;
  }
  return statementHazards(reader);
}

/** One for each database that is named; a table of another database is written `shop.public.orders`. */
function restored(reader: LexemeReader): readonly Hazard[] {
  const named = reader.valueOf("into_db") ?? reader.valueOf("new_db_name");
  if (named !== undefined) return [{ kind: "restore", database: named }];
  const isDatabase = reader.take("database");
  if (!isDatabase && !reader.take("table")) return [{ kind: "restore" }];
  const databases = new Set<string | undefined>();
  do {
    const parts = reader.takeName() ?? [];
    const count = parts.length + (reader.takeSign("*") ? 1 : 0);
    databases.add(isDatabase || count > 2 ? parts[0] : undefined);
  } while (reader.takeSign(","));
  return [...databases].map((database) =>
    database === undefined ? { kind: "restore" } : { kind: "restore", database },
  );
}

/** EXPLAIN runs a statement only with ANALYZE. */
function explained(reader: LexemeReader): readonly Hazard[] {
  const options = reader.takeParenthesized();
  let runs = false;
  if (options === undefined) {
    while (reader.peek()?.text === "analyze" || reader.peek()?.text === "verbose") {
      runs ||= reader.peek()?.text === "analyze";
      reader.at += 1;
    }
  } else {
    for (; !options.isAtEnd(); options.at += 1) {
      if (options.peek()?.text === "analyze") runs = !/^'?(false|off|0)'?$/.test(options.peek(1)?.text ?? "");
    }
  }
  return runs ? statementHazards(reader) : [];
}

const MAIN_VERBS = new Set(["select", "insert", "update", "delete", "merge", "values", "table"]);

function withHazards(reader: LexemeReader): readonly Hazard[] {
  const hazards: Hazard[] = [];
  reader.take("recursive");
  for (let before = ","; !reader.isAtEnd();) {
    const lexeme = reader.peek();
    const body = before === "as" || before === "materialized" ? reader.takeParenthesized() : undefined;
    if (body !== undefined) {
      hazards.push(...statementHazards(body));
      before = ")";
      continue;
    }
    // A CTE may be called as a verb is: it stands behind a comma.
    if (lexeme?.kind === "word" && MAIN_VERBS.has(lexeme.text) && before !== ",") {
      return [...hazards, ...statementHazards(reader)];
    }
    if (reader.takeParenthesized() !== undefined) before = ")";
    else {
      before = lexeme?.text ?? "";
      reader.at += 1;
    }
  }
  return hazards;
}

/** `t`, `ONLY t`, `ONLY (t)`. */
function tableOf(reader: LexemeReader): NamePath | undefined {
  return reader.take("only") && reader.peek()?.text === "("
    ? reader.takeParenthesized()?.takeName()
    : reader.takeName();
}

/** Redshift's DELETE has no need of FROM. */
function unqualified(kind: "delete" | "update", reader: LexemeReader): readonly Hazard[] {
  if (kind === "delete") reader.take("from");
  const table = tableOf(reader);
  if (table === undefined || reader.hasAhead("where")) return [];
  return [{ kind, table }];
}

function truncated(reader: LexemeReader): readonly Hazard[] {
  reader.take("table");
  const tables: NamePath[] = [];
  do {
    const table = tableOf(reader);
    if (table !== undefined) tables.push(table);
    reader.takeSign("*");
  } while (reader.takeSign(","));
  return tables.length === 0 ? [] : [{ kind: "truncate", tables }];
}

/** Objects whose name has several words; all others have one. */
const LONG_OBJECTS = [
  "access method|event trigger|external connection|external schema|external table|foreign data wrapper|foreign table",
  "identity provider|materialized view|operator class|operator family|owned by|text search configuration|text search dictionary",
  "text search parser|text search template|transform for|user mapping for",
].flatMap((line) => line.split("|").map((object) => object.split(" ")));

function dropped(reader: LexemeReader): readonly Hazard[] {
  const long = LONG_OBJECTS.find((words) => reader.take(...words));
  const object = long?.join(" ") ?? reader.peek()?.text ?? "";
  if (long === undefined) reader.at += 1;
  reader.take("concurrently");
  reader.take("if", "exists");
  const names: NamePath[] = [];
  do {
    const name = object === "cast" || object === "operator" ? [reader.takeRest()] : reader.takeName();
    if (name === undefined) break;
    names.push(name);
    // A function's arguments.
    reader.takeParenthesized();
  } while (reader.takeSign(","));
  return names.length === 0 ? [] : [{ kind: "drop", object, names, cascade: reader.hasAhead("cascade") }];
}

function droppedColumns(reader: LexemeReader): readonly Hazard[] {
  reader.take("if", "exists");
  const table = tableOf(reader);
  if (table === undefined) return [];
  reader.takeSign("*");
  return droppedParts(reader, "column").map((column) => ({ kind: "drop-column", table, column }));
}

function droppedAttributes(reader: LexemeReader): readonly Hazard[] {
  const type = reader.takeName();
  if (type === undefined) return [];
  return droppedParts(reader, "attribute").map((attribute) => ({ kind: "drop-attribute", type, attribute }));
}

function droppedParts(reader: LexemeReader, kind: "column" | "attribute"): readonly string[] {
  const dropped: string[] = [];
  do {
    if (reader.take("drop") && reader.peek()?.text !== "constraint") {
      reader.take(kind);
      reader.take("if", "exists");
      const [name] = reader.takeName() ?? [];
      if (name !== undefined) dropped.push(name);
    }
    skipAction(reader);
  } while (reader.takeSign(","));
  return dropped;
}

/** To the comma before the next action of ALTER TABLE, or the end. */
function skipAction(reader: LexemeReader): void {
  while (!reader.isAtEnd() && !(reader.peek()?.kind === "sign" && reader.peek()?.text === ",")) {
    if (reader.takeParenthesized() === undefined) reader.at += 1;
  }
}

const READ_ONLY_SETTING = /(?:^|[^a-z_])(?:default_)?transaction_read_only/i;
/** What can change a setting whose name it is given as a text. */
const SETTERS = new Set(["set_config", "update", "do", "execute", "call", "prepare"]);

/** Whether a text would let a session write again that was opened to read only. */
export function endsReadOnly(text: string, options: SplitOptions = {}): boolean {
  return lexemesOf(text, options).some((lexemes) => {
    const reader = new LexemeReader(lexemes);
    const isNamed = lexemes.some(({ kind, text: image }) => kind.endsWith("string") && READ_ONLY_SETTING.test(image));
    if (isNamed && lexemes.some(({ kind, text: word }) => kind === "word" && SETTERS.has(word))) return true;
    if (reader.take("discard", "all") || reader.take("reset", "all")) return true;
    const sets = reader.take("set") || reader.take("reset");
    const opens = sets || reader.take("begin") || reader.take("start", "transaction");
    if (!opens) return false;
    if (sets && lexemes.some(({ text: word }) => /^(default_)?transaction_read_only$/i.test(word))) return true;
    return lexemes.some(({ text: word }, at) => word === "read" && lexemes[at + 1]?.text === "write");
  });
}

const READS = new Set(["select", "table", "values", "with", "show"]);
const WRITES = new Set(["insert", "update", "delete", "merge", "into", "call"]);

/** Whether nothing is lost when a text is stopped half-way: one query that writes nothing itself. In doubt it is none. */
export function onlyReads(text: string, options: SplitOptions = {}): boolean {
  const [lexemes, another] = lexemesOf(text, options);
  if (lexemes === undefined || another !== undefined) return false;
  const words = lexemes.filter(({ kind }) => kind === "word").map((lexeme) => lexeme.text);
  return READS.has(words[0] ?? "") && !words.some((word) => WRITES.has(word));
}
