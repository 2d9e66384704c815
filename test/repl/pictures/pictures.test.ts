import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { widthOf } from "../../../repl/layout/cells.ts";
import { bar, fit } from "../../../repl/pictures/lines.ts";
import { createPicture } from "../../../repl/pictures/picture.ts";
import { PLAN_NODE_COLUMNS, planTable } from "../../../src/script/plan-rows.ts";
import { runTextVectors } from "../../harness/text-vectors.ts";

/** `timeline 80`, then a line of column names, then rows; cells parted by ` | `. Every line drawn is closed by `|`. */
function drawn(input: string): string {
  const [command = "", heading = "", ...lines] = input.split("\n");
  const [name = "", width] = command.split(" ");
  const rows = lines.map((line) => line.split(" | ").map((cell) => (cell === "" ? null : cell)));
  return draw(name, Number(width), heading.split(" | "), rows);
}

function draw(
  name: string,
  columns: number,
  names: readonly string[],
  rows: (string | null)[][],
  footers?: string[],
): string {
  const picture = createPicture(name, { columns, escapes: true, ...(footers === undefined ? {} : { footers }) });
  if (picture === undefined) return "(a table)";
  const text =
    picture.begin(names.map((one) => ({ name: one, kind: "text" }))) + picture.rows(rows) + [...picture.end()].join("");
  const lines = text.trimEnd().split("\n");
  for (const line of lines) assert.ok(widthOf(line) <= columns, `${line} is wider than ${columns}`);
  return lines.map((line) => `${line}|`).join("\n");
}

runTextVectors("pictures/timeline.txt", drawn);
runTextVectors("pictures/keys.txt", drawn);
runTextVectors("pictures/plan.txt", (input) => {
  const [width = "", ...json] = input.split("\n");
  const table = planTable(json.join("\n"));
  if (table === undefined) return "(no plan)";
  const names = PLAN_NODE_COLUMNS.map(({ name }) => name);
  return draw(
    "plan",
    Number(width),
    names,
    table.rows.map((row) => [...row]),
    [...table.footers],
  );
});

suite("pictures", () => {
  test("are for terminals that are wide enough, and for results of their kind", () => {
    assert.equal(createPicture("timeline", { escapes: false }), undefined);
    assert.equal(createPicture("timeline", { escapes: true, columns: 20 }), undefined);
    assert.equal(createPicture("portrait", { escapes: true, columns: 80 }), undefined);
  });

  test("never steer the terminal", () => {
    const text = draw(
      "keys",
      60,
      ["path", "key", "status", "reason"],
      [["/a\u001b[2J", "k\u0007", "denied", "\u001b]0;x\n"]],
    );
    assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(text), JSON.stringify(text));
  });

  test("bars show what is not nothing", () => {
    assert.deepEqual(
      [bar(0, 4), bar(0.0001, 4), bar(0.5, 4), bar(1, 4), bar(2, 4)],
      ["    ", "▏   ", "██  ", "████", "████"],
    );
  });

  test("text is cut to its width in columns", () => {
    assert.deepEqual([fit("abc", 3), fit("abcd", 3), fit("日本語", 5), fit("a", 0)], ["abc", "ab…", "日本…", ""]);
  });
});
