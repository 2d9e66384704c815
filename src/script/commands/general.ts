import { ShellError } from "../../errors.ts";
import { LOAD_ERROR_COLUMNS, loadErrorRow } from "../../loads/load-errors.ts";
import { helpTopics, statementHelp } from "../../assist/statement-help.ts";
import { scrubSecrets } from "../../std/secret.ts";
import { nearest } from "../../std/nearest.ts";
import type { ScriptEvents } from "../events.ts";
import { showTable } from "../describe/listing.ts";
import { say, silent, type Command, type CommandCall, type Group } from "./command.ts";
import { required } from "./variables.ts";

function quit(call: CommandCall): ScriptEvents {
  return silent(() => {
    call.shell.state.leaving = true;
  });
}

const TITLES: Readonly<Record<Group, string>> = {
  general: "General",
  query: "Query",
  output: "Output",
  variables: "Variables",
  files: "Files",
  conditions: "Conditions",
  describe: "Describe",
  connection: "Connection",
};

const USAGE_WIDTH = 26;

/** \? as text. Given the commands, because the list of all of them holds this one. */
export function helpText(commands: readonly Pick<Command, "group" | "usage" | "summary">[]): string {
  const sections = Object.entries(TITLES).map(([group, title]) => {
    const lines = commands.filter((command) => command.group === group);
    return [title, ...lines.map(helpLines)].join("\n");
  });
  return sections.join("\n\n");
}

function helpLines({ usage, summary }: Pick<Command, "usage" | "summary">): string {
  // A long usage has a line of its own: all of it fits a terminal of 80 columns.
  const isLong = usage.length > USAGE_WIDTH - 2;
  return isLong ? `  ${usage}\n  ${" ".repeat(USAGE_WIDTH)}${summary}` : `  ${usage.padEnd(USAGE_WIDTH)}${summary}`;
}

async function* describeStatement(call: CommandCall): ScriptEvents {
  const asked = call.arguments.rest();
  const lines = statementHelp(asked);
  if (lines !== undefined) {
    yield say(call, lines.join("\n"));
    return;
  }
  const near = nearest(asked.toUpperCase(), helpTopics());
  throw new ShellError("shell/command", `no help on ${asked}`, {
    hint: near === undefined ? "\\h lists what there is help on" : `did you mean \\h ${near}?`,
  });
}

async function* verboseError(call: CommandCall): ScriptEvents {
  const failure = call.shell.state.lastFailure;
  if (failure === undefined) {
    yield say(call, "There is no previous error.");
    return;
  }
  const { error } = failure;
  const lines = [`error[${error.code}]: ${error.message}`, `  SQLSTATE: ${error.sqlState}`];
  if (error.severity !== undefined) lines.push(`  severity: ${error.severity}`);
  for (const detail of error.detail) lines.push(`  detail: ${detail}`);
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  if (error.note !== undefined) lines.push(`  note: ${error.note}`);
  lines.push(...printCauses(error.cause, "  "));
  yield say(call, scrubSecrets(lines.join("\n")));
}

/** What each cause says itself; several that came together are told one after the other, each with its own causes. */
function printCauses(cause: unknown, indent: string): readonly string[] {
  if (!(cause instanceof Error)) return [];
  const own = `${indent}caused by: ${cause.name}: ${cause.message}`;
  const several: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  return [
    own,
    ...several.flatMap((one) => printCauses(one, `${indent}  `)),
    ...printCauses(cause.cause, `${indent}  `),
  ];
}

/** In the shape of Redshift's STL_LOAD_ERRORS. */
async function* loadErrors(call: CommandCall): ScriptEvents {
  const { kept } = call.shell.session.loadErrors;
  if (kept.length === 0) {
    yield say(call, "The last COPY refused no row.");
    return;
  }
  const headings = LOAD_ERROR_COLUMNS.map(({ name }) => name);
  const numeric = new Set(LOAD_ERROR_COLUMNS.filter(({ kind }) => kind === "number").map(({ name }) => name));
  yield* showTable(call, { title: "Load errors", headings, numeric, rows: kept.map(loadErrorRow) });
}

async function* encoding(call: CommandCall): ScriptEvents {
  const wanted = call.arguments.next();
  if (wanted === undefined) yield say(call, "UTF8");
  else if (!/^(utf-?8|unicode)$/i.test(wanted)) {
    throw new ShellError("engine/unsupported", `client encoding ${wanted} is not supported`, {
      hint: "text is UTF-8 on both sides; the server converts what it stores otherwise",
    });
  }
}

function restrict(call: CommandCall): ScriptEvents {
  return silent(() => {
    call.shell.state.restriction = required(call, "a key");
  });
}

function unrestrict(call: CommandCall): ScriptEvents {
  return silent(() => {
    const key = required(call, "the key given to \\restrict");
    if (call.shell.state.restriction === undefined)
      throw new ShellError("shell/command", "\\unrestrict without \\restrict");
    if (call.shell.state.restriction !== key) throw new ShellError("shell/command", "\\unrestrict with another key");
    call.shell.state.restriction = undefined;
  });
}

function reset(call: CommandCall): ScriptEvents {
  return silent(() => {
    call.shell.state.lastQuery = "";
  });
}

export const GENERAL_COMMANDS: readonly Command[] = [
  { names: ["q", "quit"], group: "general", usage: "\\q", summary: "leave", run: quit },
  {
    names: ["h", "help"],
    group: "general",
    usage: "\\h [STATEMENT]",
    summary: "syntax of statements",
    run: describeStatement,
  },
  {
    names: ["errverbose"],
    group: "general",
    usage: "\\errverbose",
    summary: "all about the last error",
    run: verboseError,
  },
  {
    names: ["errors"],
    group: "general",
    usage: "\\errors",
    summary: "the rows that the last COPY refused",
    run: loadErrors,
  },
  { names: ["encoding"], group: "connection", usage: "\\encoding", summary: "the client's encoding", run: encoding },
  {
    names: ["restrict"],
    group: "general",
    usage: "\\restrict KEY",
    summary: "refuse commands until \\unrestrict",
    run: restrict,
  },
  { names: ["unrestrict"], group: "general", usage: "\\unrestrict KEY", summary: "take them again", run: unrestrict },
  { names: ["r", "reset"], group: "query", usage: "\\r", summary: "forget the query", run: reset },
];
