import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { edit, withText, createEditor, type EditCommand, type Editor } from "../../../repl/editor/editor.ts";

/** `a|b`: the text with a bar at the cursor; line ends as ⏎. */
function parsed(text: string): Editor {
  const plain = text.replaceAll("⏎", "\n");
  const editor = withText(createEditor(), plain.replace("|", ""));
  return { ...editor, buffer: { text: plain.replace("|", ""), cursor: plain.indexOf("|") } };
}

function printed({ buffer: { text, cursor } }: Editor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`.replaceAll("\n", "⏎");
}

function commandOf(word: string): EditCommand {
  if (word.startsWith('"')) return { type: "insert", text: JSON.parse(word) as string };
  if (word === "newline") return { type: "newline", indent: true };
  const [type = "", move] = word.split(":");
  return (move === undefined ? { type } : { type, move }) as EditCommand;
}

/** One case a line: before, commands, after, with ` → ` between. */
const vectors = readFileSync("test/vectors/repl/editor.txt", "utf8").split("\n");

suite("editing commands", () => {
  for (const line of vectors) {
    if (line === "" || line.startsWith("#")) continue;
    test(line, () => {
      const [before = "", commands = "", after = ""] = line.split(" → ");
      let editor = parsed(before);
      for (const word of commands.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []) editor = edit(editor, commandOf(word));
      assert.equal(printed(editor), after);
    });
  }
});

test("undo gives every text back, redo every text again", () => {
  const words = ['"select"', '" 1"', "kill-word-left", "newline", "yank", "move:start", "upper-word", "kill-line"];
  let editor = createEditor();
  for (const word of words) editor = edit(editor, commandOf(word));
  const last = editor.buffer.text;
  const changes = editor.done.length;
  assert.ok(changes > 4);
  while (editor.done.length > 0) editor = edit(editor, { type: "undo" });
  assert.equal(editor.buffer.text, "");
  while (editor.undone.length > 0) editor = edit(editor, { type: "redo" });
  assert.deepEqual([editor.buffer.text, editor.done.length], [last, changes]);
});
