import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LineMarks } from "../../../repl/app/line-marks.ts";

suite("letters for lines", () => {
  test("what is written is the lines again", () => {
    const marks = new LineMarks();
    const lines = ["select 日本", "\u001b[31mred\u001b[39m", "select 日本", " ", "\ue000 of its own"];
    const given = marks.marksOf(lines);
    assert.ok(given.every((mark) => mark.length === 1));
    assert.equal(given[0], given[2]);
    assert.equal(marks.linesIn(`\u001b[2A${given.join("\n")}\u001b[K`), `\u001b[2A${lines.join("\n")}\u001b[K`);
  });

  test("a line keeps its letter, also when others are forgotten", () => {
    const marks = new LineMarks();
    const [kept = ""] = marks.marksOf(["kept"]);
    for (let at = 0; at < 20_000; at++) {
      const [same, other = ""] = marks.marksOf(["kept", `line ${at}`]);
      assert.equal(same, kept);
      assert.notEqual(other, kept);
      assert.equal(marks.linesIn(`${other}\n${kept}`), `line ${at}\nkept`);
    }
  });
});
