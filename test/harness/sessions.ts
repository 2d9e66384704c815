// Sessions written as text: keys in, screen out. One file holds several:
//
//   === name | columns=40 rows=10 NO_COLOR=1
//   run select 1;            types, submits, waits for the next prompt
//   type select              as it stands; \n and \t are keys
//   press C-a enter
//   paste "a\nb"             a JSON string, as a bracketed paste
//   wait text                until the screen shows it
//   resize 40 10
//   cursor 7 0               column and row, as if the greeting took one line
//   screen                   what follows behind bars is the screen
//   | postgres=#
//
// With REWRITE=1 the screens are written anew, to be read in the diff.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openPrompt, run, untilPrompt, type PromptOptions } from "./prompt-stage.ts";
import { ROOT } from "./root.ts";
import type { TerminalProgram } from "./terminal.ts";

interface Session {
  readonly title: string;
  readonly lines: readonly string[];
}

/** How the line that greets ends, without its blanks. */
const GREETING_END = String.raw`.Type\?forhelp,\qtoleave.`;

/**
 * What a screen has of the greeting. The server's version is in it: how many lines it takes, and how many of them are
 * still to be seen, depends on that.
 */
function greetingOf(screen: string): string {
  const lines = /^(?:[^\n]+\n){1,4}?(?=\w+=)/u.exec(screen)?.[0] ?? "";
  const text = lines.replaceAll(/\s/gu, "");
  return text !== "" && (text.endsWith(GREETING_END) || GREETING_END.endsWith(text)) ? lines : "";
}

function shortGreeting(screen: string): string {
  const greeting = greetingOf(screen);
  return greeting === "" ? screen : `Sealift.\n${screen.slice(greeting.length)}`;
}

/** The cursor's row when the greeting takes one. */
function rowOf({ cursor, screen }: TerminalProgram): number {
  return cursor.y - Math.max(0, greetingOf(screen).split("\n").length - 2);
}

/** Times, versions and paths differ from run to run. */
function settled(screen: string): string {
  return shortGreeting(screen)
    .replace(/Time: [\d.]+ ms(?: \([^)]*\))?/g, "Time: # ms")
    .replace(/^\w{3} \w{3} \d+ \d{4} [\d:]+ \(every/gm, "# (every")
    .replace(/ +$/gm, "");
}

export function runSessions(file: string, connection: () => string): void {
  const path = join(ROOT, "test", "vectors", "sessions", file);
  const sessions = parse(readFileSync(path, "utf8"));
  const rewritten: string[] = sessions.map(({ lines }) => lines.join("\n"));
  for (const [index, { title, lines }] of sessions.entries()) {
    test(`${file}: ${title}`, async () => {
      const options = optionsOf(lines[0] ?? "", connection());
      await using prompt = openPrompt(options);
      await untilPrompt(prompt.terminal);
      rewritten[index] = (await play(prompt.terminal, lines)).join("\n");
      if (process.env["REWRITE"] === "1") writeFileSync(path, `${rewritten.join("\n\n").trimEnd()}\n`);
    });
  }
}

function parse(text: string): readonly Session[] {
  return text
    .split(/^(?==== )/m)
    .filter((part) => part.trim() !== "")
    .map((part) => ({ title: /=== ([^|\n]*)/.exec(part)?.[1]?.trim() ?? "", lines: part.trimEnd().split("\n") }));
}

function optionsOf(head: string, connection: string): PromptOptions {
  const environment: Record<string, string> = {};
  let [columns, rows] = [60, 16];
  for (const [, name = "", value = ""] of head.matchAll(/(\w+)=(\S*)/g)) {
    if (name === "columns") columns = Number(value);
    else if (name === "rows") rows = Number(value);
    else environment[name] = value;
  }
  return { connection, columns, rows, environment };
}

async function play(terminal: TerminalProgram, lines: readonly string[]): Promise<string[]> {
  const told: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    told.push(line);
    if (line === "screen") {
      const expected: string[] = [];
      while (lines[at + 1]?.startsWith("|") === true) expected.push((lines[++at] ?? "").replace(/^\| ?/, ""));
      told.push(...(await compared(terminal, expected.join("\n"))).split("\n").map((one) => `| ${one}`.trimEnd()));
    } else await step(terminal, line);
  }
  return told;
}

/** What is drawn may still be on its way: the expected screen is waited for, and compared when it does not come. */
async function compared(terminal: TerminalProgram, expected: string): Promise<string> {
  if (process.env["REWRITE"] === "1") return settled(await terminal.atRest());
  try {
    await terminal.until((screen) => settled(screen) === expected, "the expected screen", 5000);
  } catch {
    assert.equal(settled(terminal.screen), expected);
  }
  return expected;
}

async function step(terminal: TerminalProgram, line: string): Promise<void> {
  const [, verb = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
  switch (verb) {
    case "":
    case "#":
    case "===":
      return;
    case "run":
      await run(terminal, rest);
      return;
    case "type":
      terminal.type(rest.replaceAll("\\n", "\r").replaceAll("\\t", "\t"));
      return;
    case "press":
      terminal.press(...rest.split(" "));
      return;
    case "paste":
      terminal.paste(JSON.parse(rest) as string);
      return;
    case "wait":
      await terminal.until(rest);
      return;
    case "prompt":
      await untilPrompt(terminal);
      return;
    case "resize": {
      const [columns = 80, rows = 24] = rest.split(" ").map(Number);
      terminal.resize(columns, rows);
      return;
    }
    case "cursor": {
      const [x, y] = rest.split(" ").map(Number);
      await terminal.until(() => terminal.cursor.x === x && rowOf(terminal) === y, `the cursor at ${rest}`, 5000);
      return;
    }
    default:
      throw new Error(`a session does not know ${verb}`);
  }
}
