// SHOW BACKUPS … WITH details along time: an axis, and below it every full backup with its layers.
import { printBytes } from "../progress/amounts.ts";
import { widthOf } from "../layout/cells.ts";
import { bar, counted, fit, pad, padStart, wrapped } from "./lines.ts";
import type { Canvas, Fields } from "./picture.ts";
import { createTimeAxis, printSpan } from "./time-axis.ts";

interface Backup {
  readonly path: string;
  readonly full: string;
  readonly isFull: boolean;
  /** Milliseconds; undefined for a folder that bears no time. */
  readonly time: number | undefined;
  readonly bytes: number;
  readonly keys: string;
  /** The same where there is little room. */
  readonly keysShort: string;
  readonly isClear: boolean;
}

export function timelineLines(rows: readonly Fields[], canvas: Canvas): readonly string[] {
  const backups = rows.map(backupOf);
  if (backups.length === 0) return ["no complete backup"];
  return [...summary(backups, canvas.columns), ...axis(backups, canvas), "", ...list(backups, canvas)];
}

function backupOf(field: Fields): Backup {
  const time = Date.parse(field("end_time").replace(" ", "T").replace(/\+00$/, "Z"));
  const [encryption, keys] = [field("encryption"), Number(field("keys"))];
  return {
    path: field("path"),
    full: field("full_backup"),
    isFull: field("backup_type") === "full",
    time: Number.isNaN(time) ? undefined : time,
    bytes: Number(field("stored_bytes")),
    keys: encryption === "kms" ? counted(keys, "key") : encryption === "none" ? "in the clear" : encryption,
    keysShort: encryption === "kms" ? counted(keys, "key") : encryption === "none" ? "clear" : "phrase",
    isClear: encryption === "none",
  };
}

function summary(backups: readonly Backup[], columns: number): readonly string[] {
  const fulls = backups.filter(({ isFull }) => isFull).length;
  const bytes = backups.reduce((sum, backup) => sum + backup.bytes, 0);
  const layers = backups.length - fulls;
  const parts = [
    counted(fulls, "full backup"),
    ...(layers > 0 ? [counted(layers, "incremental")] : []),
    `${printBytes(bytes)} stored`,
  ];
  return wrapped(parts.join(" · "), columns);
}

const FULL = "●";
const LAYER = "○";
const SECOND = 1000;
const LEGEND = `${FULL} full  ${LAYER} incremental`;

/** How much was stored when, marks on a line of time, dates. Backups of one second have no line, only the time. */
function axis(backups: readonly Backup[], { columns, paint }: Canvas): readonly string[] {
  const times = backups.flatMap(({ time }) => (time === undefined ? [] : [time]));
  if (times.length === 0) return [];
  const first = times.reduce((least, time) => Math.min(least, time));
  const last = times.reduce((most, time) => Math.max(most, time));
  const span = printSpan(first, last);
  if (last - first < SECOND) return [fit(span, columns)];
  const space = columns - span.length - LEGEND.length;
  const head = space >= 2 ? [`${span}${" ".repeat(space)}${LEGEND}`] : [fit(span, columns), fit(LEGEND, columns)];
  const { columnOf, ticks, labels } = createTimeAxis(first, last, columns);
  const marks: string[] = Array.from({ length: columns }, (_, at) => (ticks.has(at) ? "┬" : "─"));
  const stored = Array.from({ length: columns }, () => 0);
  for (const { time, isFull, bytes } of backups) {
    if (time === undefined) continue;
    const at = columnOf(time);
    stored[at] = (stored[at] ?? 0) + bytes;
    if (marks[at] !== FULL) marks[at] = isFull ? FULL : LAYER;
  }
  const line = marks.join("").replaceAll(/[─┬]+/g, (blank) => paint("dim", blank));
  return [...head, heights(stored), line, paint("dim", labels)];
}

const EIGHTHS = " ▁▂▃▄▅▆▇█";

function heights(values: readonly number[]): string {
  const most = values.reduce((largest, value) => Math.max(largest, value), 1);
  return values
    .map((value) => EIGHTHS[value === 0 ? 0 : Math.max(1, Math.round((value / most) * 8))] ?? "")
    .join("")
    .trimEnd();
}

const BAR_MIN = 6;
const BAR_MAX = 30;

function list(backups: readonly Backup[], { columns, paint }: Canvas): readonly string[] {
  const largest = Math.max(1, widest(backups.map(({ bytes }) => bytes)));
  const names = backups.map((backup, index) => treeMark(backup, backups[index + 1]) + shortPath(backup));
  const sizes = backups.map(({ bytes }) => printBytes(bytes));
  const [nameMax, sizeWidth] = [widest(names.map(widthOf)), widest(sizes.map(widthOf))];
  const keysMax = widest(backups.map(({ keys }) => keys.length));
  // Keys are what must not be missing: where there is little room other words and narrower gaps stand for them.
  const isNarrow = nameMax + sizeWidth + keysMax + 4 > columns;
  const gap = isNarrow ? " " : "  ";
  const keysWidth = isNarrow ? widest(backups.map(({ keysShort }) => keysShort.length)) : keysMax;
  const nameWidth = Math.min(nameMax, columns - sizeWidth - keysWidth - 2 * gap.length);
  const room = columns - nameWidth - sizeWidth - keysWidth - 6;
  const barWidth = room >= BAR_MIN ? Math.min(BAR_MAX, room) : 0;
  return backups.map((backup, index) => {
    const parts = [pad(fit(names[index] ?? "", nameWidth), nameWidth)];
    if (barWidth > 0) parts.push(bar(backup.bytes / largest, barWidth));
    const keys = isNarrow ? backup.keysShort : backup.keys;
    parts.push(padStart(sizes[index] ?? "", sizeWidth), backup.isClear ? paint("variable", keys) : keys);
    return parts.join(gap).trimEnd();
  });
}

function widest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function treeMark(backup: Backup, next: Backup | undefined): string {
  if (backup.isFull) return `${FULL} `;
  return next !== undefined && !next.isFull && next.full === backup.full ? `├ ${LAYER} ` : `└ ${LAYER} `;
}

/** A layer is named below its full backup by what its folder adds: `20261122/010000.00`. */
function shortPath({ path, isFull }: Backup): string {
  if (isFull) return path;
  return path.split("/").slice(-2).join("/").replace(/-.*$/, "");
}
