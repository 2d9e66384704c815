// SHOW BACKUP KEYS as a matrix: backups down, keys across. What hangs on one key stands above it.
import { counted, fit, pad } from "./lines.ts";
import type { Fields } from "./picture.ts";

/** How a status is drawn; all that is not here failed: denied, disabled, not found, unreachable, damaged … */
const MARKS: Readonly<Record<string, string>> = { opens: "✓", recorded: "•", "not recorded": "·", "not a match": "·" };
const FAILED = "✗";
const PROBLEMS_MAX = 10;

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

export function keyLines(rows: readonly Fields[], columns: number): readonly string[] {
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
  return lines.map((line) => fit(line, columns));
}

/** Keys are numbered, for their names are long. More than fit stand below, in a grid of their own. */
function grid({ keys, paths, answers }: Matrix, columns: number): readonly string[] {
  if (keys.length === 0) return paths.map((path) => fit(`${path}  not encrypted`, columns));
  const cell = String(keys.length).length + 2;
  const pathWidth = Math.min(Math.max(...paths.map(({ length }) => length)), columns - cell);
  const across = Math.max(1, Math.floor((columns - pathWidth) / cell));
  const lines: string[] = [];
  for (let from = 0; from === 0 || from < keys.length; from += across) {
    const some = keys.slice(from, from + across);
    const numbers = some.map((_, index) => String(from + index + 1).padStart(cell)).join("");
    if (from > 0) lines.push("");
    lines.push((" ".repeat(pathWidth) + numbers).trimEnd());
    for (const path of paths) {
      const ofBackup = answers.get(path);
      const isClear = ofBackup === undefined || ofBackup.size === 0;
      const marks = isClear ? "  not encrypted" : some.map((key) => mark(ofBackup?.get(key)).padStart(cell)).join("");
      lines.push(fit(pad(fit(path, pathWidth), pathWidth) + marks, columns).trimEnd());
    }
  }
  return lines;
}

function mark(answer: Answer | undefined): string {
  return answer === undefined ? "·" : (MARKS[answer.status] ?? FAILED);
}

function legend({ keys, paths, answers }: Matrix, columns: number): readonly string[] {
  const lines = keys.map((key, index) => {
    const statuses = new Map<string, number>();
    for (const path of paths) {
      const status = answers.get(path)?.get(key)?.status;
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const said = [...statuses].map(([status, count]) => `${status} ${count}`).join(", ");
    return fit(`${String(index + 1).padStart(String(keys.length).length)}  ${key}  ${said}`, columns);
  });
  const used = new Set(paths.flatMap((path) => keys.map((key) => mark(answers.get(path)?.get(key)))));
  const words: Readonly<Record<string, string>> = {
    "✓": "opens",
    "•": "recorded, not tried",
    "✗": "fails",
    "·": "not this key",
  };
  const marks = Object.entries(words).flatMap(([sign, word]) => (used.has(sign) ? [`${sign} ${word}`] : []));
  return [...lines, fit(marks.join("   "), columns)];
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
  const shown = found.slice(0, PROBLEMS_MAX).map((line) => fit(line, columns));
  const left = found.length - shown.length;
  return ["", ...shown, ...(left > 0 ? [`  and ${left} more`] : [])];
}
