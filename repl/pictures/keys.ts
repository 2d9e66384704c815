// SHOW BACKUP KEYS as a matrix: backups down, keys across. What hangs on one key stands above it.
import { widthOf } from "../layout/cells.ts";
import { counted, fit, fitMiddle, pad, wrapped } from "./lines.ts";
import type { Canvas, Fields } from "./picture.ts";

/** How a status is drawn; all that is not here failed: denied, disabled, not found, unreachable, damaged … */
const MARKS: Readonly<Record<string, string>> = { opens: "✓", recorded: "•", "not recorded": "·", "not a match": "·" };
const FAILED = "✗";
const PROBLEMS_MAX = 10;
const PROBLEM_LINES_MAX = 4;
const NAME_LINES_MAX = 4;
/** `/2026/11/02-071826.12` */
const TIMED_PATH = 21;

interface Answer {
  readonly status: string;
  readonly reason: string;
}

interface Matrix {
  readonly keys: readonly string[];
  readonly paths: readonly string[];
  /** By path, then by key; no keys for a backup in the clear. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, Answer>>;
}

export function keyLines(rows: readonly Fields[], { columns }: Canvas): readonly string[] {
  if (rows.length === 0) return ["no complete backup"];
  const matrix = matrixOf(rows);
  const lines = [...headlines(matrix, columns), "", ...grid(matrix, columns)];
  return matrix.keys.length === 0 ? lines : [...lines, "", ...legend(matrix, columns), ...problems(matrix, columns)];
}

function matrixOf(rows: readonly Fields[]): Matrix {
  const answers = new Map<string, Map<string, Answer>>();
  const keys = new Set<string>();
  for (const field of rows) {
    const path = field("path");
    const ofBackup = answers.get(path) ?? new Map<string, Answer>();
    answers.set(path, ofBackup);
    const key = field("key");
    if (key === "") continue;
    keys.add(key);
    ofBackup.set(key, { status: field("status"), reason: field("reason") });
  }
  return { keys: [...keys], paths: [...answers.keys()], answers };
}

function headlines({ paths, answers }: Matrix, columns: number): readonly string[] {
  let [clear, none, single] = [0, 0, 0];
  for (const path of paths) {
    const ofBackup = [...(answers.get(path)?.values() ?? [])];
    const usable = ofBackup.filter(({ status }) => status === "opens" || status === "recorded").length;
    if (ofBackup.length === 0) clear += 1;
    else if (usable === 0) none += 1;
    else if (usable === 1) single += 1;
  }
  const lines = [counted(paths.length, "backup")];
  if (none > 0) lines.push(`${counted(none, "backup")} ${none === 1 ? "opens" : "open"} with none of these keys`);
  if (single > 0) lines.push(`${counted(single, "backup")} ${single === 1 ? "hangs" : "hang"} on a single key`);
  if (clear > 0) lines.push(`${counted(clear, "backup")} ${clear === 1 ? "is" : "are"} not encrypted`);
  return lines.flatMap((line) => wrapped(line, columns));
}

/** Keys are numbered, for their names are long. More than fit stand below, in a grid of their own. */
function grid({ keys, paths, answers }: Matrix, columns: number): readonly string[] {
  if (keys.length === 0) return paths.map((path) => clearLine(path, columns));
  const cell = String(keys.length).length + 2;
  const longest = paths.reduce((width, path) => Math.max(width, widthOf(path)), 0);
  // Long names of backups give way to keys, down to the width of those that bear a time.
  const pathWidth = Math.min(longest, Math.max(columns - cell * keys.length, TIMED_PATH, Math.floor(columns / 2)));
  const across = Math.max(1, Math.floor((columns - pathWidth) / cell));
  const lines: string[] = [];
  for (let from = 0; from === 0 || from < keys.length; from += across) {
    const some = keys.slice(from, from + across);
    const numbers = some.map((_, index) => String(from + index + 1).padStart(cell)).join("");
    if (from > 0) lines.push("");
    lines.push((" ".repeat(pathWidth) + numbers).trimEnd());
    for (const path of paths) {
      const ofBackup = answers.get(path);
      if (ofBackup === undefined || ofBackup.size === 0) lines.push(clearLine(path, columns, pathWidth));
      else {
        const marks = some.map((key) => mark(ofBackup.get(key)).padStart(cell)).join("");
        lines.push(pad(fitMiddle(path, pathWidth), pathWidth) + marks);
      }
    }
  }
  return lines;
}

const CLEAR = "  not encrypted";

function clearLine(path: string, columns: number, pathWidth = 0): string {
  const room = columns - CLEAR.length;
  return pad(fitMiddle(path, room), Math.min(pathWidth, room)) + CLEAR;
}

function mark(answer: Answer | undefined): string {
  return answer === undefined ? "·" : (MARKS[answer.status] ?? FAILED);
}

function legend({ keys, paths, answers }: Matrix, columns: number): readonly string[] {
  const numberWidth = String(keys.length).length;
  const lines = keys.flatMap((key, index) => {
    const statuses = new Map<string, number>();
    for (const path of paths) {
      const status = answers.get(path)?.get(key)?.status;
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const said = [...statuses].map(([status, count]) => `${status} ${count}`).join(", ");
    const number = String(index + 1).padStart(numberWidth);
    const room = columns - numberWidth - 2;
    if (widthOf(key) + said.length + 2 <= room) return [`${number}  ${fit(key, room)}  ${said}`];
    // Names may differ anywhere, and are copied from here: they are cut only when they are very long.
    const [first = "", ...more] = [...wrapped(key, room, NAME_LINES_MAX), ...wrapped(said, room)];
    return [`${number}  ${first}`, ...more.map((line) => " ".repeat(numberWidth + 2) + line)];
  });
  const used = new Set(paths.flatMap((path) => keys.map((key) => mark(answers.get(path)?.get(key)))));
  const words: Readonly<Record<string, string>> = {
    "✓": "opens",
    "•": "recorded, not tried",
    "✗": "fails",
    "·": "not this key",
  };
  const marks = Object.entries(words).flatMap(([sign, word]) => (used.has(sign) ? [`${sign} ${word}`] : []));
  const legendWidth = marks.reduce((width, one) => width + one.length + 3, -3);
  return [...lines, ...(legendWidth <= columns ? [marks.join("   ")] : marks)];
}

function problems({ keys, paths, answers }: Matrix, columns: number): readonly string[] {
  const found = paths.flatMap((path) =>
    keys.flatMap((key, index) => {
      const answer = answers.get(path)?.get(key);
      if (answer === undefined || MARKS[answer.status] !== undefined) return [];
      const reason = answer.reason === "" ? "" : `: ${answer.reason}`;
      return [`${FAILED} ${path}, key ${index + 1}: ${answer.status}${reason}`];
    }),
  );
  if (found.length === 0) return [];
  const shown = found.slice(0, PROBLEMS_MAX).flatMap((problem) => {
    const [first = "", ...more] = wrapped(problem, columns - 2, PROBLEM_LINES_MAX);
    return [first, ...more.map((line) => `  ${line}`)];
  });
  const left = Math.max(0, found.length - PROBLEMS_MAX);
  return ["", ...shown, ...(left > 0 ? [`  and ${left} more`] : [])];
}
