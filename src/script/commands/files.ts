import { dirname, isAbsolute, join } from "node:path";
import { ShellError } from "../../errors.ts";
import { parseCopy, type CopyEnd } from "../copy-command.ts";
import type { ScriptEvents } from "../events.ts";
import type { StatementRun } from "../interpreter.ts";
import type { ByteStream } from "../../std/bytes.ts";
import { silent, type Command, type CommandCall } from "./command.ts";

/** Files that include each other would do so for ever. */
const DEPTH_MAX = 50;
const depths = new WeakMap<object, number>();

async function* include(call: CommandCall): ScriptEvents {
  const { shell, source } = call;
  const named = call.arguments.nextFile();
  if (named === undefined) throw new ShellError("shell/command", `\\${call.name} needs a file name`);
  const relative = call.name === "ir" || call.name === "include_relative";
  const path = relative && !isAbsolute(named) ? join(source.directory ?? shell.host.workingDirectory(), named) : named;
  const depth = (depths.get(source) ?? 0) + 1;
  if (depth > DEPTH_MAX)
    throw new ShellError("shell/file", `files include each other more than ${DEPTH_MAX} deep: ${path}`);
  const directory = isAbsolute(path) ? dirname(path) : join(shell.host.workingDirectory(), dirname(path));
  const included = { name: path, text: await shell.host.readText(path), directory };
  depths.set(included, depth);
  yield* shell.run(included, call.signal);
}

function changeDirectory(call: CommandCall): ScriptEvents {
  return silent(() =>
    call.shell.host.changeDirectory(call.arguments.nextFile() ?? call.shell.host.environment["HOME"] ?? "/"),
  );
}

function runShell(call: CommandCall): ScriptEvents {
  return silent(async () => {
    const status = await call.shell.host.runShell(call.arguments.rest(), call.signal);
    call.shell.state.variables.set("SHELL_ERROR", status === 0 ? "false" : "true");
    call.shell.state.variables.set("SHELL_EXIT_CODE", String(status));
  });
}

async function* copy(call: CommandCall): ScriptEvents {
  const { shell, place, signal } = call;
  const parsed = parseCopy(call.arguments.rest());
  const common = { place, display: shell.state.display, signal };
  const run: StatementRun =
    parsed.direction === "from"
      ? { ...common, target: shell.state.output, copySource: sourceOf(parsed.end, call) }
      : { ...common, target: targetOf(parsed.end, call) };
  yield* shell.execute(parsed.statement, run);
}

function sourceOf(end: CopyEnd, { shell, copyData }: CommandCall): ByteStream {
  if (end.kind === "program") return shell.host.captureStream(end.command);
  if (end.kind === "file") return shell.host.readBytes(end.path);
  return copyData ?? shell.host.standardInput();
}

function targetOf(end: CopyEnd, { shell }: CommandCall): StatementRun["target"] {
  if (end.kind === "program") return { kind: "pipe", command: end.command };
  if (end.kind === "file") return { kind: "file", path: end.path };
  return end.kind === "pstdin" ? { kind: "stdout" } : shell.state.output;
}

export const FILE_COMMANDS: readonly Command[] = [
  { names: ["i", "include"], group: "files", usage: "\\i FILE", summary: "run the statements of a file", run: include },
  {
    names: ["ir", "include_relative"],
    group: "files",
    usage: "\\ir FILE",
    summary: "the same, found beside the running file",
    run: include,
  },
  {
    names: ["cd"],
    group: "files",
    usage: "\\cd [DIRECTORY]",
    summary: "change the working directory",
    run: changeDirectory,
  },
  { names: ["!"], group: "files", usage: "\\! [COMMAND]", summary: "run a command of the system", run: runShell },
  {
    names: ["copy"],
    group: "files",
    usage: "\\copy TABLE|(QUERY) FROM|TO FILE|STDIN|STDOUT|PROGRAM …",
    summary: "COPY with a file on this side",
    run: copy,
  },
];
