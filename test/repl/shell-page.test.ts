// docs/statements/shell.md says what the program says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CODES } from "../../src/errors.ts";
import { VARIABLE_OF } from "../../src/connection/parameters.ts";
import { parseArguments } from "../../repl/options.ts";
import type { CommandCall } from "../../src/script/commands/command.ts";
import { findCommand } from "../../src/script/commands/index.ts";
import { ROOT } from "../harness/root.ts";

const page = readFileSync(join(ROOT, "docs", "statements", "shell.md"), "utf8");

function helpText(): string {
  const parsed = parseArguments(["--help"], "0");
  assert.ok(parsed.kind === "leave");
  return parsed.text;
}

test("every option, environment variable and exit status of --help is on the page", () => {
  const help = helpText();
  const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name ?? "");
  const variables = help.slice(help.indexOf("Environment:")).match(/\b[A-Z]+_[A-Z_]+\b|\bPG[A-Z]+\b/g) ?? [];
  assert.ok(options.length > 20 && variables.length > 20);
  for (const name of options) assert.match(page, new RegExp(`\`[^\`]*${name}(?![a-z-])`), name);
  for (const name of [...variables, ...Object.values(VARIABLE_OF)]) assert.ok(page.includes(`\`${name}\``), name);
  const statuses = page.slice(page.indexOf("| status |")).split("\n\n")[0] ?? "";
  for (const [code, { exit }] of Object.entries(CODES)) {
    assert.match(statuses, new RegExp(`^\\|[^|]*\\b${exit}\\b`, "m"), `${code} ends with ${exit}`);
  }
});

async function commandList(): Promise<string> {
  const said: string[] = [];
  const help = findCommand("?");
  // Of what a command is given, the list of commands reads only where to say it.
  for await (const event of help.run({ shell: { state: { output: { kind: "stdout" } } } } as CommandCall)) {
    if (event.type === "text") said.push(event.text);
  }
  return said.join("");
}

test("the list of \\? fits 80 columns", async () => {
  for (const line of (await commandList()).split("\n")) assert.ok(line.length <= 80, line);
});

test("every command of \\? is on the page", async () => {
  const names = [...(await commandList()).matchAll(/^ {2}(\\(?:[a-zA-Z_]+|\?|!))/gm)].map(([, name]) => name ?? "");
  assert.ok(names.length > 50);
  for (const name of names)
    assert.ok(page.includes(`\`${name}\``) || page.includes(`\`${name} `) || page.includes(`\`${name}[`), name);
});

test("every option and command on the page exists", () => {
  const help = helpText();
  const tables = page.slice(page.indexOf("## Options"), page.indexOf("## Output"));
  for (const [, name] of tables.matchAll(/`(?:-\w`?, `)?(--[a-z-]+)/g)) assert.ok(help.includes(name ?? ""), name);
  const commands = page.slice(page.indexOf("## Commands"), page.indexOf("## Files"));
  const conditions = new Set(["if", "elif", "else", "endif"]);
  const named = [...commands.matchAll(/`\\([a-zA-Z_]+|\?|!)/g)].map(([, name]) => name ?? "");
  assert.ok(named.length > 50);
  for (const name of named) if (!conditions.has(name)) assert.ok(findCommand(name).names.includes(name));
});
