// A plan as a tree, each node with its share of the whole as a bar.
import { bar, counted, fit, pad, padStart } from "./lines.ts";
import type { Fields } from "./picture.ts";

interface Node {
  readonly level: number;
  readonly name: string;
  readonly details: string;
  readonly share: number;
  readonly cost: string;
  readonly rows: string;
  readonly time: string;
  /** Branches to the left of the name, and of the lines below it. */
  readonly branch: string;
  readonly below: string;
}

const BAR = 10;
const NAME_MIN = 20;

export function planLines(rows: readonly Fields[], columns: number, footers: readonly string[]): readonly string[] {
  const nodes = rows.map((row, index) => nodeOf(row, rows.slice(index + 1)));
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
  const costWidth = widest(nodes.map(({ cost }) => cost));
  const rowsWidth = widest(nodes.map(({ rows: count }) => count));
  const timeWidth = widest(nodes.map(({ time }) => time));
  const figures = (node: Node): string =>
    [
      `${bar(node.share / 100, BAR)} ${padStart(`${node.share}%`, 4)}`,
      ...(timeWidth > 0 ? [padStart(node.time, timeWidth)] : []),
      padStart(node.cost, costWidth),
      padStart(node.rows, rowsWidth),
    ].join("  ");
  const figuresWidth = widest(nodes.map(figures));
  const longest = widest(nodes.map(({ branch, name }) => branch + name));
  const nameWidth = Math.min(longest, columns - figuresWidth - 2);
  // Where there is no room beside the names the figures stand below them.
  const isNarrow = nameWidth < Math.min(longest, NAME_MIN);
  const lines = nodes.flatMap((node) => {
    const name = node.branch + node.name;
    const beside = isNarrow
      ? [fit(name, columns), fit(`${node.below}  ${figures(node).trim()}`, columns)]
      : [`${pad(fit(name, nameWidth), nameWidth)}  ${figures(node)}`.trimEnd()];
    return node.details === "" ? beside : [...beside, fit(`${node.below}  ${node.details}`, columns)];
  });
  return [...lines, ...footers.map((footer) => fit(footer, columns))];
}

function nodeOf(field: Fields, following: readonly Fields[]): Node {
  const level = Number(field("level"));
  const time = field("ms");
  return {
    level,
    name: field("node"),
    details: field("details"),
    share: Number(field("share")),
    cost: `cost ${field("cost")}`,
    rows: rowsOf(field("rows"), field("actual_rows")),
    time: time === "" ? "" : `${Number(time) >= 100 ? Number(time).toFixed(0) : time} ms`,
    ...branchesOf(
      level,
      following.map((row) => Number(row("level"))),
    ),
  };
}

/** A vertical line for every level that goes on below. */
function branchesOf(level: number, following: readonly number[]): Pick<Node, "branch" | "below"> {
  const goesOn = (at: number): boolean => following.find((next) => next <= at) === at;
  let trunk = "";
  for (let at = 1; at < level; at++) trunk += goesOn(at) ? "│  " : "   ";
  const below = level === 0 ? "" : trunk + (goesOn(level) ? "│  " : "   ");
  const hasChildren = (following[0] ?? -1) > level;
  return {
    branch: level === 0 ? "" : trunk + (goesOn(level) ? "├─ " : "└─ "),
    below: below + (hasChildren ? "│" : " "),
  };
}

/** Tenfold and more: the planner was wrong where it matters. */
const MISJUDGED = 10;

function rowsOf(planned: string, actual: string): string {
  if (actual === "") return counted(Number(planned), "row");
  const [guess, truth] = [Math.max(1, Number(planned)), Math.max(1, Number(actual))];
  const factor = Math.round(Math.max(guess / truth, truth / guess));
  const said = counted(Number(actual), "row");
  return factor >= MISJUDGED ? `${said} (planned ${Number(planned).toLocaleString("en-US")})` : said;
}
