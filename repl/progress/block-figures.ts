// What a job has done, in one line or two, and its tables below. Pure. Figures have fixed widths, so that nothing jumps.
import type { Amount } from "../../src/index.ts";
import { widthOf } from "../layout/cells.ts";
import { fit, fitMiddle, pad } from "../pictures/lines.ts";
import { fractionOf, measureOf, printBytes, printCount, rateMeasureOf, totalOf } from "./amounts.ts";
import type { JobProgress, TableProgress } from "./block-lines.ts";
import { estimateMs, printEstimate, rateOf } from "./pace.ts";

const BAR_WIDTH = 20;
const BAR_NARROW = 10;
/** Below this the bar is narrow. */
const NARROW = 72;
const TABLE_BAR_WIDTH = 8;
const TABLE_NAME = 16;
const GAP = "  ";
const ROOM_FOR_RATE = " ".repeat(9);
const ROOM_FOR_ETA = "ETA ~1m40s";

/** One line where everything has room, else two; what has no room in two lines is left out, the least important first. */
export function amountLines(job: JobProgress, room: number, nowMs: number): readonly string[] {
  const { phase, done, total } = job;
  const fraction = fractionOf(done, total);
  const share =
    fraction === undefined
      ? `▕ ${"◐◓◑◒"[Math.floor(nowMs / 250) % 4]} ▏`
      : `${bar(fraction, room < NARROW ? BAR_NARROW : BAR_WIDTH)} ${percent(fraction)}`;
  const head = `  ${phase.padEnd(room < NARROW ? 0 : 8)}${GAP}${share}`;
  const [rate, eta] = [rateOfJob(job, nowMs), etaOf(job, nowMs)];
  // Room is kept for what comes later, so that it moves nothing when it comes.
  const [rateRoom, etaRoom] = [rate || ROOM_FOR_RATE, totalOf(total) === undefined ? "" : ROOM_FOR_ETA];
  const whole = [head, ...amounts(done, total), rate, eta].filter((part) => part !== "");
  const reserved = [head, ...amounts(done, total), rateRoom, etaRoom].filter((part) => part !== "");
  if (widthOf(reserved.join(GAP)) <= room) return [whole.join(GAP)];
  const hasRoom = widthOf([head, rateRoom, etaRoom].join(GAP)) <= room;
  const first = [head, hasRoom ? rate : "", eta].filter((part) => part !== "");
  const all = amounts(done, total);
  const said = widthOf(all.at(-1) ?? "") <= room - 2 ? all : amounts(done, total, true);
  const second = fitting([...said, hasRoom ? "" : rate.trim()], said, room - 2);
  const lines = [first.join(GAP), ...(second.length === 0 ? [] : [`  ${second.join(GAP)}`])];
  return lines.map((line) => fit(line, room));
}

/** The parts in their order without as many of the droppable as it takes, in their order. */
function fitting(parts: readonly string[], droppable: readonly string[], room: number): readonly string[] {
  let kept = parts.filter((part) => part !== "");
  for (const part of droppable) {
    if (widthOf(kept.join(GAP)) <= room) break;
    kept = kept.filter((one) => one !== part);
  }
  return kept;
}

function rateOfJob({ done, rates }: JobProgress, nowMs: number): string {
  const measure = rateMeasureOf(done);
  if (measure === undefined) return "";
  const rate = rateOf(rates, { atMs: nowMs, value: measure.value });
  if (rate === undefined) return "";
  return measure.name === "rows"
    ? `${printCount(Math.round(rate))} rows/s`.padStart(13)
    : `${printBytes(rate)}/s`.padStart(9);
}

function etaOf({ done, total, samples, phaseStartedMs }: JobProgress, nowMs: number): string {
  const end = totalOf(total);
  if (end === undefined) return "";
  const now = { atMs: nowMs, value: measureOf(done, total) ?? 0 };
  const left = estimateMs({ samples, startedMs: phaseStartedMs, now, total: end });
  return left === undefined ? "" : `ETA ${printEstimate(left)}`;
}

/** The least important first; short without what is stored of the bytes. */
function amounts(done: Amount, total: Amount | undefined, short = false): readonly string[] {
  const parts: string[] = [];
  const of = (part: number, whole: number | undefined): string =>
    whole === undefined ? String(part).padStart(3) : `${String(part).padStart(String(whole).length)}/${whole}`;
  if (done.steps !== undefined) parts.push(`${of(done.steps, total?.steps)} steps`);
  if (done.files !== undefined) parts.push(`${of(done.files, total?.files)} files`);
  if (done.rows !== undefined) parts.push(`${printCount(done.rows).padStart(6)} rows`);
  if (done.bytes !== undefined) {
    const whole = total?.bytes === undefined ? "" : `/${printBytes(total.bytes)}`;
    const stored = short ? 0n : (done.storedBytes ?? 0n);
    const ratio = stored > 0n ? ` (×${(Number(done.bytes) / Number(stored)).toFixed(1)})` : "";
    const kept = stored > 0n ? ` → ${printBytes(stored)} stored${ratio}` : "";
    parts.push(`${printBytes(done.bytes).padStart(7)}${whole}${kept}`);
  } else if (done.storedBytes !== undefined) {
    const whole = total?.storedBytes === undefined ? "" : `/${printBytes(total.storedBytes)}`;
    parts.push(`${printBytes(done.storedBytes).padStart(7)}${whole} stored`);
  }
  return parts;
}

/** Tables at work, one or two beside each other. */
export function tableLines(tables: readonly TableProgress[], room: number, linesMax: number): readonly string[] {
  // The ones that moved last, in an order that stays.
  const shown = tables.slice(0, linesMax * 2).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const names = shown.map(({ name }) => name.replace(/^public\./, ""));
  const figures = shown.map((table) => figuresOf(table, true));
  const wide = widest(figures);
  const isNarrow = wide + TABLE_NAME + 3 > room;
  const told = isNarrow ? shown.map((table) => figuresOf(table, false)) : figures;
  const figuresWidth = widest(told);
  const nameWidth = Math.max(1, Math.min(Math.max(TABLE_NAME, widest(names)), room - 3 - figuresWidth));
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

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}

function figuresOf({ done, total }: TableProgress, withBar: boolean): string {
  const fraction = fractionOf(done, total);
  const drawn = withBar ? ` ▕${bar(fraction ?? 0, TABLE_BAR_WIDTH)}▏` : "";
  const how = fraction === undefined ? " ".repeat(4 + widthOf(drawn)) : `${percent(fraction)}${drawn}`;
  const amount = done.rows === undefined ? printBytes(done.bytes ?? 0n) : `${printCount(done.rows)} rows`;
  return `${how} ${amount.padStart(11)}`;
}

function percent(fraction: number): string {
  return `${String(Math.floor(fraction * 100)).padStart(3)}%`;
}

function bar(fraction: number, width: number): string {
  const eighths = Math.floor(fraction * width * 8);
  const full = Math.floor(eighths / 8);
  const part = full < width ? ("░▏▎▍▌▋▊▉"[eighths % 8] ?? "") : "";
  return "█".repeat(full) + part + "░".repeat(Math.max(0, width - full - part.length));
}
