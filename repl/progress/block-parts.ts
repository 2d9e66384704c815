// The tables or files that a job is at, below its figures. Pure.
import type { Part } from "../../src/index.ts";
import { widthOf } from "../layout/cells.ts";
import { fit, fitMiddle, pad } from "../pictures/lines.ts";
import { fractionOf, printBytes, printCount } from "./amounts.ts";
import { bar, percent } from "./block-figures.ts";

const BAR_WIDTH = 8;
const NAME_WIDTH = 16;
const GAP = "  ";

/** Parts that are counted, one or two beside each other. */
export function partLines(active: readonly Part[], room: number, linesMax: number): readonly string[] {
  // The ones that moved last, in an order that stays.
  const shown = active
    .filter(({ done }) => Object.keys(done).length > 0)
    .slice(0, linesMax * 2)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  if (shown.length === 0) return [];
  const names = shown.map(({ name }) => name.replace(/^public\./, ""));
  const told = figuresWithin(shown, room - NAME_WIDTH - 3);
  const figuresWidth = widest(told);
  const nameWidth = Math.max(1, Math.min(Math.max(NAME_WIDTH, widest(names)), room - 3 - figuresWidth));
  const cells = told.map(
    (text, at) => `  ${pad(fitMiddle(names[at] ?? "", nameWidth), nameWidth)} ${pad(text, figuresWidth)}`,
  );
  const perLine = widest(cells) * 2 + GAP.length <= room ? 2 : 1;
  const lines: string[] = [];
  for (let at = 0; at < cells.length && lines.length < linesMax; at += perLine)
    lines.push(
      cells
        .slice(at, at + perLine)
        .join(GAP)
        .trimEnd(),
    );
  return lines.map((line) => fit(line, room));
}

/** With a bar where there is room, else with the percentage alone. */
function figuresWithin(parts: readonly Part[], room: number): readonly string[] {
  const hasShare = parts.some(({ done, total }) => fractionOf(done, total) !== undefined);
  const figures = parts.map((part) => figuresOf(part, hasShare ? "bar" : "none"));
  return hasShare && widest(figures) > room ? parts.map((part) => figuresOf(part, "percent")) : figures;
}

function figuresOf({ done, total }: Part, share: "bar" | "percent" | "none"): string {
  const fraction = fractionOf(done, total);
  const drawn = share === "bar" ? ` ▕${bar(fraction ?? 0, BAR_WIDTH)}▏` : "";
  const how = fraction === undefined ? " ".repeat(4 + widthOf(drawn)) : `${percent(fraction)}${drawn}`;
  const size = printBytes(done.bytes ?? done.storedBytes ?? 0n);
  const amount = (done.rows === undefined ? size : `${printCount(done.rows)} rows`).padStart(11);
  // Without a share of its own a file is told by its size as well.
  return share === "none" ? `${amount}  ${size.padStart(7)}` : `${how} ${amount}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}
