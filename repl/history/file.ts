// A file that several shells append to at once and one of them shortens now and then. Every line is written by one
// O_APPEND write. A rewrite makes a second file and renames it over the first: a line that was appended to the first
// meanwhile is found again by the shell that wrote it (the path names another file by then) or by the one that rewrote
// (it looks into the old file once more). A line written twice so counts once.
import { closeSync, constants, fstatSync, fchmodSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { readSync, renameSync, rmSync, statSync, writeSync, type Stats } from "node:fs";
import { dirname } from "node:path";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** A lock older than this was left behind by a shell that was killed. */
const STALE_LOCK_MS = 30_000;
/** How often another shell may rewrite the file while a line is on its way. */
const TRIES = 5;

/** Appends one line and makes file and folder private. Throws what the file system throws. */
export function appendLine(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  for (let time = 1; time <= TRIES; time++) {
    const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, PRIVATE_FILE);
    try {
      const before = fstatSync(file);
      tighten(file, before);
      // A shell that was killed, or a full disk, may have left a line without its end.
      writeSync(file, before.isFile() && !endsLine(file, before.size) ? `\n${line}` : line);
      if (!before.isFile() || isSame(before, path)) return;
    } finally {
      closeSync(file);
    }
  }
}

/** How far a file was read: a file that was rewritten is another file. */
export interface Mark {
  readonly identity: string;
  readonly bytes: number;
}

export const UNREAD: Mark = { identity: "", bytes: 0 };

export interface More {
  readonly text: string;
  readonly mark: Mark;
  /** The text is all there is: what was read before is no more. */
  readonly whole: boolean;
}

/** The whole lines behind the mark, or all of them when the file is another one; undefined when nothing changed. */
export function readSince(path: string, mark: Mark): More | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  const isFile = stats?.isFile() === true;
  const identity = isFile ? `${stats.dev}:${stats.ino}` : "";
  const known = identity === mark.identity && (stats?.size ?? 0) >= mark.bytes ? mark.bytes : 0;
  if (identity === mark.identity && (stats?.size ?? 0) === known) return undefined;
  if (!isFile) return { text: "", mark: UNREAD, whole: true };
  const file = openSync(path, constants.O_RDONLY);
  try {
    const text = readFrom(file, known);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const bytes = known + Buffer.byteLength(whole);
    return { text: whole, mark: { identity, bytes }, whole: known === 0 };
  } finally {
    closeSync(file);
  }
}

/** Replaces the file's text by `shorten` of it, unless another shell is just doing so. */
export function rewrite(path: string, shorten: (text: string) => string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  const lock = `${path}.lock`;
  if (!takeLock(lock)) return;
  const file = openSync(path, constants.O_RDONLY);
  try {
    const text = readFileSync(file);
    const fresh = `${path}.new`;
    writeWhole(fresh, shorten(text.toString("utf8")));
    renameSync(fresh, path);
    const late = readFrom(file, text.length);
    if (late !== "") appendLine(path, late);
  } finally {
    closeSync(file);
    rmSync(lock, { force: true });
  }
}

function endsLine(file: number, size: number): boolean {
  return size === 0 || readFrom(file, size - 1) === "\n";
}

function tighten(file: number, stats: Stats): void {
  const isOurs = stats.isFile() && stats.uid === process.getuid?.();
  if (isOurs && (stats.mode & 0o077) !== 0) fchmodSync(file, PRIVATE_FILE);
}

function isSame(before: Stats, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino === before.ino && now.dev === before.dev;
}

function takeLock(lock: string): boolean {
  const held = statSync(lock, { throwIfNoEntry: false });
  if (held !== undefined && Date.now() - held.mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true });
  try {
    closeSync(openSync(lock, "wx", PRIVATE_FILE));
    return true;
  } catch {
    return false;
  }
}

function writeWhole(path: string, text: string): void {
  rmSync(path, { force: true });
  const file = openSync(path, "wx", PRIVATE_FILE);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

function readFrom(file: number, position: number): string {
  const size = fstatSync(file).size - position;
  if (size <= 0) return "";
  const bytes = Buffer.alloc(size);
  return bytes.toString("utf8", 0, readSync(file, bytes, 0, size, position));
}
