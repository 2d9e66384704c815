import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CODES } from "../../src/errors.ts";
import { ROOT } from "../harness/root.ts";
import { filesBelow } from "./sources.ts";

const codes = Object.keys(CODES);

function sections(): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, "docs", "errors.md"), "utf8");
  const parts = text.split(/^## /mu).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")).trim(), part]));
}

function testTexts(): readonly string[] {
  const files = filesBelow("test").filter((path) => !path.startsWith("test/house/") && /\.(tsx?|txt)$/u.test(path));
  return files.map((path) => readFileSync(join(ROOT, path), "utf8"));
}

describe("error codes", () => {
  it("are all documented, and nothing else is", () => {
    assert.deepEqual([...sections().keys()].sort(), [...codes].sort());
  });

  it("say what they mean, show an example and name a next step", () => {
    for (const [code, text] of sections()) {
      assert.match(text, /\n```\nerror\[/u, `${code} shows an example`);
      assert.ok(text.includes(`error[${code}]:`), `${code}'s example is its own`);
      assert.match(text, /\nWhat to do: \S/u, `${code} says what to do`);
    }
  });

  it("are all raised in some test", () => {
    const texts = testTexts();
    const untested = codes.filter((code) => !texts.some((text) => text.includes(code)));
    assert.deepEqual(untested.sort(), []);
  });
});
