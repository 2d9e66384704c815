import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { ROOT } from "../harness/root.ts";
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

  // A pager that was typed into once wrote such: `s` and a name.
  it("beside the folders are those of a project, and nothing that a program has left", () => {
    const listed = spawnSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).stdout.split("\n");
    const beside = listed.filter((path) => path !== "" && !path.includes("/"));
    const strange = beside.filter((path) => !/^(?:\.\w+(?:\.json)?|[a-z-]+\.json|README\.md|LICENSE)$/.test(path));
    assert.deepEqual(strange, []);
  });

  it("are named for what they give", () => {
    const vague = [...readSources("grammar", "src", "repl", "test", "bench").keys()].filter((path) =>
      /(^|\/)(utils?|helpers?|common|misc|manager|handler|processor|impl|base|types)(\.|\/)/u.test(path),
    );
    assert.deepEqual(vague, []);
  });
});
