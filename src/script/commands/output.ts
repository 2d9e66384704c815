import { ShellError } from "../../errors.ts";
import { nearest } from "../../std/nearest.ts";
import type { Display } from "../display.ts";
import type { OutputTarget, ScriptEvents } from "../events.ts";
import { parseBoolean } from "../variables.ts";
import { say, type Command, type CommandCall } from "./command.ts";
import { settingSentence } from "./setting-sentence.ts";

/** A file name or `|command`; nothing means standard output. */
export function targetOf(text: string | undefined): OutputTarget {
  if (text === undefined || text === "") return { kind: "stdout" };
  return text.startsWith("|") ? { kind: "pipe", command: text.slice(1).trim() } : { kind: "file", path: text };
}

async function* output(call: CommandCall): ScriptEvents {
  const target = targetOf(call.arguments.nextFileOrPipe());
  yield { type: "output", target };
  call.shell.state.output = target;
}

async function* timing(call: CommandCall): ScriptEvents {
  const { state } = call.shell;
  state.timing = toggled(call.arguments.next(), state.timing, "timing");
  yield say(call, `Timing is ${state.timing ? "on" : "off"}.`);
}

function toggled(word: string | undefined, now: boolean, what: string): boolean {
  const wanted = word === undefined ? !now : parseBoolean(word);
  if (wanted !== undefined) return wanted;
  throw new ShellError("shell/command", `${what} takes on or off, not ${JSON.stringify(word)}`);
}

type Change = (value: string | undefined, display: Display) => Partial<Display>;

const FORMATS: readonly Display["format"][] = ["aligned", "unaligned", "csv", "json", "ndjson"];

function format(value: string | undefined, display: Display): Partial<Display> {
  const found = FORMATS.filter((one) => one.startsWith(value ?? display.format));
  const [only] = found;
  if (only !== undefined && (found.length === 1 || only === value)) return { format: only };
  throw new ShellError("shell/command", `format ${JSON.stringify(value)} is not known`, {
    hint: `it is one of ${FORMATS.join(", ")}`,
  });
}

function expanded(value: string | undefined, display: Display): Partial<Display> {
  if (value === "auto") return { expanded: "auto" };
  return { expanded: toggled(value, display.expanded === "on", "expanded") ? "on" : "off" };
}

function border(value: string | undefined, display: Display): Partial<Display> {
  const width = value === undefined ? display.border : Number(value);
  if (width === 0 || width === 1 || width === 2) return { border: width };
  throw new ShellError("shell/command", `border takes 0, 1 or 2, not ${JSON.stringify(value)}`);
}

function lineStyle(value: string | undefined, display: Display): Partial<Display> {
  const style = value ?? display.lineStyle;
  if (style === "ascii" || style === "unicode") return { lineStyle: style };
  throw new ShellError("shell/command", `linestyle takes ascii or unicode, not ${JSON.stringify(value)}`);
}

