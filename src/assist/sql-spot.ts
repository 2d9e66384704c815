// Where in a statement the cursor is: the query level it is in, what that level and those around it read from, and the
// words before it.
import type { Catalogue } from "./catalogue.ts";
import { readBlocks, type Block, type CommonQuery } from "./sql-block.ts";
import { ScopeReader, type ScopedSource } from "./sql-scope.ts";
import { continuesName, isSign, isWord, type SqlGroup, type SqlNode } from "./sql-tree.ts";

export interface Spot {
  readonly block: Block;
  /** Nodes of the block before the one that is the cursor or holds it. */
  readonly before: readonly SqlNode[];
  /** Parentheses between the block and the cursor, the outermost first, each with what stands before it. */
  readonly groups: readonly OpenGroup[];
  /** What the block reads from. */
  readonly sources: readonly ScopedSource[];
  /** What the queries around it read from. */
  readonly outer: readonly ScopedSource[];
  readonly common: readonly CommonQuery[];
  /** The names before the cursor's dot: `a.b.|` has two. */
  readonly path: readonly string[];
}

export interface OpenGroup {
  readonly group: SqlGroup;
  /** In the parentheses, before the cursor. */
  readonly before: readonly SqlNode[];
}

const STARTS = ["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"];

interface Level {
  readonly outer: readonly ScopedSource[];
  readonly common: readonly CommonQuery[];
}

export function findSpot(nodes: readonly SqlNode[], catalogue: Catalogue): Spot {
  return spotIn(queryWithin(nodes), { outer: [], common: [] }, new ScopeReader(catalogue));
}

/** The query in `EXPLAIN …`, `CREATE VIEW … AS …`, `PREPARE … AS …`, where the cursor is in it; else the whole. */
function queryWithin(nodes: readonly SqlNode[]): readonly SqlNode[] {
  if (isWord(nodes[0], ...STARTS)) return nodes;
  const isPrefixed = isWord(nodes[0], "EXPLAIN", "DECLARE");
  const start = nodes.findIndex(
    (node, at) => at > 0 && isWord(node, ...STARTS) && (isPrefixed || isWord(nodes[at - 1], "AS")),
  );
  const rest = start === -1 ? [] : nodes.slice(start);
  return rest.some(holdsCursor) ? rest : nodes;
}

function holdsCursor(node: SqlNode): boolean {
  return node.kind === "group" ? node.hasCursor : node.isCursor;
}

function spotIn(nodes: readonly SqlNode[], level: Level, reader: ScopeReader): Spot {
  const blocks = readBlocks(nodes);
  const block = blocks.find((one) => one.nodes.some(holdsCursor));
  if (block === undefined) return spotInCommon(nodes, blocks[0], level, reader);
  const common = [...level.common, ...block.common];
  const sources = block.sources.map((source) => reader.scoped(source, common));
  const at = block.nodes.findIndex(holdsCursor);
  const before = block.nodes.slice(0, at);
  const groups: OpenGroup[] = [];
  let node = block.nodes[at];
  let previous = before.at(-1);
  while (node?.kind === "group") {
    const inner: SqlGroup = node;
    if (isQuery(inner, previous)) {
      // A subquery in FROM does not see its neighbours, unless it is LATERAL.
      const isApart = isWord(clauseOf(before), "FROM", "JOIN") && !isWord(previous, "LATERAL");
      const outer = isApart ? level.outer : [...sources, ...level.outer];
      return spotIn(inner.nodes, { outer, common }, reader);
    }
    const found = inner.nodes.findIndex(holdsCursor);
    groups.push({ group: inner, before: inner.nodes.slice(0, found) });
    node = inner.nodes[found];
    previous = inner.nodes[found - 1];
  }
  const last = groups.at(-1)?.before ?? before;
  return { block, before, groups, sources, outer: level.outer, common, path: pathBefore(last) };
}

/** The cursor is among the queries of WITH, or where WITH wants one. */
function spotInCommon(nodes: readonly SqlNode[], block: Block | undefined, level: Level, reader: ScopeReader): Spot {
  const group = nodes.find((node) => node.kind === "group" && node.hasCursor);
  const at = nodes.findIndex(holdsCursor);
  const named = block?.common.findIndex(({ query }) => group?.kind === "group" && group.nodes === query) ?? -1;
  if (group?.kind === "group" && named !== -1) {
    const seen = isWord(nodes[1], "RECURSIVE") ? named + 1 : named;
    const common = [...level.common, ...(block?.common.slice(0, seen) ?? [])];
    return spotIn(group.nodes, { ...level, common }, reader);
  }
  const empty = { nodes, sources: [], common: [] };
  return { block: empty, before: nodes.slice(0, Math.max(at, 0)), groups: [], sources: [], ...level, path: [] };
}

function isQuery(group: SqlGroup, previous: SqlNode | undefined): boolean {
  if (isWord(group.nodes[0], ...STARTS)) return true;
  return (
    isWord(previous, "EXISTS", "LATERAL") || (isWord(previous, "AS", "MATERIALIZED") && !group.nodes.some(isDefinition))
  );
}

/** A type or a column's definition rather than a query. */
function isDefinition(node: SqlNode): boolean {
  return node.kind !== "group" && !node.isCursor;
}

function pathBefore(nodes: readonly SqlNode[]): readonly string[] {
  const path: string[] = [];
  for (let at = nodes.length - 1; isSign(nodes[at], "."); at -= 2) {
    const name = nodes[at - 1];
    if (name === undefined || name.kind === "group" || name.name === "") break;
    path.unshift(name.name);
  }
  return path;
}

const CLAUSES = new Set(
  `SELECT FROM WHERE HAVING RETURNING VALUES SET LIMIT OFFSET JOIN ON USING INTO UPDATE BY WITH DELETE INSERT MERGE FETCH
  FOR WINDOW TABLE WHEN DO`.split(/\s+/),
);

/** The word that begins the clause which these nodes end in. */
export function clauseOf(nodes: readonly SqlNode[]): SqlNode | undefined {
  return nodes.findLast(
    (node, at) => node.kind === "word" && CLAUSES.has(node.text) && !continuesName(nodes[at - 1], node),
  );
}
