// EXPLAIN (FORMAT JSON) as one row a node, in the order of the tree. Source of the fields: PostgreSQL documentation,
// "EXPLAIN", and what versions 10 to 18 print.
import type { Column, Row } from "../events.ts";

/** A node of the plan as PostgreSQL says it. */
type Json = Readonly<Record<string, unknown>>;

export const PLAN_NODE_COLUMNS: readonly Column[] = [
  { name: "level", kind: "number" },
  { name: "node", kind: "text" },
  { name: "cost", kind: "number" },
  { name: "share", kind: "number" },
  { name: "rows", kind: "number" },
  { name: "actual_rows", kind: "number" },
  { name: "ms", kind: "number" },
  { name: "details", kind: "text" },
];

export interface PlanTable {
  readonly rows: readonly Row[];
  /** Times of planning and execution, triggers. */
  readonly footers: readonly string[];
}

/**
 * The table of a plan. `share` is the part of the whole, in percent, that a node costs without those below it: of the
 * time when the statement was run, else of the estimated cost. Rows, planned and actual, are those of one loop.
 * @returns undefined for a text that is no such plan.
 */
export function planTable(text: string): PlanTable | undefined {
  const parsed: unknown = JSON.parse(text);
  const top = Array.isArray(parsed) ? objectOf(parsed[0]) : undefined;
  const root = objectOf(top?.["Plan"]);
  if (top === undefined || root === undefined) return undefined;
  const rows: Row[] = [];
  const whole = weightOf(root);
  addNode(root, 0, whole, rows);
  const times = ["Planning Time", "Execution Time"].flatMap((name) => {
    const time = top[name];
    return typeof time === "number" ? [`${name}: ${time.toFixed(3)} ms`] : [];
  });
  return { rows, footers: times };
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function numberIn(node: Json, name: string): number | undefined {
  const value = node[name];
  return typeof value === "number" ? value : undefined;
}

function textIn(node: Json, name: string): string | undefined {
  const value = node[name];
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function childrenOf(node: Json): readonly Json[] {
  const plans = node["Plans"];
  return Array.isArray(plans) ? plans.map(objectOf).filter((one) => one !== undefined) : [];
}

/** Milliseconds of all loops together when the statement was run, else the estimated cost. */
function weightOf(node: Json): number {
  return timeOf(node) ?? numberIn(node, "Total Cost") ?? 0;
}

function timeOf(node: Json): number | undefined {
  const time = numberIn(node, "Actual Total Time");
  return time === undefined ? undefined : time * (numberIn(node, "Actual Loops") ?? 1);
}

function addNode(node: Json, level: number, whole: number, rows: Row[]): void {
  const children = childrenOf(node);
  const below = children.reduce((sum, child) => sum + weightOf(child), 0);
  const own = Math.max(0, weightOf(node) - below);
  const actual = numberIn(node, "Actual Rows");
  const time = timeOf(node);
  rows.push([
    String(level),
    nameOf(node),
    textIn(node, "Total Cost") ?? null,
    whole > 0 ? String(Math.min(100, Math.round((100 * own) / whole))) : "0",
    textIn(node, "Plan Rows") ?? null,
    actual === undefined ? null : String(Math.round(actual)),
    time === undefined ? null : time.toFixed(3),
    detailsOf(node).join("; ") || null,
  ]);
  for (const child of children) addNode(child, level + 1, whole, rows);
}

/** `Parallel Hash Left Join`, `Index Scan using orders_pkey on shop.orders o`. */
function nameOf(node: Json): string {
  const words = [node["Parallel Aware"] === true ? "Parallel" : "", typeOf(node)];
  const index = textIn(node, "Index Name");
  if (index !== undefined) words.push(`using ${index}`);
  const relation = textIn(node, "Relation Name") ?? textIn(node, "CTE Name") ?? textIn(node, "Function Name");
  const alias = textIn(node, "Alias");
  if (relation !== undefined) words.push(`on ${relation}`);
  if (alias !== undefined && alias !== relation) words.push(relation === undefined ? `on ${alias}` : alias);
  const name = words.filter((word) => word !== "").join(" ");
  const subplan = textIn(node, "Subplan Name");
  return subplan === undefined ? name : `${subplan}: ${name}`;
}

function typeOf(node: Json): string {
  const type = textIn(node, "Node Type") ?? "?";
  if (type === "ModifyTable") return textIn(node, "Operation") ?? type;
  const strategy = textIn(node, "Strategy");
  if (type === "Aggregate" && strategy === "Hashed") return "HashAggregate";
  if (type === "Aggregate" && strategy === "Sorted") return "GroupAggregate";
  const join = textIn(node, "Join Type");
  if (join === undefined || join === "Inner") return type;
  return type === "Nested Loop" ? `Nested Loop ${join} Join` : type.replace(/ Join$/, ` ${join} Join`);
}

const DETAILS: Readonly<Record<string, string>> = {
  "Index Cond": "index",
  "Recheck Cond": "recheck",
  "Hash Cond": "hash",
  "Merge Cond": "merge",
  "Join Filter": "join",
  Filter: "filter",
  "Rows Removed by Filter": "removed",
  "Sort Key": "sort",
  "Sort Method": "by",
  "Group Key": "group",
  "Workers Planned": "workers",
  "Heap Fetches": "heap fetches",
};

function detailsOf(node: Json): string[] {
  const details = Object.entries(DETAILS).flatMap(([name, word]) => {
    const text = textIn(node, name);
    return text === undefined || text === "0" ? [] : [`${word} ${text}`];
  });
  if (node["Sort Space Type"] === "Disk") details.push(`${textIn(node, "Sort Space Used") ?? "?"} kB on disk`);
  const loops = numberIn(node, "Actual Loops") ?? 1;
  if (loops > 1) details.push(`${loops} loops`);
  return details;
}
