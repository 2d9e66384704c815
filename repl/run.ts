// Files, -c and standard input: runs them and gives the exit status.
import { dirname, resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import {
  asShellError,
  childEnvironment,
  createHost,
  Interpreter,
  resolveConnection,
  runScripts,
  ScriptState,
  Variables,
  type ConnectionSettings,
  type Display,
  type Doors,
  type PasswordPrompt,
  type RunInput,
  type ScriptHost,
  type Secret,
  type Session,
} from "../src/index.ts";
import { Cancellation, onScriptStop } from "./cancel.ts";
import { usesColour } from "./colour.ts";
import type { ShellOptions } from "./options.ts";
import type { Profile } from "./guard/guard.ts";
import { askingGuard, scriptGuard, type Ask } from "./guard/guards.ts";
import { readProfile } from "./guard/profiles.ts";
import type { HistoryStore } from "./history/history.ts";
import { openHistory } from "./history/store.ts";
import { createWriter, sayUnawaited, type Writer } from "./output.ts";
import type { OpenPager } from "./paged-text.ts";
import type { Borrow } from "./piped-program.ts";
import { createJsonProgress } from "./progress/json.ts";
import { createPlainProgress } from "./progress/plain.ts";
import { SILENT, type ProgressRenderer } from "./progress/progress.ts";
import { createStatusLine } from "./progress/status-line.ts";
import { Screen, type Terminal } from "./screen.ts";
import { Targets } from "./targets.ts";
import { tell } from "./tell.ts";
import type { World } from "./world.ts";

/** What a run and a prompt share. */
export interface Stage {
  readonly shell: Interpreter;
  readonly screen: Screen;
  readonly progress: ProgressRenderer;
  readonly stderr: Writer;
  readonly history: HistoryStore;
  readonly profile: Profile | undefined;
  /** Whether standard output is to be coloured. */
  readonly colour: boolean;
  /** Another session of the same kind. */
  readonly openSession: (settings: ConnectionSettings) => Session;
}

/** Runs all scripts. Returns the exit status; throws ReaderGone, and ShellError for what no script is to blame for. */
export async function runAll(options: ShellOptions, doors: Doors, world: World): Promise<number> {
  await using stage = await openStage(options, doors, world, {});
  const { shell, screen, progress, stderr } = stage;
  const inputs = await readInputs(options, world, shell.host);
  const say = (text: string): void => sayUnawaited(stderr, text);
  const cancellation = new Cancellation({ now: world.now, exit: world.exit, say });
  const release = [
    onScriptStop(world, (signal) => cancellation.take(signal)),
    world.onStatusAsked(() => progress.tellSoon()),
  ];
  try {
    const run = { singleTransaction: options.singleTransaction, checkOnly: options.check, signal: cancellation.signal };
    await tell(runScripts(shell, inputs, run), (event) => screen.show(event));
    await screen.close();
  } finally {
    for (const one of release) one();
  }
  return cancellation.status ?? shell.state.firstFailure?.exitStatus ?? 0;
}

/** What a prompt does otherwise than a script. */
export interface StageParts {
  /** Somebody can be asked: this is a prompt. */
  readonly ask?: Ask;
  readonly display?: Display;
  readonly progress?: ProgressRenderer;
  readonly openPager?: OpenPager;
  readonly borrow?: Borrow;
  /** Nobody reads the rest of the result that comes. */
  readonly left?: () => void;
  /** The state of the shell in front, which is not always the first one. */
  readonly state?: () => ScriptState | undefined;
  readonly writers?: Pick<Stage, "stderr"> & { readonly stdout: Writer };
  readonly hostFor?: (host: ScriptHost) => ScriptHost;
}

/** Builds everything a script needs, or with somebody to ask, a prompt. Disposing ends the session. */
export async function openStage(
  options: ShellOptions,
  doors: Doors,
  world: World,
  parts: StageParts,
): Promise<Stage & AsyncDisposable> {
  const { environment } = doors;
  const profile = options.profile === undefined ? undefined : readProfile(options.profile, environment);
  const connection = options.connection ?? profile?.connection;
  const { settings, warnings } = await resolveConnection({
    environment,
    ...(connection === undefined ? {} : { text: connection }),
  });
  const readOnly = options.readOnly || profile?.readOnly === true;
  const pgDump = options.pgDump === undefined ? {} : { pgDump: options.pgDump };
  const { ask, display = options.display } = parts;
  const interactive = ask !== undefined;
  const state = new ScriptState(createVariables(options, doors.version, interactive), display);
  if (options.outputFile !== undefined) state.output = targetOf(options.outputFile);
  const history = await openHistory(environment);
  const ownHost = createHost(environment, () => history.entries);
  const host = parts.hostFor?.(ownHost) ?? ownHost;
  const prompt = options.password === "never" ? {} : { passwordPrompt: passwordPrompt(options, host) };
  const openSession = (to: ConnectionSettings): Session => doors.openSession(to, { readOnly, ...pgDump, ...prompt });
  const session = openSession(settings);
  const asking = interactive ? askingGuard(profile, ask) : scriptGuard(profile);
  const guard = options.yes ? undefined : asking;
  const shell = new Interpreter({ session, host, state, interactive, ...(guard === undefined ? {} : { guard }) });
  const stderr = parts.writers?.stderr ?? createWriter(world.stderr, "standard error");
  const progress = parts.progress ?? createProgress(options, environment, world);
  const screen = createScreen({ options, environment, world, parts, stderr, progress, state });
  for (const warning of warnings) await screen.note(`warning: ${warning}`);
  const dispose = async (): Promise<void> => session[Symbol.asyncDispose]();
  const colour = usesColour(options.colour, environment, world.stdout.isTTY === true);
  return { shell, screen, progress, stderr, history, profile, colour, openSession, [Symbol.asyncDispose]: dispose };
}

/** On the terminal itself, whatever standard input is: no password is read from what is piped in. */
function passwordPrompt({ password }: ShellOptions, host: ScriptHost): PasswordPrompt {
  const ask = async (label: string): Promise<Secret | undefined> => {
    try {
      return await host.promptSecret(label);
    } catch (thrown) {
      if (asShellError(thrown).code === "shell/usage") return undefined;
      throw thrown;
    }
  };
  return { ask, isFirst: password === "always" };
}

interface ScreenSetup extends Pick<Stage, "stderr" | "progress"> {
  readonly options: ShellOptions;
  readonly environment: Doors["environment"];
  readonly world: World;
  readonly parts: StageParts;
  readonly state: ScriptState;
}

function createScreen({ options, environment, world, parts, stderr, progress, state }: ScreenSetup): Screen {
  const stdout = parts.writers?.stdout ?? createWriter(world.stdout, "standard output");
  const borrow = parts.borrow === undefined ? {} : { borrow: parts.borrow };
  const left = parts.left === undefined ? {} : { left: parts.left };
  const current = (): ScriptState => parts.state?.() ?? state;
  const terminal: Terminal = {
    columns: () => world.stdout.columns ?? 80,
    rows: () => world.stdout.rows ?? 24,
    colour: usesColour(options.colour, environment, true),
    ...(parts.openPager === undefined ? {} : { openPager: parts.openPager }),
  };
  return new Screen({
    stdout,
    stderr,
    progress,
    targets: new Targets({ stdout, childEnvironment: childEnvironment(environment), ...borrow, ...left }),
    quiet: options.quiet,
    failureStyle: {
      form: options.errorFormat === "json" ? "json" : world.stderr.isTTY === true ? "anatomy" : "line",
      colour: usesColour(options.colour, environment, world.stderr.isTTY === true),
      annotate: environment["GITHUB_ACTIONS"] === "true" && options.errorFormat !== "json",
      columns: () => world.stderr.columns ?? Number.POSITIVE_INFINITY,
    },
    terminal: world.stdout.isTTY === true ? terminal : undefined,
    ...left,
    output: () => current().output,
    outputEnded: () => {
      current().output = { kind: "stdout" };
    },
  });
}

function targetOf(text: string): ScriptState["output"] {
  return text.startsWith("|") ? { kind: "pipe", command: text.slice(1).trim() } : { kind: "file", path: text };
}

function createVariables(options: ShellOptions, version: string, interactive: boolean): Variables {
  const variables = new Variables([
    ["VERSION", `Sealift ${version}`],
    ["VERSION_NAME", version],
    ["ON_ERROR_STOP", interactive ? "off" : "on"],
  ]);
  for (const [name, value] of options.variables) {
    if (value === undefined) variables.unset(name);
    else variables.set(name, value);
  }
  return variables;
}

/** The renderer that was asked for; on a terminal `onTerminal` draws, or else a status line. */
export function createProgress(
  options: ShellOptions,
  environment: Doors["environment"],
  world: World,
  onTerminal?: () => ProgressRenderer,
): ProgressRenderer {
  const asked = options.progress === "auto" ? environment["SEALIFT_PROGRESS"] : options.progress;
  const progressWorld = { now: world.now, write: (text: string): void => void world.stderr.write(text) };
  if (asked === "json") return createJsonProgress(progressWorld);
  if (asked === "none" || options.quiet) return SILENT;
  const canRedraw = world.stderr.isTTY === true && environment["TERM"] !== "dumb";
  if (asked === "plain" || !canRedraw) return createPlainProgress(progressWorld);
  if (onTerminal !== undefined) return onTerminal();
  return createStatusLine({ ...progressWorld, columns: () => world.stderr.columns ?? 80 });
}

/** A prompt needs both; without a word it would look as if nothing happened. */
const READS_TERMINAL =
  "note: no prompt, as standard output is no terminal: statements are read until Ctrl-D, then run\n";

async function readInputs(options: ShellOptions, world: World, host: ScriptHost): Promise<RunInput[]> {
  const inputs: RunInput[] = [];
  const scripts = options.scripts.length > 0 ? options.scripts : [{ kind: "file", path: "-" } as const];
  const commands = scripts.filter((script) => script.kind === "command").length;
  for (const script of scripts) {
    if (script.kind === "command") {
      const number = inputs.filter((input) => input.isCommand).length + 1;
      inputs.push({ name: commands > 1 ? `<command ${number}>` : "<command>", text: script.text, isCommand: true });
    } else if (script.path === "-") {
      if (world.stdin.isTTY === true && !options.quiet) world.stderr.write(READS_TERMINAL);
      inputs.push({ name: "<stdin>", text: withoutMark(await readStream(world.stdin)), isCommand: false });
    } else {
      const text = withoutMark(await host.readText(script.path));
      inputs.push({ name: script.path, text, directory: dirname(resolve(script.path)), isCommand: false });
    }
  }
  return inputs;
}

/** A byte order mark is not part of the first statement. */
function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
