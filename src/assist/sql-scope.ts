// What the names in a query stand for: sources with their columns, the innermost query's first.
import type { Catalogue, CatalogueColumn, Relation } from "./catalogue.ts";
import { readBlocks, type Block, type CommonQuery, type Source } from "./sql-block.ts";
import { isReserved } from "./identifiers.ts";
import { continuesName, isSign, type SqlNode } from "./sql-tree.ts";

export interface ScopedSource {
  /** What a column is qualified with: the alias, else the last part of the name. */
  readonly name: string;
  readonly source: Source;
  /** Absent for subqueries, and for what the catalogue does not know. */
  readonly relation?: Relation;
  readonly columns: readonly CatalogueColumn[];
}

/** Names that WITH gives to queries, the innermost last. */
export type CommonQueries = readonly CommonQuery[];

/** Subqueries within subqueries that are looked into. */
const DEPTH_MAX = 8;

export class ScopeReader {
  readonly #catalogue: Catalogue;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  scoped(source: Source, common: CommonQueries, depth = 0): ScopedSource {
    const name = source.alias ?? source.path.at(-1) ?? "";
    const known = this.#columnsOf(source, common, depth);
    const columns = renamed(known.columns, source.columnNames ?? []);
    return { name, source, columns, ...(known.relation === undefined ? {} : { relation: known.relation }) };
  }

  #columnsOf(source: Source, common: CommonQueries, depth: number): Pick<ScopedSource, "relation" | "columns"> {
    if (depth > DEPTH_MAX) return { columns: [] };
    if (source.query !== undefined) return { columns: this.outputOf(source.query, common, depth + 1) };
    const at = source.path.length === 1 ? common.findLastIndex(({ name }) => name === source.path[0]) : -1;
    const named = common[at];
    if (named !== undefined) {
      // A query sees the names before its own; its own only as RECURSIVE, where its columns are those of its first part.
      const columns = this.outputOf(named.query, common.slice(0, at), depth + 1);
      return { columns: renamed(columns, named.columnNames) };
    }
    const relation = this.#catalogue.relation(source.path);
    return relation === undefined ? { columns: [] } : { relation, columns: relation.columns };
  }

  /** The columns that a query gives, as far as their names can be seen. */
  outputOf(nodes: readonly SqlNode[], outer: CommonQueries, depth = 0): readonly CatalogueColumn[] {
    const [block] = readBlocks(nodes);
    if (block === undefined) return [];
    const common = [...outer, ...block.common];
    const sources = block.sources.map((source) => this.scoped(source, common, depth));
    return selectList(block).flatMap((item) => columnsOfItem(item, sources));
  }
}

/** Columns by the names that an alias gives them; of what nothing is known, those names. */
function renamed(columns: readonly CatalogueColumn[], names: readonly string[]): readonly CatalogueColumn[] {
  if (columns.length === 0) return names.map((name) => ({ name, type: "" }));
  return columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
}

const ENDS_LIST = new Set([
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "INTO",
  "WINDOW",
  "OFFSET",
  "FETCH",
  "FOR",
]);

/** What stands between the commas of SELECT or RETURNING. */
export function selectList(block: Block): readonly (readonly SqlNode[])[] {
  const start = block.nodes.findIndex(
    (node) => node.kind === "word" && (node.text === "SELECT" || node.text === "RETURNING"),
  );
  if (start === -1) return [];
  const items: SqlNode[][] = [[]];
  for (const [i, node] of block.nodes.slice(start + 1).entries()) {
    const previous = block.nodes[start + i];
    if (node.kind === "word" && ENDS_LIST.has(node.text) && !continuesName(previous, node)) break;
    if (node.kind === "word" && (node.text === "DISTINCT" || node.text === "ALL")) continue;
    if (isSign(node, ",")) items.push([]);
    else items.at(-1)?.push(node);
  }
  return items.filter((item) => item.length > 0);
}

