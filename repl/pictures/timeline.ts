// SHOW BACKUPS … WITH details along time: an axis, and below it every full backup with its layers.
import { printBytes } from "../progress/amounts.ts";
import { bar, counted, fit, pad, padStart } from "./lines.ts";
import type { Fields } from "./picture.ts";

interface Backup {
  readonly path: string;
  readonly full: string;
  readonly isFull: boolean;
  /** Milliseconds; undefined for a folder that bears no time. */
  readonly time: number | undefined;
  readonly bytes: number;
  readonly keys: string;
}

export function timelineLines(rows: readonly Fields[], columns: number): readonly string[] {
  const backups = rows.map(backupOf);
  if (backups.length === 0) return ["no complete backup"];
  return [...summary(backups, columns), ...axis(backups, columns), "", ...list(backups, columns)];
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
  return [fit(parts.join(" · "), columns)];
}

const FULL = "●";
const LAYER = "○";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Marks on a line from the first to the last; none for backups of one moment. */
function axis(backups: readonly Backup[], columns: number): readonly string[] {
  const times = backups.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (times.length < 2 || last - first < MINUTE) return [];
  const marks = Array.from({ length: columns }, () => "─");
  for (const { time, isFull } of backups) {
    if (time === undefined) continue;
    const at = Math.round(((time - first) / (last - first)) * (columns - 1));
    if (marks[at] !== FULL) marks[at] = isFull ? FULL : LAYER;
  }
  const isShort = last - first < DAY;
  const [from, to] = [printTime(first, isShort), printTime(last, isShort)];
  const legend = `${FULL} full  ${LAYER} incremental`;
  const space = columns - from.length - to.length;
  const middle = space > legend.length + 2 ? legend : "";
  const left = Math.floor((space - middle.length) / 2);
  return [marks.join(""), from + " ".repeat(left) + middle + " ".repeat(space - middle.length - left) + to];
}

/** `2026-11-21`, or `2026-11-21 07:18` when all is within a day; in UTC, as the folders are. */
function printTime(time: number, withMinutes: boolean): string {
  const text = new Date(time).toISOString();
  return withMinutes ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text.slice(0, 10);
}

const BAR_MIN = 6;
const BAR_MAX = 30;

function list(backups: readonly Backup[], columns: number): readonly string[] {
  const largest = Math.max(1, ...backups.map(({ bytes }) => bytes));
  const names = backups.map((backup, index) => treeMark(backup, backups[index + 1]) + shortPath(backup));
  const sizes = backups.map(({ bytes }) => printBytes(bytes));
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  const [sizeWidth, keysWidth] = [widest(sizes), widest(backups.map(({ keys }) => keys))];
  const nameWidth = Math.min(widest(names), columns - sizeWidth - 2);
  const room = columns - nameWidth - sizeWidth - keysWidth - 6;
  const barWidth = room >= BAR_MIN ? Math.min(BAR_MAX, room) : 0;
  return backups.map((backup, index) => {
    const parts = [pad(fit(names[index] ?? "", nameWidth), nameWidth)];
    if (barWidth > 0) parts.push(bar(backup.bytes / largest, barWidth));
    parts.push(padStart(sizes[index] ?? "", sizeWidth), backup.keys);
    return fit(parts.join("  "), columns).trimEnd();
  });
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
