// The block below a running job, at most six lines. Pure: from what is known of a job to what is drawn.
import type { Amount } from "../../src/index.ts";
import type { StyledLine } from "../app/style.ts";
import { fractionOf, printBytes, printDuration } from "./amounts.ts";
import { estimateMs, printEstimate, rateOf, withSample, type Sample } from "./pace.ts";
import type { JobEvent } from "./progress.ts";

export interface JobProgress {
  readonly jobId: string;
  readonly verb: string;
  readonly startedMs: number;
  readonly phase: string;
  readonly phaseStartedMs: number;
  /** What the phase said of itself: `kms=1/2 ok`. */
  readonly facts: readonly string[];
  readonly done: Amount;
  readonly total: Amount | undefined;
  readonly samples: readonly Sample[];
  readonly tables: readonly TableProgress[];
}

export type TableProgress = NonNullable<Extract<JobEvent, { type: "progress" }>["tables"]>[number];

const EMPTY: Pick<JobProgress, "facts" | "done" | "total" | "samples" | "tables"> = {
  facts: [],
  done: {},
  total: undefined,
  samples: [],
  tables: [],
};

/** A job after another event of it. */
export function follow(before: JobProgress | undefined, event: JobEvent, atMs: number): JobProgress {
  const { jobId, verb, phase } = event;
  const same = before?.jobId === jobId ? before : undefined;
  const start = { jobId, verb, startedMs: same?.startedMs ?? atMs };
  const known = same?.phase === phase ? same : { ...EMPTY, ...start, phase, phaseStartedMs: atMs };
  if (event.type === "phase") {
    return { ...known, facts: Object.entries(event.facts).map(([name, value]) => `${name}=${value}`) };
  }
  const { done, total, tables = known.tables } = event;
  const value = measureOf(done, total);
  const samples = value === undefined ? known.samples : withSample(known.samples, { atMs, value });
  return { ...known, done, total, samples, tables };
}

const MEASURES = ["bytes", "rows", "files", "storedBytes", "steps"] as const;

/** The measure that progress is counted in: the first with a total, else the first there is. */
function measureOf(done: Amount, total: Amount | undefined): number | undefined {
  const measure =
    MEASURES.find((name) => total?.[name] !== undefined) ?? MEASURES.find((name) => done[name] !== undefined);
  return measure === undefined ? undefined : Number(done[measure] ?? 0);
}

export interface BlockView {
  readonly nowMs: number;
  readonly columns: number;
  /** The statement, its secrets hidden. */
  readonly statement: string;
}

const KEYS = "^C stop  ^Z background";
const BAR_WIDTH = 20;
const TABLE_BAR_WIDTH = 8;
const TABLE_LINES_MAX = 3;

export function blockLines(job: JobProgress, view: BlockView): readonly StyledLine[] {
  return [titleLine(job, view), amountLine(job, view), ...tableLines(job, view), lastLine(job, view)];
}

function titleLine({ jobId, verb }: JobProgress, { statement, columns }: BlockView): StyledLine {
  const tail = `  job ${jobId.slice(0, 8)}`;
  const room = Math.max(verb.length, columns - tail.length - KEYS.length - 5);
  const text = (statement === "" ? verb : statement).replace(/\s+/g, " ");
  const title = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  return [
    { text: title, style: "strong" },
    { text: `${tail}  ${KEYS}`, style: "dim" },
  ];
}

function amountLine(job: JobProgress, { nowMs }: BlockView): StyledLine {
  const { phase, done, total, samples } = job;
  const fraction = fractionOf(done, total);
  const value = measureOf(done, total) ?? 0;
  const now: Sample = { atMs: nowMs, value };
  const parts = [`  ${phase.padEnd(8)}`];
  if (fraction !== undefined) parts.push(`${bar(fraction, BAR_WIDTH)} ${percent(fraction)}`);
  else parts.push(`▕ ${"◐◓◑◒"[Math.floor(nowMs / 250) % 4]} ▏`);
  parts.push(...amounts(done, total));
  const rate = done.bytes === undefined && total?.bytes === undefined ? undefined : rateOf(samples, now);
  if (rate !== undefined) parts.push(`${printBytes(rate)}/s`.padStart(10));
  const end = totalOf(total);
  const left = end === undefined ? undefined : estimateMs({ samples, startedMs: job.phaseStartedMs, now, total: end });
  if (left !== undefined) parts.push(`ETA ${printEstimate(left)}`);
  return [{ text: parts.join("  "), style: "plain" }];
}