function columnsOfItem(item: readonly SqlNode[], sources: readonly ScopedSource[]): readonly CatalogueColumn[] {
  const last = item.at(-1);
  if (last === undefined) return [];
  if (isSign(last, "*")) {
    const qualifier = item.length >= 3 ? nameOf(item.at(-3)) : undefined;
    return sources
      .filter(({ name }) => qualifier === undefined || name === qualifier)
      .flatMap(({ columns }) => columns);
  }
  const name = nameOf(last);
  if (name !== undefined) {
    const known = sources.flatMap(({ columns }) => columns).find((column) => column.name === name);
    return [{ name, type: known?.type ?? "" }];
  }
  // A call without an alias is named for its function.
  const called = nameOf(item.at(-2));
  return last.kind === "group" && called !== undefined ? [{ name: called, type: "" }] : [];
}

function nameOf(node: SqlNode | undefined): string | undefined {
  if (node === undefined || node.kind === "group" || node.isCursor || node.name === "") return undefined;
  return node.kind === "word" || node.kind === "name" ? node.name : undefined;
}

/** Names given in the select list, with AS or without, which ORDER BY and GROUP BY may use. */
export function outputNames(block: Block): readonly string[] {
  return selectList(block).flatMap((item) => {
    const [before, name] = item.slice(-2);
    if (item.length < 2 || before === undefined || name === undefined) return [];
    const given = nameOf(name);
    if (given === undefined || (name.kind === "word" && isReserved(name.text))) return [];
    return endsOperand(before) ? [given] : [];
  });
}

/** Whether an expression may end here, so that a word behind it gives it a name. */
function endsOperand(node: SqlNode): boolean {
  if (node.kind === "sign") return node.text === "]";
  return node.kind !== "word" || !isReserved(node.text) || ["AS", "END", "NULL", "TRUE", "FALSE"].includes(node.text);
}

/** Columns that the select list names as they are and GROUP BY does not name yet, as they are written. */
export function selectedColumns(block: Block, before: readonly SqlNode[]): readonly string[] {
  const by = before.findLastIndex((node) => node.kind === "word" && node.text === "BY");
  const used = new Set(listed(before.slice(by + 1)).map(writtenOf));
  const columns = selectList(block).filter((item) => columnIn(item) !== undefined);
  return [...new Set(columns.map((item) => columnIn(item) ?? ""))].filter((text) => !used.has(text));
}

/** `name` or `source.name`, with or without a name of its own behind it. */
function columnIn(item: readonly SqlNode[]): string | undefined {
  const length = isSign(item[1], ".") ? 3 : 1;
  const column = item.slice(0, length);
  const rest = item.slice(length);
  const isNamed =
    rest.length === 0 || rest.length === 1 || (rest.length === 2 && rest[0]?.kind === "word" && rest[0].text === "AS");
  const isColumn = column.every(
    (node, at) => at === 1 || (nameOf(node) !== undefined && !isReserved(writtenOf([node]))),
  );
  return isColumn && isNamed && rest.every((node) => nameOf(node) !== undefined) ? writtenOf(column) : undefined;
}

function listed(nodes: readonly SqlNode[]): readonly (readonly SqlNode[])[] {
  const items: SqlNode[][] = [[]];
  for (const node of nodes) {
    if (isSign(node, ",")) items.push([]);
    else items.at(-1)?.push(node);
  }
  return items;
}

function writtenOf(nodes: readonly SqlNode[]): string {
  return nodes.map((node) => (node.kind === "group" ? "()" : node.written)).join("");
}

/** In `ON CONFLICT … DO UPDATE` the row that could not be added is read as `excluded`. */
export function excludedRow(
  { target }: Block,
  before: readonly SqlNode[],
  sources: readonly ScopedSource[],
): readonly ScopedSource[] {
  const isUpdate = before.some((node, at) => node.kind === "word" && node.text === "DO" && at < before.length - 1);
  return isUpdate ? sources.filter(({ source }) => source === target).map((one) => ({ ...one, name: "excluded" })) : [];
}
