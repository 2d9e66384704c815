import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { partInput, promptText } from "../../repl/prompt.ts";

suite("what can be run from what has been typed", () => {
  const cases: readonly (readonly [typed: string, ready: string, rest: string, mark: string])[] = [
    ["select 1;\n", "select 1;\n", "", "="],
    ["select 1\n", "", "select 1\n", "-"],
    ["select 1; select\n", "select 1; ", "select\n", "-"],
    ["select 'a\n", "", "select 'a\n", "'"],
    ['select "a\n', "", 'select "a\n', '"'],
    ["select $$a\n", "", "select $$a\n", "$"],
    ["select /* a\n", "", "select /* a\n", "*"],
    ["select (1\n", "", "select (1\n", "("],
    ["\\echo a\n", "\\echo a\n", "", "="],
    ["select 1 \\g\n", "select 1 \\g\n", "", "="],
    ["copy t from stdin;\n1\n", "", "copy t from stdin;\n1\n", ">"],
    ["copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n1\n\\.\n", "", "="],
    ["-- only a comment\n", "-- only a comment\n", "", "="],
  ];
  for (const [typed, ready, rest, mark] of cases) {
    test(JSON.stringify(typed), () => assert.deepEqual(partInput(typed), { ready, rest, mark }));
  }
});

test("prompts tell database, what is missing, transaction and rights", () => {
  const shop = { database: "shop", superuser: false, transaction: "idle" } as const;
  assert.equal(promptText(shop, "="), "shop=> ");
  assert.equal(promptText({ ...shop, superuser: true, transaction: "open" }, "-"), "shop-*# ");
  assert.equal(promptText({ ...shop, transaction: "failed" }, "'"), "shop'!> ");
  assert.equal(promptText({ ...shop, transaction: "lost" }, "="), "shop=?> ");
  assert.equal(promptText({ ...shop, transaction: "open" }, ">"), ">> ");
});
