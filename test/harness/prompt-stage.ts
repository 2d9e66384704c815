// The built shell on a terminal, in a home of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMPILED, ROOT } from "./root.ts";
import { TerminalProgram, type TerminalOptions } from "./terminal.ts";

export interface PromptOptions extends TerminalOptions {
  readonly connection: string;
  readonly words?: readonly string[];
}

export interface Prompt extends AsyncDisposable {
  readonly terminal: TerminalProgram;
  readonly home: string;
}

const SHELL = join(ROOT, "bin", "sealift.js");

/** The words that start the shell. */
export function shellCommand(connection: string, words: readonly string[] = []): readonly string[] {
  return [process.execPath, SHELL, ...words, connection];
}

export function homeEnvironment(home: string): Record<string, string> {
  return {
    ...COMPILED,
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_CACHE_HOME: join(home, "cache"),
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "C.UTF-8",
  };
}

export function openPrompt({ connection, words = [], environment = {}, ...options }: PromptOptions): Prompt {
  const home = mkdtempSync(join(tmpdir(), "sealift-prompt-"));
  const terminal = new TerminalProgram(shellCommand(connection, words), {
    ...options,
    directory: home,
    environment: { ...homeEnvironment(home), ...environment },
  });
  return {
    terminal,
    home,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const BARE_PROMPT = /(?:^|\n)(?:⟳\d+[^\n]* )?[\w…]+[=][*!]?[#>]$/;

/** Waits until an empty prompt is the last thing on the screen. */
export function untilPrompt(terminal: TerminalProgram): Promise<void> {
  return terminal.until(BARE_PROMPT, "an empty prompt");
}

/** Whether the last prompt is followed by the begin of a text, which may be coloured, wrapped and partly hidden. */
function isTyped(screen: string, text: string): boolean {
  const last = screen.split("\n").findLast((line) => PROMPT_LINE.test(line)) ?? "";
  return last.replace(PROMPT_LINE, "").startsWith(text.slice(0, SEEN_CHARACTERS));
}

const PROMPT_LINE = /^(?:⟳\d+[^\n]* )?[\w…]+[=][*!]?[#>](?: |$)/;
const SEEN_CHARACTERS = 4;

/** Types an input, submits it, and waits for the next prompt. */
export async function run(terminal: TerminalProgram, text: string): Promise<void> {
  await untilPrompt(terminal);
  terminal.type(text);
  await terminal.until((screen) => isTyped(screen, text), `an echo of ${text}`);
  terminal.press("enter");
  await untilPrompt(terminal);
}
