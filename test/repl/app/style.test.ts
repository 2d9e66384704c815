import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { trimmedLine, type StyledLine } from "../../../repl/app/style.ts";

suite("lines of the frame end with what is seen", () => {
  const cases: readonly (readonly [name: string, line: StyledLine, trimmed: StyledLine])[] = [
    ["plain blanks go", [{ text: "a  ", style: "plain" }], [{ text: "a", style: "plain" }]],
    [
      "and coloured ones, whole segments of them",
      [
        { text: "a b ", style: "dim" },
        { text: "   ", style: "dim" },
      ],
      [{ text: "a b", style: "dim" }],
    ],
    ["what is selected is seen", [{ text: "a  ", style: "selected" }], [{ text: "a  ", style: "selected" }]],
    ["nothing", [{ text: "   ", style: "plain" }], []],
  ];
  for (const [name, line, trimmed] of cases) test(name, () => assert.deepEqual(trimmedLine(line), trimmed));
});
