// What may stand at the cursor in statements that are not queries, by their synopses.
import type { Catalogue } from "./catalogue.ts";
import { SQL_COMMANDS } from "./sql-definitions.ts";
import type { ScopedSource } from "./sql-scope.ts";
import type { Spot } from "./sql-spot.ts";
import { isWord, type SqlNode, type SqlWord } from "./sql-tree.ts";
import { NOTHING, type Wanted } from "./sql-wanted.ts";
import { OPERANDS, STATEMENT_STARTS } from "./sql-words.ts";
import { followers, parseSynopsis, type Follower, type Synopsis } from "./synopsis.ts";

/** Statements that have a reader of their own. */
const QUERIES = ["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"];
/** A statement of more words than this is not looked at: its options would be many. */
const WORDS_MAX = 400;

let parsed: readonly Synopsis[] | undefined;

/** Undefined where the cursor is in a query, or where the statement's first word is still to come. */
export function synopsisWanted(nodes: readonly SqlNode[], spot: Spot, catalogue: Catalogue): Wanted | undefined {
  const [first] = nodes;
  if (first === undefined || first.kind === "group" || first.isCursor) return undefined;
  if (isWord(spot.block.nodes[0], ...QUERIES) || isWord(first, ...QUERIES)) return undefined;
  const words = wordsBefore(nodes);
  while (words.at(-1)?.text === ".") words.splice(-2);
  if (words.length > WORDS_MAX) return NOTHING;
  parsed ??= SQL_COMMANDS.flatMap(({ synopses }) => synopses.map(parseSynopsis));
  const found = parsed.flatMap((synopsis) => followers(synopsis, words));
  return found.map((follower) => wantedOf(follower, words, catalogue)).reduce(join, NOTHING);
}

/** The words before the cursor, parentheses among them. */
function wordsBefore(nodes: readonly SqlNode[]): SqlWord[] {
  const words: SqlWord[] = [];
  for (const node of nodes) {
    if (node.kind !== "group") {
      if (node.isCursor) break;
      words.push(node);
      continue;
    }
    words.push(sign("(", node.start), ...wordsBefore(node.nodes));
    if (node.hasCursor) break;
    words.push(sign(")", node.end));
  }
  return words;
}

function sign(text: string, at: number): SqlWord {
  return { kind: "sign", text, written: text, name: "", start: at, end: at + 1, isCursor: false };
}

function join(a: Wanted, b: Wanted): Wanted {
  return {
    ...a,
    ...b,
    keywords: [...new Set([...a.keywords, ...b.keywords])],
    relations: [...a.relations, ...b.relations],
    columns: a.columns.length > 0 ? a.columns : b.columns,
    types: a.types || b.types,
    schemas: a.schemas || b.schemas,
    databases: a.databases || b.databases,
    roles: a.roles || b.roles,
    names: [...a.names, ...b.names],
    namesAre: a.names.length > 0 ? a.namesAre : b.namesAre,
  };
}

function wantedOf({ next, table }: Follower, words: readonly SqlWord[], catalogue: Catalogue): Wanted {
  if (next.kind === "word") return { ...NOTHING, keywords: [next.phrase] };
  if (next.kind === "sign") return NOTHING;
  switch (next.name) {
    case "table":
      return { ...NOTHING, relations: ["table"], schemas: true };
    case "view":
      return { ...NOTHING, relations: ["view"], schemas: true };
    case "relation":
      return { ...NOTHING, relations: ["table", "view"], schemas: true };
    case "index":
      return { ...NOTHING, relations: ["index"], schemas: true };
    case "sequence":
      return { ...NOTHING, relations: ["sequence"], schemas: true };
    case "column":
      return {
        ...NOTHING,
        columns: sourcesOf(table, catalogue),
        columnList: { used: usedIn(words), offersAll: false },
      };
    case "expression":
      return { ...NOTHING, columns: sourcesOf(table, catalogue), functions: "any", keywords: OPERANDS };
    case "type":
      return { ...NOTHING, types: true };
    case "schema":
      return { ...NOTHING, schemas: true };
    case "role":
      return { ...NOTHING, roles: true };
    case "database":
      return { ...NOTHING, databases: true };
    case "function":
      return { ...NOTHING, functions: "named" };
    case "procedure":
      return { ...NOTHING, functions: "called" };
    case "query":
      return { ...NOTHING, keywords: ["SELECT", "WITH", "VALUES", "TABLE"] };
    case "statement":
      return { ...NOTHING, keywords: STATEMENT_STARTS };
    case "setting":
      return { ...NOTHING, names: SETTINGS, namesAre: "value" };
    case "value":
      return valueOf(words);
    default:
      return NOTHING;
  }
}

/** What a setting may be set to: schemas, or one of two. */
function valueOf(words: readonly SqlWord[]): Wanted {
  const setting = words.find(({ name }) => SETTINGS.includes(name))?.name ?? "";
  if (setting === "search_path") return { ...NOTHING, schemas: true };
  return SWITCHES.has(setting) ? { ...NOTHING, keywords: ["ON", "OFF"] } : NOTHING;
}

function sourcesOf(table: readonly string[] | undefined, catalogue: Catalogue): readonly ScopedSource[] {
  const relation = table === undefined ? undefined : catalogue.relation(table);
  if (relation === undefined || table === undefined) return [];
  const source = { path: table, start: 0, end: 0, joined: false };
  return [{ name: "", source, relation, columns: relation.columns }];
}

/** Names since the last opening parenthesis. */
function usedIn(words: readonly SqlWord[]): ReadonlySet<string> {
  const opening = words.findLastIndex(({ text }) => text === "(");
  return new Set(opening === -1 ? [] : words.slice(opening + 1).map(({ name }) => name));
}

const SETTINGS =
  `application_name client_min_messages datestyle default_transaction_isolation default_transaction_read_only
  enable_seqscan extra_float_digits idle_in_transaction_session_timeout lock_timeout maintenance_work_mem
  row_security search_path statement_timeout synchronous_commit temp_buffers timezone transaction_isolation work_mem`.split(
    /\s+/,
  );

/** Settings that are on or off. */
const SWITCHES = new Set(["default_transaction_read_only", "enable_seqscan", "row_security", "synchronous_commit"]);
