import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { promptSegments } from "../../../repl/app/prompt-line.ts";
import { paintLine, trimmedLine, type StyledLine } from "../../../repl/app/style.ts";

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

suite("the prompt has the colour of the profile", () => {
  const facts = { database: "shop", superuser: false, transaction: "idle", badge: "" } as const;
  const profile = { name: "live", production: false, readOnly: false, asks: true };
  const cases = [
    [{ ...profile, colour: "green" }, "\u001b[1;32mlive \u001b[22;39m\u001b[1;32mshop\u001b[22;39m"],
    [{ ...profile, production: true }, "\u001b[1;31m‹PROD live› \u001b[22;39m\u001b[1;31mshop\u001b[22;39m"],
    [
      { ...profile, name: "prod", production: true, colour: "bright-blue" },
      "\u001b[1;94m‹PROD› \u001b[22;39m\u001b[1;94mshop\u001b[22;39m",
    ],
    [profile, "\u001b[1mlive \u001b[22m\u001b[1mshop\u001b[22m"],
  ] as const;
  for (const [given, painted] of cases) {
    test(JSON.stringify(given), () => {
      const line = promptSegments({ ...facts, profile: given }, "=", 40);
      assert.equal(paintLine(line, true), `${painted}\u001b[1m=> \u001b[22m`);
      assert.equal(paintLine(line, false).includes("\u001b"), false);
    });
  }
});
