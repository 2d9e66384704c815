import { ShellError } from "../../errors.ts";
import { nearest } from "../../std/nearest.ts";
import type { ScriptEvents } from "../events.ts";
import { DESCRIBE_COMMANDS, mixedListing } from "../describe/commands.ts";
import { say, type Command, type CommandCall } from "./command.ts";
import { CONNECTION_COMMANDS } from "./connection.ts";
import { FILE_COMMANDS } from "./files.ts";
import { GENERAL_COMMANDS, helpText } from "./general.ts";
import { LAST_COMMANDS } from "./last.ts";
import { OUTPUT_COMMANDS } from "./output.ts";
import { PROMPT_COMMANDS } from "./prompt.ts";
import { HISTORY_COMMANDS } from "./history.ts";
import { PICTURE_COMMANDS } from "./pictures.ts";
import { QUERY_COMMANDS } from "./query.ts";
import { VARIABLE_COMMANDS } from "./variables.ts";

const CONDITION_HELP = [
  { group: "conditions", usage: "\\if EXPRESSION", summary: "run what follows if it is true" },
  { group: "conditions", usage: "\\elif EXPRESSION", summary: "otherwise, if this is true" },
  { group: "conditions", usage: "\\else", summary: "otherwise" },
  { group: "conditions", usage: "\\endif", summary: "end of the block" },
] as const;

async function* help(call: CommandCall): ScriptEvents {
  yield say(call, helpText([...COMMANDS, ...CONDITION_HELP]));
}

/** Every command, for completion. */
export function listCommands(): readonly Pick<Command, "names" | "usage" | "summary">[] {
  const conditions = CONDITION_HELP.map(({ usage, summary }) => ({
    names: [usage.slice(1).split(" ")[0] ?? ""],
    usage,
    summary,
  }));
  return [...COMMANDS, ...conditions];
}

const COMMANDS: readonly Command[] = [
  { names: ["?"], group: "general", usage: "\\?", summary: "this list", run: help },
  ...GENERAL_COMMANDS,
  ...QUERY_COMMANDS,
  ...HISTORY_COMMANDS,
  ...PICTURE_COMMANDS,
  ...LAST_COMMANDS,
  ...OUTPUT_COMMANDS,
  ...VARIABLE_COMMANDS,
  ...FILE_COMMANDS,
  ...DESCRIBE_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...PROMPT_COMMANDS,
];

const BY_NAME = new Map(COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)));

/** psql's commands that are left out on purpose, and what to do instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  H: "use --csv, --json or \\pset format",
  html: "use --csv, --json or \\pset format",
  T: "there is no HTML output",
  ef: "\\sf shows a function's definition",
  ev: "\\sv shows a view's definition",
  w: "redirect the script itself",
  crosstabview: "pivot in the query",
  bind: "use variables: :'name'",
  parse: "use PREPARE",
  setenv: "set it before starting",
  prompt: "use \\secret NAME prompt, or -v NAME=VALUE",
  lo_import: "use lo_import() in a query",
  lo_export: "use lo_export() in a query",
};

/** Throws `shell/command` for what is no command, naming the nearest. */
export function findCommand(name: string): Command {
  const command = BY_NAME.get(name) ?? mixedListing(name);
  if (command !== undefined) return command;
  const instead = UNSUPPORTED[name];
  if (instead !== undefined) throw new ShellError("shell/command", `\\${name} is not supported`, { hint: instead });
  const near = nearest(name, BY_NAME.keys());
  throw new ShellError("shell/command", `unknown command \\${name}`, {
    hint: near === undefined ? "\\? lists the commands" : `did you mean \\${near}?`,
  });
}
