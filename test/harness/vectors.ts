// Tests as text: blocks of
//     # why the case exists
//     directive
//     input, any number of lines
//     ----
//     expected output, up to an empty line
// Empty lines inside an input are kept, as it ends at `----`. REWRITE=1 writes what the code gives into the files.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "./root.ts";

export interface Vector {
  readonly comments: readonly string[];
  readonly directive: string;
  readonly input: string;
  readonly expected: string;
  /** Where the directive stands, counted from 1. */
  readonly line: number;
}

/** What each directive makes of an input. */
export type Directives = Readonly<Record<string, (input: string) => string | Promise<string>>>;

/** The vector files of a directory below test/vectors, by full path. */
export function vectorFiles(directory: string): readonly string[] {
  const path = join(ROOT, "test/vectors", directory);
  return readdirSync(path)
    .filter((name) => name.endsWith(".txt"))
    .toSorted()
    .map((name) => join(path, name));
}

export function readVectors(file: string): readonly Vector[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const vectors: Vector[] = [];
  let comments: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? "";
    if (text === "") continue;
    if (text.startsWith("#")) {
      comments.push(text);
      continue;
    }
    const divider = lines.indexOf("----", at);
    assert.notEqual(divider, -1, `${file}:${at + 1}: no ---- after the directive ${text}`);
    const blank = lines.indexOf("", divider);
    const end = blank === -1 ? lines.length : blank;
    const [input, expected] = [lines.slice(at + 1, divider).join("\n"), lines.slice(divider + 1, end).join("\n")];
    vectors.push({ comments, directive: text, input, expected, line: at + 1 });
    comments = [];
    at = end;
  }
  return vectors;
}

/** Registers one test per vector of the directory, or rewrites the files. */
export function runVectors(directory: string, directives: Directives): void {
  for (const file of vectorFiles(directory)) {
    const vectors = readVectors(file);
    const shown = relative(ROOT, file);
    if (process.env["REWRITE"] === "1") {
      void test(`${shown} is written`, async () => {
        const printed: string[] = [];
        for (const one of vectors) printed.push(printVector(one, await answer(one, directives, shown)));
        writeFileSync(file, printed.join("\n"));
      });
      continue;
    }
    for (const vector of vectors) {
      void test(`${shown}:${vector.line} ${vector.directive}`, async () => {
        assert.equal(await answer(vector, directives, shown), vector.expected);
      });
    }
  }
}

async function answer(vector: Vector, directives: Directives, file: string): Promise<string> {
  const directive = directives[vector.directive];
  assert.ok(directive, `${file}:${vector.line}: unknown directive ${vector.directive}`);
  const output = await directive(vector.input);
  assert.ok(!/(^|\n)\n/.test(`${output}\n`), `${file}:${vector.line}: an output cannot hold an empty line`);
  return output;
}

function printVector(vector: Vector, output: string): string {
  return [...vector.comments, vector.directive, vector.input, "----", output, ""].join("\n");
}