function csvSeparator(value: string | undefined, display: Display): Partial<Display> {
  const separator = value ?? display.csvSeparator;
  if (Array.from(separator).length === 1 && !/["\r\n]/.test(separator)) return { csvSeparator: separator };
  throw new ShellError("shell/command", "csv_fieldsep takes one character, no quote and no line end");
}

function rowsMax(value: string | undefined, display: Display): Partial<Display> {
  const count = value === undefined ? display.rowsMax : Number(value);
  if (Number.isSafeInteger(count) && count >= 0) return { rowsMax: count };
  throw new ShellError("shell/command", `maxrows takes a number of rows, 0 for all, not ${JSON.stringify(value)}`);
}

function onlyOff(name: string): Change {
  return (value) => {
    if (value !== undefined && parseBoolean(value) === false) return {};
    throw new ShellError("shell/command", `\\pset ${name} is not supported`, {
      hint: `\\pset ${name} off is accepted`,
    });
  };
}

const CHANGES: Readonly<Record<string, Change>> = {
  format,
  expanded,
  x: expanded,
  border,
  linestyle: lineStyle,
  null: (value, display) => ({ nullText: value ?? display.nullText }),
  fieldsep: (value, display) => ({ fieldSeparator: value ?? display.fieldSeparator }),
  fieldsep_zero: () => ({ fieldSeparator: "\0" }),
  recordsep: (value, display) => ({ recordSeparator: value ?? display.recordSeparator }),
  recordsep_zero: () => ({ recordSeparator: "\0" }),
  csv_fieldsep: csvSeparator,
  tuples_only: (value, display) => ({ tuplesOnly: toggled(value, display.tuplesOnly, "tuples_only") }),
  t: (value, display) => ({ tuplesOnly: toggled(value, display.tuplesOnly, "tuples_only") }),
  footer: (value, display) => ({ footer: toggled(value, display.footer, "footer") }),
  maxrows: rowsMax,
  pager: (value, display) => ({ pager: toggled(value, display.pager, "pager") }),
  // Nothing here changes digits; scripts that say so to be sure are right.
  numericlocale: onlyOff("numericlocale"),
};

/** One \pset. Throws `shell/command` for an unknown setting or value. */
export function changeDisplay(display: Display, name: string, value: string | undefined): Display {
  if (name === "title" || name === "C") {
    const { title: _, ...rest } = display;
    return value === undefined ? rest : { ...rest, title: value };
  }
  const change = CHANGES[name];
  if (change !== undefined) return { ...display, ...change(value, display) };
  const near = nearest(name, [...Object.keys(CHANGES), "title"]);
  throw new ShellError("shell/command", `\\pset ${name} is not known`, {
    hint: near === undefined ? `it knows ${Object.keys(CHANGES).join(", ")}, title` : `did you mean ${near}?`,
  });
}

function settingLines(display: Display): string[] {
  const shown: Record<string, string> = {
    border: String(display.border),
    csv_fieldsep: quoted(display.csvSeparator),
    expanded: display.expanded,
    fieldsep: quoted(display.fieldSeparator),
    footer: display.footer ? "on" : "off",
    format: display.format,
    linestyle: display.lineStyle,
    maxrows: String(display.rowsMax),
    null: quoted(display.nullText),
    pager: display.pager ? "on" : "off",
    recordsep: quoted(display.recordSeparator),
    title: display.title === undefined ? "" : quoted(display.title),
    tuples_only: display.tuplesOnly ? "on" : "off",
  };
  return Object.entries(shown).map(([name, value]) => `${name.padEnd(24)} ${value}`.trimEnd());
}

function quoted(text: string): string {
  return `'${text.replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\0", "\\0")}'`;
}

async function* pset(call: CommandCall): ScriptEvents {
  const name = call.arguments.next();
  if (name === undefined) yield say(call, settingLines(call.shell.state.display).join("\n"));
  else yield* change(call, name, call.arguments.next());
}

/** Changes a setting. At the prompt it is said how it is now; a script's output is data. */
async function* change(call: CommandCall, name: string, value: string | undefined): ScriptEvents {
  const { state, interactive } = call.shell;
  state.display = changeDisplay(state.display, name, value);
  const sentence = settingSentence(name, state.display);
  if (interactive && sentence !== undefined) yield say(call, sentence);
}

/** \t, \x, \f, \C: short for one \pset each. */
function shorthand(setting: string): Command["run"] {
  return (call) => change(call, setting, call.arguments.next());
}

function alignment(call: CommandCall): ScriptEvents {
  return change(call, "format", call.shell.state.display.format === "aligned" ? "unaligned" : "aligned");
}

export const OUTPUT_COMMANDS: readonly Command[] = [
  { names: ["o", "out"], group: "output", usage: "\\o [FILE | |COMMAND]", summary: "send results there", run: output },
  {
    names: ["timing"],
    group: "output",
    usage: "\\timing [on|off]",
    summary: "say how long statements take",
    run: timing,
  },
  { names: ["pset"], group: "output", usage: "\\pset [NAME [VALUE]]", summary: "set how results are drawn", run: pset },
  { names: ["x"], group: "output", usage: "\\x [on|off|auto]", summary: "expanded output", run: shorthand("expanded") },
  { names: ["t"], group: "output", usage: "\\t [on|off]", summary: "rows only", run: shorthand("tuples_only") },
  { names: ["a"], group: "output", usage: "\\a", summary: "aligned or unaligned", run: alignment },
  {
    names: ["f"],
    group: "output",
    usage: "\\f [TEXT]",
    summary: "separator of unaligned fields",
    run: shorthand("fieldsep"),
  },
  { names: ["C"], group: "output", usage: "\\C [TEXT]", summary: "title above results", run: shorthand("title") },
];
