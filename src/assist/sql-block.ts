// One query level of a statement: its clauses, what it reads from, and the query names that WITH gives it.
import { continuesName, isSign, isWord, type SqlGroup, type SqlNode, type SqlWord } from "./sql-tree.ts";

export interface Source {
  /** Written name, decoded: `[schema, name]`; empty for a subquery. */
  readonly path: readonly string[];
  readonly alias?: string;
  /** The subquery that it is. */
  readonly query?: readonly SqlNode[];
  /** Names that the alias gives the columns. */
  readonly columnNames?: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Comes after JOIN. */
  readonly joined: boolean;
}

export interface CommonQuery {
  readonly name: string;
  readonly columnNames: readonly string[];
  readonly query: readonly SqlNode[];
}

export interface Block {
  readonly nodes: readonly SqlNode[];
  readonly sources: readonly Source[];
  readonly common: readonly CommonQuery[];
  /** What INSERT, UPDATE, DELETE or MERGE writes to. */
  readonly target?: Source;
}

/** What may not be an alias without AS: it goes on with the clause, or begins another. */
const NO_ALIAS = new Set(
  `WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH FOR WINDOW UNION EXCEPT INTERSECT JOIN LEFT RIGHT FULL INNER CROSS NATURAL
  ON USING SET RETURNING VALUES SELECT TABLESAMPLE WHEN DEFAULT OVERRIDING WITH AS LATERAL ONLY FROM INTO AND OR`.split(
    /\s+/,
  ),
);
const SET_OPERATIONS = new Set(["UNION", "EXCEPT", "INTERSECT"]);
const ENDS_SOURCES = new Set(
  "WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH FOR WINDOW SET RETURNING VALUES WHEN SELECT".split(" "),
);

/** The blocks that UNION and its like make of one level; all of them see what its WITH names. */
export function readBlocks(nodes: readonly SqlNode[]): readonly Block[] {
  const { common, rest } = readCommon(nodes);
  const parts: SqlNode[][] = [[]];
  for (const node of rest) {
    if (node.kind === "word" && SET_OPERATIONS.has(node.text)) parts.push([]);
    parts.at(-1)?.push(node);
  }
  return parts.map((part) => ({ nodes: part, common, ...readSources(part) }));
}

interface ReadCommon {
  readonly common: readonly CommonQuery[];
  readonly rest: readonly SqlNode[];
}

/** `WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), …`, before the statement proper. */
function readCommon(nodes: readonly SqlNode[]): ReadCommon {
  const common: CommonQuery[] = [];
  if (!isWord(nodes[0], "WITH")) return { common, rest: nodes };
  let at = isWord(nodes[1], "RECURSIVE") ? 2 : 1;
  for (;;) {
    const name = nodes[at];
    if (name === undefined || name.kind === "group" || name.isCursor) break;
    let next = at + 1;
    const columns = nodes[next];
    if (columns?.kind === "group") next++;
    while (isWord(nodes[next], "AS", "NOT", "MATERIALIZED")) next++;
    const query = nodes[next];
    if (query?.kind !== "group") break;
    common.push({ name: name.name, columnNames: namesIn(columns), query: query.nodes });
    at = next + 1;
    if (!isSign(nodes[at], ",")) break;
    at++;
  }
  // The cursor may stand where WITH goes on: then all of it is the statement.
  return { common, rest: common.length === 0 ? nodes : nodes.slice(at) };
}

export function namesIn(node: SqlNode | undefined): readonly string[] {
  if (node?.kind !== "group") return [];
  // A type may stand behind a name.
  return node.nodes.flatMap((one, at) => {
    const isFirst = at === 0 || isSign(node.nodes[at - 1], ",");
    return !isFirst || one.kind === "group" || one.name === "" ? [] : [one.name];
  });
}

type Sources = Pick<Block, "sources" | "target">;

function readSources(nodes: readonly SqlNode[]): Sources {
  const sources: Source[] = [];
  let target: Source | undefined;
  for (let at = 0; at < nodes.length; at++) {
    const [node, previous] = [nodes[at], nodes[at - 1]];
    if (node?.kind !== "word" || continuesName(previous, node)) continue;
    const writes = isTarget(node, previous);
    if (!writes && !beginsSources(node, previous, nodes[at + 1])) continue;
    const list = new SourceReader(nodes, at + 1, node.text === "JOIN");
    if (writes) {
      target = list.one();
      if (target !== undefined) sources.push(target);
    } else sources.push(...list.all());
    at = Math.max(at, list.at - 1);
  }
  return target === undefined ? { sources } : { sources, target };
}

