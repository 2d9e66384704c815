// Commands that end a query and decide what becomes of its rows: \g, \gx, \gset, \gexec, \watch.
import { setTimeout as sleep } from "node:timers/promises";
import { ShellError } from "../../errors.ts";
import type { Column, Row } from "../../events.ts";
import type { ScriptEvents } from "../events.ts";
import type { StatementRun } from "../interpreter.ts";
import { Secret } from "../../std/secret.ts";
import { secretSpans } from "../secret-spans.ts";
import { describeQuery } from "./describe-query.ts";
import { plan } from "./pictures.ts";
import { interpretOptions } from "./query-options.ts";
import type { Command, CommandCall } from "./command.ts";
import { targetOf } from "./output.ts";

type QueryCommand = (call: CommandCall, run: StatementRun) => ScriptEvents;

async function* go(call: CommandCall, run: StatementRun): ScriptEvents {
  const expanded = call.name === "gx" ? ({ expanded: "on" } as const) : {};
  const display = interpretOptions(call.arguments, { ...run.display, ...expanded });
  const file = call.arguments.nextFileOrPipe();
  const target = file === undefined ? run.target : targetOf(file);
  yield* call.shell.execute(call.buffer, { ...run, display, target });
}

async function* gset(call: CommandCall, run: StatementRun): ScriptEvents {
  const prefix = call.arguments.next() ?? "";
  const result: { columns: Column[]; rows: Row[] } = { columns: [], rows: [] };
  const failures = call.shell.state.lastFailure;
  yield* call.shell.collect(call.buffer, run, result);
  if (call.shell.state.lastFailure !== failures) return;
  const [row] = result.rows;
  if (row === undefined || result.rows.length > 1) {
    throw new ShellError("shell/command", `\\gset needs one row, the query gave ${result.rows.length}`, {
      span: run.place.span,
    });
  }
  for (const [index, column] of result.columns.entries()) {
    const value = row[index];
    const name = prefix + column.name;
    if (value === null || value === undefined) call.shell.state.variables.unset(name);
    else call.shell.state.variables.set(name, value);
  }
}

async function* gexec(call: CommandCall, run: StatementRun): ScriptEvents {
  const result: { columns: Column[]; rows: Row[] } = { columns: [], rows: [] };
  yield* call.shell.collect(call.buffer, run, result);
  const { sourceOffset: _, copySource: __, ...rest } = run;
  for (const statement of result.rows.flat()) {
    if (call.shell.state.stopped) return;
    if (statement !== null) yield* call.shell.execute(statement, rest);
  }
}

const WATCH_SECONDS = 2;

interface Watching {
  readonly seconds: number;
  readonly times: number;
  /** Fewer rows end it. */
  readonly rowsMin: number;
}

/** `5`, `i=5`, `interval=5`, `c=3`, `count=3`, `m=1`, `min_rows=1`; each once. */
function parseWatch(words: readonly string[]): Watching {
  const given = new Map<string, number>();
  for (const word of words) {
    const [, name = "i", text = ""] =
      /^(?:(i(?:nterval)?|c(?:ount)?|m(?:in_rows)?)=)?(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    const key = name[0] ?? "i";
    const isWhole = key === "i" || (Number.isInteger(Number(text)) && Number(text) > 0);
    if (text === "" || !isWhole || given.has(key)) {
      throw new ShellError("shell/command", `\\watch does not take ${JSON.stringify(word)}`, {
        hint: "write \\watch SECONDS, or \\watch i=SECONDS c=TIMES m=ROWS",
      });
    }
    given.set(key, Number(text));
  }
  return {
    seconds: given.get("i") ?? WATCH_SECONDS,
    times: given.get("c") ?? Number.POSITIVE_INFINITY,
    rowsMin: given.get("m") ?? 0,
  };
}

async function* watch(call: CommandCall, run: StatementRun): ScriptEvents {
  const { seconds, times, rowsMin } = parseWatch(call.arguments.all());
  const { state } = call.shell;
  const failures = state.lastFailure;
  for (let time = 1; time <= times && !state.stopped; time++) {
    const title = `${new Date().toString().slice(0, 24)} (every ${seconds}s)`;
    yield { type: "redraw", state: "begin" };
    yield* call.shell.execute(call.buffer, { ...run, display: { ...run.display, title } });
    yield { type: "redraw", state: "end" };
    if (state.lastFailure !== failures || Number(state.variables.get("ROW_COUNT") ?? 0) < rowsMin) break;
    if (time < times) await rest(seconds, call);
  }
  yield { type: "redraw", state: "over" };
}

/** Until the next time. At the prompt Ctrl-C is how one ends it: nothing failed. */
async function rest(seconds: number, { shell, signal }: CommandCall): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal });
  } catch (thrown) {
    if (!shell.interactive) throw thrown;
    shell.state.stopped = true;
  }
}

const QUERY: Readonly<Record<string, QueryCommand>> = {
  g: go,
  gx: go,
  gset,
  gexec,
  gdesc: describeQuery,
  watch,
  plan,
  "plan+": plan,
};

/** Runs a query that one of these commands ends. Throws `shell/command` for any other command. */
export function endQuery(call: CommandCall, run: StatementRun): ScriptEvents {
  const command = QUERY[call.name];
  if (command !== undefined) return command(call, run);
  throw new ShellError("shell/command", `\\${call.name} cannot end a query`);
}

/** The same without a query before it: the last one is run again. */
async function* again(call: CommandCall): ScriptEvents {
  if (call.buffer.trim() === "") throw new ShellError("shell/command", `\\${call.name} has no query to run`);
  const { display, output } = call.shell.state;
  yield* endQuery(call, { place: call.place, display, target: output, signal: call.signal });
}

async function* print(call: CommandCall): ScriptEvents {
  const { state } = call.shell;
  yield { type: "text", channel: "stdout", text: `${hidden(call)}\n`, target: state.output };
}

/** The buffer with the literals hidden that stand in secret positions. */
function hidden({ buffer }: CommandCall): string {
  let text = "";
  let from = 0;
  for (const span of secretSpans(buffer)) {
    text += `${buffer.slice(from, span.start)}${String(new Secret(""))}`;
    from = span.end;
  }
  return text + buffer.slice(from);
}

export const QUERY_COMMANDS: readonly Command[] = [
  { names: ["g"], group: "query", usage: "\\g [(OPTIONS)] [FILE | |COMMAND]", summary: "run the query", run: again },
  { names: ["gx"], group: "query", usage: "\\gx [(OPTIONS)] [FILE]", summary: "run it, expanded", run: again },
  {
    names: ["gset"],
    group: "query",
    usage: "\\gset [PREFIX]",
    summary: "run it, columns become variables",
    run: again,
  },
  { names: ["gexec"], group: "query", usage: "\\gexec", summary: "run it, then run every value", run: again },
  { names: ["gdesc"], group: "query", usage: "\\gdesc", summary: "the query's columns, not run", run: again },
  {
    names: ["watch"],
    group: "query",
    usage: "\\watch [SECONDS] [c=TIMES] [m=ROWS]",
    summary: "run it again and again",
    run: again,
  },
  { names: ["p", "print"], group: "query", usage: "\\p", summary: "show the query", run: print },
];
