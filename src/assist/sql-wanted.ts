// What may stand at a spot in a query.
import type { CompletionKind } from "./assistant.ts";
import type { RelationKind } from "./catalogue.ts";
import type { ScopedSource } from "./sql-scope.ts";
import { excludedRow, outputNames, selectedColumns } from "./sql-scope.ts";
import type { FunctionUse } from "./sql-functions.ts";
import { clauseOf, type Spot } from "./sql-spot.ts";
import { continuesName, isSign, isWord, type SqlNode } from "./sql-tree.ts";
import {
  BEFORE_OPERAND,
  CASE_WORDS,
  NEXT_CLAUSES,
  ONLY_AFTER,
  OPERANDS,
  OPERATORS,
  STATEMENT_STARTS,
} from "./sql-words.ts";

export interface Wanted {
  readonly keywords: readonly string[];
  readonly relations: readonly RelationKind[];
  /** Sources whose columns may be named, those of the queries around last. */
  readonly columns: readonly ScopedSource[];
  /** Columns are named without what they belong to, and each once. */
  readonly columnList?: { readonly used: ReadonlySet<string>; readonly offersAll: boolean };
  readonly functions?: FunctionUse;
  readonly types: boolean;
  readonly schemas: boolean;
  readonly databases: boolean;
  readonly roles: boolean;
  /** Written out already somewhere else in the statement, and likely here. */
  readonly texts?: readonly string[];
  /** Other names: of queries that WITH names, of output columns. */
  readonly names: readonly string[];
  readonly namesAre: CompletionKind;
  /** Sources to join a table with, for tables that keys lead to or from. */
  readonly joinTables: readonly ScopedSource[];
  /** A condition that joins `right` with one of `left`. */
  readonly joinOn?: { readonly left: readonly ScopedSource[]; readonly right: ScopedSource };
}

export const NOTHING: Wanted = {
  keywords: [],
  relations: [],
  columns: [],
  types: false,
  schemas: false,
  databases: false,
  roles: false,
  names: [],
  namesAre: "table",
  joinTables: [],
};

const READABLE: readonly RelationKind[] = ["table", "view", "sequence"];
const WRITABLE: readonly RelationKind[] = ["table", "view"];

export function wantedAt(spot: Spot): Wanted {
  const { before, groups } = spot;
  if (groups.length > 0) return inGroup(spot);
  const previous = before.at(-1);
  if (previous === undefined) return { ...NOTHING, keywords: STATEMENT_STARTS };
  if (isWord(before[0], "UNION", "EXCEPT", "INTERSECT") && before.length <= 2 && !isWord(previous, "SELECT"))
    return { ...NOTHING, keywords: before.length === 1 ? ["ALL", "SELECT", "VALUES"] : ["SELECT", "VALUES"] };
  const only = onlyAfter(before);
  if (only !== undefined) return only;
  if (wantsRelation(before)) return relation(spot, previous);
  if (isWord(clauseOf(before), "SET")) return assignment(spot);
  return expression(spot, before);
}

function onlyAfter(before: readonly SqlNode[]): Wanted | undefined {
  const previous = before.at(-1);
  if (previous?.kind !== "word" || continuesName(before.at(-2), previous)) return undefined;
  const words = ONLY_AFTER[previous.text];
  return words === undefined ? undefined : { ...NOTHING, keywords: words };
}

/** Whether a table's name goes on here. */
function wantsRelation(before: readonly SqlNode[]): boolean {
  const nodes = withoutPath(before);
  const previous = nodes.at(-1);
  const clause = clauseOf(nodes);
  if (isSign(previous, ",")) return isWord(clause, "FROM", "JOIN", "ON", "USING") && !isWord(nodes[0], "MERGE");
  if (isWord(previous, "ONLY", "LATERAL")) return true;
  if (isWord(previous, "FROM")) return !isWord(nodes.at(-2), "DISTINCT");
  if (isWord(previous, "INTO")) return isWord(nodes.at(-2), "INSERT", "MERGE");
  if (isWord(previous, "UPDATE")) return nodes.length === 1;
  if (isWord(previous, "USING")) return isWord(nodes[0], "DELETE", "MERGE");
  return isWord(previous, "JOIN") || (isWord(previous, "TABLE") && nodes.length === 1);
}

/** The nodes before the name that the cursor is in. */
function withoutPath(nodes: readonly SqlNode[]): readonly SqlNode[] {
  let end = nodes.length;
  while (isSign(nodes[end - 1], ".")) end -= 2;
  return nodes.slice(0, Math.max(end, 0));
}

