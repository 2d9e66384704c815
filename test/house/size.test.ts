import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSources } from "./sources.ts";

const LINES_MAX = 300;

/** Tables of data, which only grow in length. */
const TABLES = new Set(["src/errors.ts", "src/location-schemes.ts", "grammar/tokens.ts"]);

describe("files", () => {
  it(`have at most ${LINES_MAX} lines, but for tables`, () => {
    const long = [...readSources("grammar", "src", "repl", "test", "bench")]
      .map(([path, source]) => ({ path, lines: source.trimEnd().split("\n").length }))
      .filter(({ path, lines }) => lines > LINES_MAX && !TABLES.has(path))
      .map(({ path, lines }) => `${path}: ${lines}`);
    assert.deepEqual(long, []);
  });

  it("are named for what they give", () => {
    const vague = [...readSources("grammar", "src", "repl", "test", "bench").keys()].filter((path) =>
      /(^|\/)(utils?|helpers?|common|misc|manager|handler|processor|impl|base|types)(\.|\/)/u.test(path),
    );
    assert.deepEqual(vague, []);
  });
});
