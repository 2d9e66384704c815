import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { completenessOf, lineStatesOf } from "../../../repl/editor/line-states.ts";

suite("whether Enter may run a text", () => {
  const cases: readonly (readonly [typed: string, complete: boolean, mark: string])[] = [
    ["", true, "="],
    ["select 1;", true, "="],
    ["select 1", false, "-"],
    ["select 1; select", false, "-"],
    ["select 'a", false, "'"],
    ['select "a', false, '"'],
    ["select $$a", false, "$"],
    ["select /* a", false, "*"],
    ["select (1", false, "("],
    ["\\echo a", true, "="],
    ["select 1 \\g", true, "="],
    ["copy t from stdin;", false, ">"],
    ["copy t from stdin;\n1", false, ">"],
    ["copy t from stdin;\n1\n\\.", true, "="],
    ["-- only a comment", true, "="],
    ["exit", true, "="],
    ["select 1; exit", false, "-"],
  ];
  for (const [typed, complete, mark] of cases) {
    test(JSON.stringify(typed), () => assert.deepEqual(completenessOf(typed), { complete, mark }));
  }
});

suite("the mark of every line", () => {
  const cases: readonly (readonly [text: string, marks: string])[] = [
    ["select\n1\n;", "=--"],
    ["select (\n1\n)\n;", "=((-"],
    ["select 'a\nb'\n;", "='-"],
    ["select $x$a\n\nb$x$;\n", "=$$="],
    ["/* a\nb */ select\n1", "=*-"],
    ["-- a\nselect\n", "==-"],
    ["select 1;\nselect\n2", "==-"],
    ["copy t from stdin;\n1\n2\n\\.\nselect\n", "=>>>=-"],
  ];
  for (const [text, marks] of cases) {
    test(JSON.stringify(text), () => {
      const { markAt } = lineStatesOf(text);
      let start = 0;
      const found = text.split("\n").map((line) => {
        const mark = markAt(start);
        start += line.length + 1;
        return mark;
      });
      assert.equal(found.join(""), marks);
    });
  }
});