function relation(spot: Spot, previous: SqlNode): Wanted {
  const nodes = withoutPath(spot.before);
  const writes = isWord(nodes.at(-1), "INTO", "UPDATE") || isWord(nodes[0], "DELETE");
  const common = writes ? [] : spot.common.map(({ name }) => name);
  const isJoin = isWord(nodes.at(-1), "JOIN");
  return {
    ...NOTHING,
    relations: writes ? WRITABLE : READABLE,
    schemas: spot.path.length === 0,
    names: spot.path.length === 0 ? common : [],
    joinTables: isJoin ? sourcesBefore(spot) : [],
    keywords: isWord(previous, "ONLY", "LATERAL", "UPDATE", "INTO") ? [] : writes ? ["ONLY"] : ["LATERAL", "ONLY"],
    ...(writes ? {} : { functions: "rows" }),
  };
}

/** The sources that have been named before the cursor. */
function sourcesBefore(spot: Spot): readonly ScopedSource[] {
  const end = spot.before.at(-1)?.end ?? 0;
  return readFrom(spot).filter(({ source }) => source.end <= end);
}

/** What the query reads: not the table that INSERT writes to, but where the rest speaks of its rows. */
function readFrom({ block, before, sources }: Spot): readonly ScopedSource[] {
  if (!isWord(block.nodes[0], "INSERT") || before.some((node) => isWord(node, "RETURNING"))) return sources;
  if (before.some((node) => isWord(node, "CONFLICT"))) return [...sources, ...excludedRow(block, before, sources)];
  return sources.filter(({ source }) => source !== block.target);
}

function inGroup(spot: Spot): Wanted {
  const [outermost] = spot.groups;
  const inner = spot.groups.at(-1)?.before ?? [];
  const { before } = spot;
  const previous = before.at(-1);
  const isOuter = spot.groups.length === 1;
  if (isOuter && isWord(clauseOf(before), "INTO") && isWord(before[0], "INSERT")) return columnList(spot, inner, true);
  if (isOuter && isWord(previous, "CONFLICT")) return columnList(spot, inner, false);
  if (isOuter && isWord(previous, "USING")) return sharedColumns(spot, inner);
  if (isWord(previous, "FROM", "JOIN", "LATERAL") && outermost !== undefined) return nestedSource(spot, inner);
  if (isWord(previous, "OVER") && inner.length === 0)
    return { ...NOTHING, keywords: ["PARTITION BY", "ORDER BY", "ROWS BETWEEN", "RANGE BETWEEN"] };
  if (isWord(previous, "FILTER") && inner.length === 0) return { ...NOTHING, keywords: ["WHERE"] };
  if (isSign(inner.at(-1), "::") || (isWord(inner.at(-1), "AS") && isWord(nodeBeforeGroup(spot), "CAST")))
    return { ...NOTHING, types: true };
  return onlyAfter(inner) ?? expression(spot, inner);
}

/** What stands before the innermost parentheses. */
function nodeBeforeGroup(spot: Spot): SqlNode | undefined {
  const outer = spot.groups.at(-2)?.before ?? spot.before;
  return outer.at(-1);
}

function columnList({ block, sources }: Spot, inner: readonly SqlNode[], offersAll: boolean): Wanted {
  const used = new Set(inner.flatMap((node) => (node.kind === "group" || node.name === "" ? [] : [node.name])));
  const columns = sources.filter(({ source }) => source === block.target);
  const isNext = inner.length === 0 || isSign(inner.at(-1), ",");
  return isNext ? { ...NOTHING, columns, columnList: { used, offersAll: offersAll && inner.length === 0 } } : NOTHING;
}

/** JOIN … USING takes columns that both sides have. */
function sharedColumns(spot: Spot, inner: readonly SqlNode[]): Wanted {
  const sources = sourcesBefore(spot);
  const right = sources.at(-1);
  const left = new Set(sources.slice(0, -1).flatMap(({ columns }) => columns.map(({ name }) => name)));
  if (right === undefined) return NOTHING;
  const columns = [{ ...right, columns: right.columns.filter(({ name }) => left.has(name)) }];
  const used = new Set(inner.flatMap((node) => (node.kind === "group" ? [] : [node.name])));
  return { ...NOTHING, columns, columnList: { used, offersAll: false } };
}

function nestedSource(spot: Spot, inner: readonly SqlNode[]): Wanted {
  const isStart = inner.length === 0;
  if (!isStart && !wantsRelation([...spot.before, ...inner]))
    return { ...NOTHING, keywords: NEXT_CLAUSES["JOIN"] ?? [] };
  return {
    ...NOTHING,
    relations: READABLE,
    schemas: true,
    names: spot.common.map(({ name }) => name),
    keywords: isStart ? ["SELECT", "VALUES", "WITH"] : [],
  };
}

/** `SET a = …, b = …` */
function assignment(spot: Spot): Wanted {
  const { before, block, sources } = spot;
  const start = before.findLastIndex((node) => isWord(node, "SET") || isSign(node, ","));
  const part = before.slice(start + 1);
  if (part.some((node) => isSign(node, "="))) return expression(spot, before);
  const columns = sources.filter(({ source }) => source === block.target);
  const used = new Set(
    before.flatMap((node, at) => (node.kind !== "group" && isSign(before[at + 1], "=") ? [node.name] : [])),
  );
  if (part.length > 0) return { ...NOTHING, keywords: ["="] };
  return { ...NOTHING, columns, columnList: { used, offersAll: false } };
}

