// A plain prompt, line by line: node:readline edits, psql's prompts tell what is missing.
import { createInterface, type Interface } from "node:readline";
import { splitScript, type Doors, type ScriptSource } from "../src/index.ts";
import { mayLeave } from "./app/leaving.ts";
import type { Question } from "./app/question.ts";
import { commandOfWord } from "./bare-words.ts";
import { Cancellation } from "./cancel.ts";
import { greet } from "./greeting.ts";
import { askLine } from "./guard/ask-line.ts";
import { promptTag } from "./guard/profiles.ts";
import type { HistoryEntry } from "./history/history.ts";
import { remember } from "./history/remember.ts";
import type { ShellOptions } from "./options.ts";
import { promptStateOf, TRANSACTION_MARKS, type PromptState } from "./prompt-state.ts";
import { Reconnecting } from "./reconnecting.ts";
import { sayUnawaited } from "./output.ts";
import { openStage, type Stage } from "./run.ts";
import type { World } from "./world.ts";

/** What has been typed and cannot be run yet. */
export interface Unfinished {
  /** To be put in front of the next line. */
  readonly rest: string;
  /** What to run now: everything before it. */
  readonly ready: string;
  /** psql's mark for what is missing: = nothing, - the end, ' " $ * a closing mark, ( a parenthesis, > COPY data. */
  readonly mark: string;
}

/** Parts what can be run from what goes on in the next line. */
export function partInput(text: string): Unfinished {
  const last = splitScript(text).at(-1);
  if (last?.kind !== "statement") return { ready: text, rest: "", mark: "=" };
  const start = last.span.start;
  if (last.copyData !== undefined && last.copyData.end === text.length) {
    return { ready: text.slice(0, start), rest: text.slice(start), mark: ">" };
  }
  if (last.terminator.kind !== "end") return { ready: text, rest: "", mark: "=" };
  const open = last.diagnostic === undefined ? "" : text[last.diagnostic.span.start];
  const mark = open === "'" || open === '"' || open === "$" ? open : open === "/" ? "*" : parenthesis(last.text);
  return { ready: text.slice(0, start), rest: text.slice(start), mark };
}

function parenthesis(text: string): string {
  const bare = text.replace(/'(?:[^']|'')*'|"[^"]*"|--[^\n]*/g, "");
  return bare.split("(").length > bare.split(")").length ? "(" : "-";
}

/** `shop=# `, `shop'# `, `shop=*> `: database, what is missing, transaction, # for superusers. */
export function promptText({ database, superuser, transaction }: PromptState, mark: string): string {
  if (mark === ">") return ">> ";
  return `${database}${mark}${TRANSACTION_MARKS[transaction]}${superuser ? "#" : ">"} `;
}

/** Reads and runs until \q or the end of input. Returns the exit status. */
export async function runPrompt(options: ShellOptions, doors: Doors, world: World): Promise<number> {
  const desk: Desk = { editor: undefined };
  await using stage = await openStage(options, doors, world, {
    ask: async (question, signal) => (desk.editor === undefined ? false : askLine(desk.editor, question, signal)),
    hostFor: (host) => ({
      ...host,
      promptSecret: async (label) => {
        // Both would read what is typed.
        desk.editor?.pause();
        return host.promptSecret(label).finally(() => desk.editor?.resume());
      },
    }),
  });
  const { shell, screen } = stage;
  const description = await shell.session.connect();
  shell.state.showConnection(description);
  await greet(screen, doors, description);
  const ask = (question: Question): Promise<string> => askChoice(question, world);
  do {
    shell.state.leaving = false;
    desk.editor = openEditor(world, recentLines(stage.history.entries));
    try {
      await converse(stage, desk.editor, world);
    } finally {
      desk.editor.close();
    }
  } while (!(await mayLeave(shell, [], { screen, ask })));
  await screen.close();
  return 0;
}

/** Who reads lines at the time. */
interface Desk {
  editor: Interface | undefined;
}

function openEditor({ stdin, stdout }: World, history: string[]): Interface {
  return createInterface({ input: stdin, output: stdout, terminal: true, historySize: HISTORY_LINES, history });
}

/** Who ends the input here as well wants to leave, and nothing to be kept. */
async function askChoice({ text, answer, refusal }: Question, world: World): Promise<string> {
  if (answer.kind !== "choice") return refusal;
  const editor = openEditor(world, []);
  try {
    const choices = answer.choices.map(({ key, label }) => `${key} ${label}`).join(", ");
    const typed = await new Promise<string | undefined>((resolve) => {
      editor.once("close", () => resolve(undefined));
      editor.question(`${text}: ${choices}: `, resolve);
    });
    if (typed === undefined) world.stdout.write("\n");
    const meant = typed === undefined ? "r" : typed.trim().toLowerCase();
    return answer.choices.find(({ key }) => key === meant)?.value ?? refusal;
  } finally {
    editor.close();
  }
}

const HISTORY_LINES = 1000;

/** Newest first, as readline wants them; it knows lines only. */
function recentLines(entries: readonly HistoryEntry[]): string[] {
  const lines = entries.filter(({ text }) => !text.includes("\n")).map(({ text }) => text);
  return lines.slice(-HISTORY_LINES).toReversed();
}

async function converse(stage: Stage, editor: Interface, world: World): Promise<void> {
  const { shell, screen } = stage;
  const reconnecting = new Reconnecting((text) => screen.note(text));
  const tag = promptTag(stage.profile, stage.colour);
  let unfinished: Unfinished = { ready: "", rest: "", mark: "=" };
  const ask = (): void => {
    editor.setPrompt(tag + promptText(promptStateOf(shell.session), unfinished.mark));
    editor.prompt();
  };
  editor.on("SIGINT", () => {
    // At the prompt Ctrl-C drops what was typed; a running statement has its own listener.
    unfinished = { ready: "", rest: "", mark: "=" };
    world.stdout.write("^C\n");
    editor.write(null, { ctrl: true, name: "u" });
    ask();
  });
  ask();
  for await (const line of editor) {
    const bare = unfinished.rest === "" ? commandOfWord(line) : undefined;
    unfinished = partInput(`${unfinished.rest}${bare ?? line}\n`);
    if (unfinished.ready.trim() !== "") {
      await runInput(stage, editor, world, unfinished.ready);
      await reconnecting.look(shell);
    }
    if (shell.state.leaving) return;
    ask();
  }
  world.stdout.write("\n");
}

async function runInput(stage: Stage, editor: Interface, world: World, text: string): Promise<void> {
  const { shell, screen, stderr } = stage;
  const source: ScriptSource = { name: "<prompt>", text };
  const say = (note: string): void => sayUnawaited(stderr, note);
  const cancellation = new Cancellation({ now: world.now, exit: world.exit, say });
  const release = world.onStop((signal) => cancellation.take(signal));
  const interrupt = (): void => cancellation.take("SIGINT");
  const others = editor.listeners("SIGINT");
  editor.removeAllListeners("SIGINT").on("SIGINT", interrupt);
  try {
    shell.state.stopped = false;
    await remember(stage, text, world.now, async () => {
      for await (const event of shell.run(source, cancellation.signal)) await screen.show(event);
    });
  } finally {
    release();
    editor.removeListener("SIGINT", interrupt);
    for (const listener of others) editor.on("SIGINT", listener as () => void);
  }
}
