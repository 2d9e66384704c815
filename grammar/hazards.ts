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
  | { readonly kind: "restore" };

/** What a text would destroy, in the order it stands there; empty when nothing of this list. */
export function hazardsOf(text: string, options: SplitOptions = {}): readonly Hazard[] {
  return lexemesOf(text, options).flatMap((lexemes) => statementHazards(new LexemeReader(lexemes)));
}

function statementHazards(reader: LexemeReader): readonly Hazard[] {
  if (reader.take("explain")) return explained(reader);
  if (reader.take("with")) return withHazards(reader);
  if (reader.take("delete", "from")) return unqualified("delete", reader);
  if (reader.take("update")) return unqualified("update", reader);
  if (reader.take("truncate")) return truncated(reader);
  if (reader.take("drop")) return dropped(reader);
  if (reader.take("alter", "table")) return droppedColumns(reader);
  // A database of a new name holds nothing yet.
  if (reader.take("restore")) return reader.hasWord("new_db_name") ? [] : [{ kind: "restore" }];
  const inner = reader.take("copy") ? reader.takeParenthesized() : undefined;
  return inner === undefined ? [] : statementHazards(inner);
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

function unqualified(kind: "delete" | "update", reader: LexemeReader): readonly Hazard[] {
  reader.take("only");
  const table = reader.takeName();
  if (table === undefined || reader.hasAhead("where")) return [];
  return [{ kind, table }];
}

function truncated(reader: LexemeReader): readonly Hazard[] {
  reader.take("table");
  const tables: NamePath[] = [];
  do {
    reader.take("only");
    const table = reader.takeName();
    if (table !== undefined) tables.push(table);
    reader.takeSign("*");
  } while (reader.takeSign(","));
  return tables.length === 0 ? [] : [{ kind: "truncate", tables }];
}

/** Objects whose name has several words; all others have one. */
const LONG_OBJECTS = [
  "access method|event trigger|external connection|external schema|external table|foreign data wrapper|foreign table",
  "materialized view|operator class|operator family|owned by|text search configuration|text search dictionary",
  "text search parser|text search template|user mapping for",
].flatMap((line) => line.split("|").map((object) => object.split(" ")));

function dropped(reader: LexemeReader): readonly Hazard[] {
  const long = LONG_OBJECTS.find((words) => reader.take(...words));
  const object = long?.join(" ") ?? reader.peek()?.text ?? "";
  if (long === undefined) reader.at += 1;
  reader.take("concurrently");
  reader.take("if", "exists");
  const names: NamePath[] = [];
  do {
    const name = reader.takeName();
    if (name === undefined) break;
    names.push(name);
    // A function's arguments.
    reader.takeParenthesized();
  } while (reader.takeSign(","));
  return names.length === 0 ? [] : [{ kind: "drop", object, names, cascade: reader.hasAhead("cascade") }];
}

function droppedColumns(reader: LexemeReader): readonly Hazard[] {
  reader.take("if", "exists");
  reader.take("only");
  const table = reader.takeName();
  if (table === undefined) return [];
  reader.takeSign("*");
  const hazards: Hazard[] = [];
  do {
    if (reader.take("drop") && reader.peek()?.text !== "constraint") {
      reader.take("column");
      reader.take("if", "exists");
      const [column] = reader.takeName() ?? [];
      if (column !== undefined) hazards.push({ kind: "drop-column", table, column });
    }
    skipAction(reader);
  } while (reader.takeSign(","));
  return hazards;
}

/** To the comma before the next action of ALTER TABLE, or the end. */
function skipAction(reader: LexemeReader): void {
  while (!reader.isAtEnd() && !(reader.peek()?.kind === "sign" && reader.peek()?.text === ",")) {
    if (reader.takeParenthesized() === undefined) reader.at += 1;
  }
}

/** Whether a text would let a session write again that was opened to read only. */
export function endsReadOnly(text: string, options: SplitOptions = {}): boolean {
  return lexemesOf(text, options).some((lexemes) => {
    const reader = new LexemeReader(lexemes);
    if (lexemes.some(({ kind, text: image }) => kind === "string" && image.includes("transaction_read_only")))
      return true;
    if (reader.take("discard", "all") || reader.take("reset", "all")) return true;
    const sets = reader.take("set") || reader.take("reset");
    const opens = sets || reader.take("begin") || reader.take("start", "transaction");
    if (!opens) return false;
    if (sets && lexemes.some(({ text: word }) => /^(default_)?transaction_read_only$/.test(word))) return true;
    return lexemes.some(({ text: word }, at) => word === "read" && lexemes[at + 1]?.text === "write");
  });
}
