// \history and \s: what was submitted at the prompts before. Secrets in it are references.
import type { ScriptEvents } from "../events.ts";
import { showTable } from "../describe/listing.ts";
import type { PastStatement } from "../host.ts";
import { say, type Command, type CommandCall } from "./command.ts";

const SHOWN = 50;
const HEADINGS = ["When", "Database", "ms", "Status", "Statement"];

/** `\history [COUNT] [WORD …]`: the newest statements that hold every word; upper and lower case are one. */
async function* history(call: CommandCall): ScriptEvents {
  const words = call.arguments.all();
  const count = /^\d+$/.test(words[0] ?? "") ? Number(words.shift()) : SHOWN;
  const wanted = words.map((word) => word.toLowerCase());
  const all = call.shell.host.pastStatements();
  const found = all.filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)));
  const shown = count === 0 ? [] : found.slice(-count);
  const left = found.length - shown.length;
  const footers = [
    shown.length === 1 ? "(1 statement)" : `(${shown.length} statements)`,
    ...(left > 0 ? [`${left} older ones are not shown: \\history ${found.length} shows them`] : []),
  ];
  yield* showTable(call, {
    title: "History",
    headings: HEADINGS,
    numeric: new Set(["ms"]),
    rows: shown.map(rowOf),
    footers,
  });
}

function rowOf({ atMs, database, elapsedMs, status, text }: PastStatement): (string | null)[] {
  const elapsed = elapsedMs === undefined ? null : String(Math.round(elapsedMs));
  return [printLocalTime(new Date(atMs)), database ?? null, elapsed, status ?? null, text];
}

/** `2026-11-21 08:18:26` where the reader is. */
function printLocalTime(at: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

/** `\s [FILE]`: the statements themselves, oldest first, as psql prints them. */
async function* statements(call: CommandCall): ScriptEvents {
  const path = call.arguments.next();
  const text = call.shell.host
    .pastStatements()
    .map((past) => `${past.text}\n`)
    .join("");
  if (path === undefined) {
    yield say(call, text.trimEnd());
    return;
  }
  yield { type: "text", channel: "output", text, target: { kind: "file", path } };
  yield { type: "note", message: `wrote the history to ${path}` };
}

export const HISTORY_COMMANDS: readonly Command[] = [
  {
    names: ["history"],
    group: "query",
    usage: "\\history [COUNT] [WORD …]",
    summary: "statements of the past that hold the words",
    run: history,
  },
  {
    names: ["s"],
    group: "query",
    usage: "\\s [FILE]",
    summary: "all of them as text, or into a file",
    run: statements,
  },
];
