import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ROOT } from "./root.ts";

const RULE = "----";

/**
 * Runs a file of `input / ---- / output` blocks below test/vectors: blocks are parted by blank lines, `#` lines before
 * the input are comments. With REWRITE=1 the outputs are written anew, to be read in the diff.
 * @param file relative to test/vectors.
 * @param answer the output for an input.
 */
export function runTextVectors(file: string, answer: (input: string) => string): void {
  const path = join(ROOT, "test", "vectors", file);
  const blocks = readFileSync(path, "utf8").trimEnd().split(/\n\n+/u);
  const rewritten: string[] = [];
  describe(file, () => {
    for (const block of blocks) {
      const lines = block.split("\n");
      const comments = lines.filter((line) => line.startsWith("#"));
      const rule = lines.indexOf(RULE);
      if (rule < 0) {
        rewritten.push(block);
        continue;
      }
      const input = lines.slice(comments.length, rule).join("\n");
      const wanted = lines.slice(rule + 1).join("\n");
      if (process.env["REWRITE"] === "1") {
        rewritten.push([...comments, input, RULE, answer(input)].join("\n"));
        continue;
      }
      it(input, () => assert.equal(answer(input), wanted));
    }
  });
  if (process.env["REWRITE"] === "1") writeFileSync(path, `${rewritten.join("\n\n")}\n`);
}
