// What a job has done, in one line or two. Pure. Figures have fixed widths, so that nothing jumps.
import type { Amount } from "../../src/index.ts";
import { widthOf } from "../layout/cells.ts";
import { fit } from "../pictures/lines.ts";
import { fractionOf, printBytes, printCount, totalOf } from "./amounts.ts";
import { currentRate, remainingMs, type JobProgress } from "./job-progress.ts";
import { printEstimate } from "./pace.ts";

const BAR_WIDTH = 20;
const BAR_NARROW = 10;
/** Below this the bar is narrow. */
const NARROW = 72;
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
  const rateBelow = hasRoom ? "" : rate.trim();
  const least = [all.at(-1) ?? "", rateBelow].filter((part) => part !== "").join(GAP);
  const said = widthOf(least) <= room - 2 ? all : amounts(done, total, true);
  const second = fitting([...said, rateBelow], said, room - 2);
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

function rateOfJob(job: JobProgress, nowMs: number): string {
  const rate = currentRate(job, nowMs);
  if (rate === undefined) return "";
  return rate.unit === "rows"
    ? `${printCount(Math.round(rate.perSecond))} rows/s`.padStart(13)
    : `${printBytes(rate.perSecond)}/s`.padStart(9);
}

function etaOf(job: JobProgress, nowMs: number): string {
  const left = remainingMs(job, nowMs);
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
    // Only who reads files knows no more than what is stored.
    const whole = total?.storedBytes === undefined ? "" : `/${printBytes(total.storedBytes)}`;
    parts.push(`${printBytes(done.storedBytes).padStart(7)}${whole} read`);
  }
  return parts;
}

export function percent(fraction: number): string {
  return `${String(Math.floor(fraction * 100)).padStart(3)}%`;
}

export function bar(fraction: number, width: number): string {
  const eighths = Math.floor(fraction * width * 8);
  const full = Math.floor(eighths / 8);
  const part = full < width ? ("░▏▎▍▌▋▊▉"[eighths % 8] ?? "") : "";
  return "█".repeat(full) + part + "░".repeat(Math.max(0, width - full - part.length));
}