function expression(spot: Spot, nodes: readonly SqlNode[]): Wanted {
  const inner = withoutPath(nodes);
  const previous = inner.at(-1);
  if (isSign(previous, "::")) return { ...NOTHING, types: true };
  const isGroup = spot.groups.length > 0;
  const key = clauseKey(nodes, isGroup ? spot.before : nodes);
  if (key === "LIMIT" || key === "OFFSET") return { ...NOTHING, keywords: NEXT_CLAUSES[key] ?? [] };
  if (!wantsOperand(inner)) return { ...NOTHING, keywords: afterOperand(nodes, key, isGroup) };
  const isFirst = isGroup && inner.length === 0;
  const distinct = isWord(previous, "SELECT") ? ["DISTINCT", "DISTINCT ON (", "*"] : [];
  const ends = isWord(
    inner.findLast((node) => isWord(node, "CASE", "END")),
    "CASE",
  )
    ? CASE_WORDS
    : [];
  const joinOn = key === "ON" ? joinCondition(spot, inner) : undefined;
  const isSorted = key === "ORDER BY" || key === "GROUP BY";
  return {
    ...NOTHING,
    columns: [...readFrom(spot), ...spot.outer],
    functions: "any",
    names: isSorted ? outputNames(spot.block) : [],
    ...(key === "GROUP BY" ? { texts: selectedColumns(spot.block, nodes) } : {}),
    namesAre: "column",
    keywords: [
      ...OPERANDS,
      ...distinct,
      ...ends,
      ...(isFirst ? ["SELECT", "DISTINCT"] : []),
      ...(key === "VALUES" ? ["DEFAULT"] : []),
    ],
    ...(joinOn === undefined ? {} : { joinOn }),
  };
}

function wantsOperand(nodes: readonly SqlNode[]): boolean {
  const previous = nodes.at(-1);
  if (previous === undefined) return true;
  if (previous.kind === "word") return BEFORE_OPERAND.has(previous.text) && !continuesName(nodes.at(-2), previous);
  if (previous.kind !== "sign") return false;
  return previous.text !== "]" && !endsInStar(nodes);
}

/** A star that stands for all columns, not one that multiplies. */
function endsInStar(nodes: readonly SqlNode[]): boolean {
  const before = nodes.at(-2);
  const standsAlone = isWord(before, "SELECT", "DISTINCT", "RETURNING") || isSign(before, ",") || isSign(before, ".");
  return isSign(nodes.at(-1), "*") && (before === undefined || standsAlone);
}

function afterOperand(nodes: readonly SqlNode[], key: string, isGroup: boolean): readonly string[] {
  if (isWord(nodes.at(-1), "AS")) return [];
  const isCase = isWord(
    nodes.findLast((node) => isWord(node, "CASE", "END")),
    "CASE",
  );
  if (isCase) return [...CASE_WORDS, ...OPERATORS];
  const clauses = isGroup && !(key in INSIDE_GROUPS) ? [] : (NEXT_CLAUSES[key] ?? []);
  const hasOperators = !["FROM", "JOIN", "INTO", "INSERT INTO", "UPDATE", "WITH", "USING", "WHEN", "DO"].includes(key);
  return [...clauses, ...(hasOperators && !endsInStar(nodes) ? OPERATORS : [])];
}

/** Clauses that stand in the parentheses of a call: `OVER (PARTITION BY … ORDER BY …)`. */
const INSIDE_GROUPS: Readonly<Record<string, true>> = { "PARTITION BY": true, "ORDER BY": true };

function clauseKey(inner: readonly SqlNode[], outer: readonly SqlNode[]): string {
  const own = clauseOf(inner);
  const nodes = own === undefined ? outer : inner;
  const clause = own ?? clauseOf(outer);
  if (clause === undefined || clause.kind === "group") return "";
  if (clause.text === "INTO" && isWord(nodes[nodes.indexOf(clause) - 1], "INSERT")) return "INSERT INTO";
  if (clause.text !== "BY") return clause.text;
  const before = nodes[nodes.indexOf(clause) - 1];
  return before?.kind === "word" ? `${before.text} BY` : "BY";
}

/** After ON, AND and OR a whole condition may stand. */
function joinCondition(spot: Spot, inner: readonly SqlNode[]): Wanted["joinOn"] {
  const isStart = inner.length === 0 || isWord(inner.at(-1), "ON", "AND", "OR");
  const named = sourcesBefore(spot);
  const right = named.at(-1);
  if (!isStart || right === undefined || !right.source.joined) return undefined;
  return { left: named.slice(0, -1), right };
}