function isTarget(node: SqlWord, previous: SqlNode | undefined): boolean {
  if (node.text === "INTO") return isWord(previous, "INSERT", "MERGE");
  if (node.text === "FROM") return isWord(previous, "DELETE");
  return node.text === "UPDATE" && (previous === undefined || isSign(previous, ";"));
}

function beginsSources(node: SqlWord, previous: SqlNode | undefined, next: SqlNode | undefined): boolean {
  if (node.text === "FROM") return !isWord(previous, "DISTINCT");
  if (node.text === "JOIN") return true;
  return node.text === "USING" && next?.kind !== "group";
}

/** Reads `a x, b AS y JOIN c ON … JOIN (SELECT …) d USING (…)`. */
class SourceReader {
  readonly #nodes: readonly SqlNode[];
  at: number;
  #joined: boolean;

  constructor(nodes: readonly SqlNode[], at: number, joined: boolean) {
    this.#nodes = nodes;
    this.at = at;
    this.#joined = joined;
  }

  all(): readonly Source[] {
    const found: Source[] = [];
    for (;;) {
      const { at } = this;
      const node = this.#nodes[at];
      if (node?.kind === "group" && !startsQuery(node)) {
        found.push(...new SourceReader(node.nodes, 0, false).all());
        this.at++;
        this.#alias();
      } else {
        const source = this.one();
        if (source !== undefined) found.push(source);
      }
      if (!this.#toNext()) return found;
    }
  }

  /** Undefined where the cursor is in the name, and where nothing can be read from. */
  one(): Source | undefined {
    while (isWord(this.#nodes[this.at], "ONLY", "LATERAL", "ROWS")) this.at++;
    const first = this.#nodes[this.at];
    if (first === undefined || (first.kind === "word" && NO_ALIAS.has(first.text))) return undefined;
    const what = first.kind === "group" ? { path: [], query: first.nodes } : this.#path();
    if (first.kind === "group") this.at++;
    if (isSign(this.#nodes[this.at], "*")) this.at++;
    const end = this.#nodes[this.at - 1]?.end ?? first.end;
    const alias = this.#alias();
    return what === undefined ? undefined : { ...what, ...alias, start: first.start, end, joined: this.#joined };
  }

  /** A name, and what a function is called with. */
  #path(): Pick<Source, "path"> | undefined {
    const path: string[] = [];
    let isCursor = false;
    for (;;) {
      const node = this.#nodes[this.at];
      if (node === undefined || node.kind === "group") break;
      isCursor ||= node.isCursor;
      if (node.name === "") break;
      path.push(node.name);
      this.at++;
      if (!isSign(this.#nodes[this.at], ".")) break;
      this.at++;
    }
    if (path.length > 0 && this.#nodes[this.at]?.kind === "group") this.at++;
    return isCursor || path.length === 0 ? undefined : { path };
  }

  #alias(): Pick<Source, "alias" | "columnNames"> {
    const isNamed = isWord(this.#nodes[this.at], "AS");
    if (isNamed) this.at++;
    const node = this.#nodes[this.at];
    if (node === undefined || node.kind === "group" || node.name === "" || node.isCursor) return {};
    if (!isNamed && node.kind === "word" && NO_ALIAS.has(node.text)) return {};
    this.at++;
    const columns = this.#nodes[this.at];
    if (columns?.kind !== "group" || columns.hasCursor) return { alias: node.name };
    this.at++;
    return { alias: node.name, columnNames: namesIn(columns) };
  }

  /** Goes to the next source of the list; false at its end. */
  #toNext(): boolean {
    for (; this.at < this.#nodes.length; this.at++) {
      const node = this.#nodes[this.at];
      if (node?.kind === "word" && ENDS_SOURCES.has(node.text) && !continuesName(this.#nodes[this.at - 1], node))
        return false;
      const isComma = isSign(node, ",");
      if (!isComma && !isWord(node, "JOIN")) continue;
      this.#joined = !isComma;
      this.at++;
      return true;
    }
    return false;
  }
}

function startsQuery(group: SqlGroup): boolean {
  return isWord(group.nodes[0], "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE");
}