function totalOf(total: Amount | undefined): number | undefined {
  const measure = MEASURES.find((name) => total?.[name] !== undefined);
  return measure === undefined ? undefined : Number(total?.[measure]);
}

function amounts(done: Amount, total: Amount | undefined): readonly string[] {
  const parts: string[] = [];
  const of = (part: number, whole: number | undefined): string =>
    whole === undefined ? String(part) : `${part}/${whole}`;
  if (done.steps !== undefined) parts.push(`${of(done.steps, total?.steps)} steps`);
  if (done.files !== undefined) parts.push(`${of(done.files, total?.files)} files`);
  if (done.rows !== undefined) parts.push(`${printCount(done.rows)} rows`);
  if (done.bytes !== undefined) {
    const whole = total?.bytes === undefined ? "" : `/${printBytes(total.bytes)}`;
    const stored = done.storedBytes ?? 0n;
    const ratio = stored > 0n ? ` (×${(Number(done.bytes) / Number(stored)).toFixed(1)})` : "";
    parts.push(`${printBytes(done.bytes)}${whole}${stored > 0n ? ` → ${printBytes(stored)} stored${ratio}` : ""}`);
  } else if (done.storedBytes !== undefined) parts.push(`${printBytes(done.storedBytes)} stored`);
  return parts;
}

/** `212.4M`: four digits are enough to see it move. */
export function printCount(count: bigint | number): string {
  const value = Number(count);
  if (value < 100_000) return String(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(1)}k`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)}M` : `${(value / 1e9).toFixed(2)}G`;
}

function tableLines({ tables }: JobProgress, { columns }: BlockView): readonly StyledLine[] {
  const shown = tables.slice(0, TABLE_LINES_MAX * 2).map(tableText);
  const width = Math.max(0, ...shown.map((text) => text.length)) + 4;
  const perLine = columns > width * 2 + 2 ? 2 : 1;
  const lines: StyledLine[] = [];
  for (let at = 0; at < shown.length && lines.length < TABLE_LINES_MAX; at += perLine) {
    const text = shown
      .slice(at, at + perLine)
      .map((one) => one.padEnd(width))
      .join("");
    lines.push([{ text: `  ${text.trimEnd()}`, style: "dim" }]);
  }
  return lines;
}

function tableText({ name, done, total }: TableProgress): string {
  const fraction = fractionOf(done, total);
  const short = name.replace(/^public\./, "").padEnd(16);
  const how = fraction === undefined ? "" : ` ${percent(fraction)} ▕${bar(fraction, TABLE_BAR_WIDTH)}▏`;
  const amount = done.rows === undefined ? printBytes(done.bytes ?? 0n) : `${printCount(done.rows)} rows`;
  return `${short}${how} ${amount.padStart(11)}`;
}

function lastLine({ facts, startedMs }: JobProgress, { nowMs }: BlockView): StyledLine {
  const parts = [`elapsed ${printElapsed(nowMs - startedMs)}`, ...facts];
  return [{ text: `  ${parts.join(" · ")}`, style: "dim" }];
}

/** Whole seconds: tenths would only flicker. */
function printElapsed(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.floor(milliseconds / 1000)}s` : printDuration(milliseconds);
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

/** The line that takes the block's place: `BACKUP done in 4m18s · rows=512339014 · stored_bytes=…`. */
export function finishedLine(
  { verb }: JobProgress,
  elapsedMs: number,
  facts: Readonly<Record<string, string | number>>,
): string {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return [`${verb} done in ${printDuration(elapsedMs)}`, ...told].join(" · ");
}
