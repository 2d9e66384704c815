// A plan as a tree, each node with its share of the whole as a bar.
import { widthOf } from "../layout/cells.ts";
import { bar, counted, fit, fitMiddle, pad, padStart, wrapped } from "./lines.ts";
import type { Canvas, Fields } from "./picture.ts";

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

export function planLines(rows: readonly Fields[], { columns, footers }: Canvas): readonly string[] {
  const levels = rows.map((row) => Number(row("level")));
  const step = stepFor(Math.max(0, ...levels), columns);
  const nodes = rows.map((row, index) =>
    nodeOf(row, levels.slice(index + 1), { step, trunkMax: Math.floor(columns / 2) }),
  );
  const widest = (texts: readonly string[]): number => texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
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
  const deepest = widest(nodes.map(({ branch }) => branch));
  const isNarrow = nameWidth < Math.min(longest, deepest + NAME_MIN);
  const lines = nodes.flatMap((node) => {
    const { branch, below, name, details } = node;
    const said = details === "" ? [] : belowNode(below, details, columns, DETAIL_LINES_MAX);
    if (!isNarrow) {
      const room = nameWidth - widthOf(branch);
      return [`${pad(branch + fitMiddle(name, room), nameWidth)}  ${figures(node)}`.trimEnd(), ...said];
    }
    const words = [`${node.share}%`, node.time, node.cost, node.rows].filter((word) => word !== "");
    const beside = wrapped(name, columns - widthOf(branch), NAME_LINES_MAX);
    const named = beside.map((line, at) => (at === 0 ? branch : `${below}  `) + line);
    return [...named.map((line) => fit(line, columns)), ...belowNode(below, words.join(" · "), columns), ...said];
  });
  return [...lines, ...footers.flatMap((footer) => wrapped(footer, columns))];
}

const DETAIL_LINES_MAX = 4;
const NAME_LINES_MAX = 2;

function belowNode(below: string, text: string, columns: number, linesMax?: number): readonly string[] {
  const before = `${below}  `;
  return wrapped(text, columns - widthOf(before), linesMax).map((line) => before + line);
}

/** Columns that a level is moved to the right by: fewer in deep plans, so that half of the width is left for what is said. */
function stepFor(depth: number, columns: number): number {
  return [3, 2, 1].find((step) => step * depth <= columns / 2) ?? 1;
}

function nodeOf(field: Fields, following: readonly number[], indent: Indent): Node {
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
    ...branchesOf(level, following, indent),
  };
}

interface Indent {
  readonly step: number;
  readonly trunkMax: number;
}

/** A vertical line for every level that goes on below; of levels beyond the width's half only the last ones. */
function branchesOf(
  level: number,
  following: readonly number[],
  { step, trunkMax }: Indent,
): Pick<Node, "branch" | "below"> {
  const goesOn = (at: number): boolean => following.find((next) => next <= at) === at;
  const line = "│".padEnd(step);
  const blank = " ".repeat(step);
  let trunk = "";
  for (let at = 1; at < level; at++) trunk += goesOn(at) ? line : blank;
  if (trunk.length > trunkMax) trunk = `…${trunk.slice(trunk.length - trunkMax + 1)}`;
  const fork = (goesOn(level) ? "├" : "└") + "─ ".slice(3 - step);
  const below = level === 0 ? "" : trunk + (goesOn(level) ? line : blank);
  const hasChildren = (following[0] ?? -1) > level;
  return { branch: level === 0 ? "" : trunk + fork, below: below + (hasChildren ? "│" : " ") };
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
