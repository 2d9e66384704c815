// From arguments to an exit status. Everything of the process is passed in; nothing here ends it.
import { asShellError, holdsPassword, scrubSecrets, type Doors, type ShellError } from "../src/index.ts";
import { usesColour } from "./colour.ts";
import { renderFailure } from "./failure/render.ts";
import { parseArguments, type Parsed } from "./options.ts";
import { ReaderGone } from "./output.ts";
import { runPrompt } from "./prompt.ts";
import { runAll } from "./run.ts";
import { runTool } from "./tools.ts";
import type { World } from "./world.ts";

/** What shells say of a process whose reader went away: 128 + SIGPIPE. */
const READER_GONE_STATUS = 141;

export async function runShell(doors: Doors, world: World): Promise<number> {
  try {
    const parsed = parseArguments(world.arguments, doors.version);
    return await run(parsed, doors, world);
  } catch (thrown) {
    if (thrown instanceof ReaderGone) return READER_GONE_STATUS;
    const error = asShellError(thrown);
    tell(error, doors, world);
    return error.exitStatus;
  }
}

async function run(parsed: Parsed, doors: Doors, world: World): Promise<number> {
  if (parsed.kind === "leave") {
    (parsed.status === 0 ? world.stdout : world.stderr).write(parsed.text);
    return parsed.status;
  }
  if (parsed.kind !== "shell") return runTool(parsed, doors, world);
  if (parsed.connection !== undefined && holdsPassword(parsed.connection)) {
    world.hideArguments();
    world.stderr.write(
      "warning: the password on the command line could be seen by other users until now; use PGPASSFILE or a service file\n",
    );
  }
  const isInteractive = parsed.scripts.length === 0 && world.stdin.isTTY === true && world.stdout.isTTY === true;
  if (!isInteractive) return runAll(parsed, doors, world);
  if (!canDraw(doors, world)) return runPrompt(parsed, doors, world);
  const { runApp } = await import("./app/open-app.ts");
  return runApp(parsed, doors, world);
}

/** Redrawing in place needs a terminal that keys can be read from one by one, and that moves its cursor. */
function canDraw({ environment }: Doors, { stdin }: World): boolean {
  return stdin.setRawMode !== undefined && environment["TERM"] !== "dumb";
}

function tell(error: ShellError, { environment }: Doors, world: World): void {
  const isTerminal = world.stderr.isTTY === true;
  const style = {
    form: isTerminal ? "anatomy" : "line",
    colour: usesColour("auto", environment, isTerminal),
    annotate: environment["GITHUB_ACTIONS"] === "true",
  } as const;
  world.stderr.write(scrubSecrets(renderFailure(error, { place: undefined, secretSpans: () => [] }, style)));
  if (environment["SEALIFT_DEBUG"] !== undefined && error.cause instanceof Error) {
    world.stderr.write(scrubSecrets(`${error.cause.stack ?? ""}\n`));
  }
}
