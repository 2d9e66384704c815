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

  test("what steers the terminal is no letter", () => {
    const marks = new LineMarks();
    // Every letter of ink's own stands for a line.
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at}`);
    const given = marks.marksOf(lines);
    assert.equal(new Set(given).size, 200);
    const steering = "\u001b[2026h\u001b[?25l\u001b[12A\u001b[8G\u001b[2K\u001b[0 q\u001b7\u001b[>1u";
    assert.equal(marks.linesIn(`${steering}${given.join(steering)}`), `${steering}${lines.join(steering)}`);
  });

  test("a line keeps its letter while it is there", () => {
    const marks = new LineMarks();
    const [kept = ""] = marks.marksOf(["kept"]);
    for (let at = 0; at < 20_000; at++) {
      const [same, other = ""] = marks.marksOf(["kept", `line ${at}`]);
      assert.equal(same, kept);
      assert.notEqual(other, kept);
      assert.equal(marks.linesIn(`${other}\n${kept}`), `line ${at}\nkept`);
    }
  });

  test("what is on the screen gives its letter to no other line", () => {
    const marks = new LineMarks();
    const shown = marks.marksOf(["a", "b"]);
    marks.linesIn(shown.join("\n"));
    // Ink leaves out frames that come too fast.
    for (let at = 0; at < 500; at++) {
      const given = marks.marksOf([`left out ${at}`]);
      assert.ok(!shown.includes(given[0] ?? ""), `frame ${at}`);
    }
    const [next = ""] = marks.marksOf(["next"]);
    assert.equal(marks.linesIn(next), "next");
  });

  test("nor when ink writes it after it was given another", () => {
    const marks = new LineMarks();
    marks.linesIn(marks.marksOf(["first"]).join("\n"));
    const shown = marks.marksOf(["shown"]);
    marks.marksOf(["given meanwhile"]);
    assert.equal(marks.linesIn(shown.join("\n")), "shown");
    // Modes of the terminal are no frame.
    marks.linesIn("\u001b[?2004h");
    for (let at = 0; at < 500; at++) assert.ok(!shown.includes(marks.marksOf([`later ${at}`])[0] ?? ""), `frame ${at}`);
  });
});
