// A plain prompt, line by line: node:readline edits, psql's prompts tell what is missing.
import { createInterface, type Interface } from "node:readline";
import { splitScript, type Doors, type EngineDescription, type ScriptSource } from "../src/index.ts";
import { Cancellation } from "./cancel.ts";
import { askLine } from "./guard/ask-line.ts";
import { promptTag } from "./guard/profiles.ts";
import type { HistoryEntry } from "./history/history.ts";
import { remember } from "./history/remember.ts";
import type { ShellOptions } from "./options.ts";
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
export function promptText(
  description: EngineDescription | undefined,
  transaction: "idle" | "open" | "failed",
  mark: string,
): string {
  if (mark === ">") return ">> ";
  const state = transaction === "idle" ? "" : transaction === "open" ? "*" : "!";
  return `${description?.database ?? "sealift"}${mark}${state}${description?.superuser === true ? "#" : ">"} `;
}

const BARE: Readonly<Record<string, string>> = { quit: "\\q", exit: "\\q", help: "\\?" };

/** Reads and runs until \q or the end of input. Returns the exit status. */
export async function runPrompt(options: ShellOptions, doors: Doors, world: World): Promise<number> {
  let editor: Interface | undefined;
  await using stage = await openStage(options, doors, world, {
    ask: async (question, signal) => (editor === undefined ? false : askLine(editor, question, signal)),
    hostFor: (host) => ({
      ...host,
      promptSecret: async (label) => {
        // Both would read what is typed.
        editor?.pause();
        return host.promptSecret(label).finally(() => editor?.resume());
      },
    }),
  });
  const { shell, screen } = stage;
  const description = await shell.session.connect();
  shell.state.showConnection(description);
  await screen.note(
    `Sealift ${doors.version}, ${description.name} ${description.version}. Type \\? for help, \\q to leave.`,
  );
  editor = createInterface({
    input: world.stdin,
    output: world.stdout,
    terminal: true,
    historySize: HISTORY_LINES,
    history: recentLines(stage.history.entries),
  });
  try {
    await converse(stage, editor, world);
  } finally {
    editor.close();
  }
  await screen.close();
  return 0;
}

const HISTORY_LINES = 1000;

/** Newest first, as readline wants them; it knows lines only. */
function recentLines(entries: readonly HistoryEntry[]): string[] {
  const lines = entries.filter(({ text }) => !text.includes("\n")).map(({ text }) => text);
  return lines.slice(-HISTORY_LINES).toReversed();
}

async function converse(stage: Stage, editor: Interface, world: World): Promise<void> {
  const { shell } = stage;
  const tag = promptTag(stage.profile, stage.colour);
  let unfinished: Unfinished = { ready: "", rest: "", mark: "=" };
  const ask = (): void => {
    editor.setPrompt(tag + promptText(shell.session.describe(), shell.session.transaction, unfinished.mark));
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
    const bare = unfinished.rest === "" ? BARE[line.trim().toLowerCase()] : undefined;
    unfinished = partInput(`${unfinished.rest}${bare ?? line}\n`);
    if (unfinished.ready.trim() !== "") await runInput(stage, editor, world, unfinished.ready);
    if (shell.state.leaving) return;
    ask();
  }
  world.stdout.write("\n");
}

async function runInput(stage: Stage, editor: Interface, world: World, text: string): Promise<void> {
  const { shell, screen, stderr } = stage;
  const source: ScriptSource = { name: "<prompt>", text };
  const say = (note: string): void => void stderr.write(`${note}\n`);
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
