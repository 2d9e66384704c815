import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { parsePgDumpToc } from "../../src/formats/pg-dump-toc.ts";
import { ROOT } from "../harness/root.ts";

// The same small database, dumped by pg_dump 15 (archive version 1.14) and by pg_dump 18 (1.16).
const SCHEMA_ONLY = ["native-15.dump", "wasm-18.dump"];
const WITH_DATA = ["native-15-data.dump", "native-15-toc.dat"];

function fixture(name: string): Uint8Array {
  return readFileSync(join(ROOT, "fixtures", "dumps", name));
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (thrown) {
    return thrown instanceof ShellError ? thrown.code : String(thrown);
  }
}

describe("pg_dump archive", () => {
  for (const name of [...SCHEMA_ONLY, ...WITH_DATA]) {
    test(`${name}: names, texts and dependencies are exact`, () => {
      const toc = parsePgDumpToc(fixture(name));
      assert.equal(toc.database, "tocfix");
      assert.match(toc.serverVersion, /^15\.18/);
      const table = toc.entries.find(({ type }) => type === "TABLE");
      assert.ok(table !== undefined);
      assert.equal(table.tag, 'Ta"ble; -- x');
      assert.equal(table.schema, "public");
      assert.equal(table.owner, "postgres");
      assert.equal(table.accessMethod, "heap");
      assert.equal(table.section, "pre-data");
      assert.equal(table.catalogOid, 1259);
      assert.ok(table.create.includes("\"new\nline\" text DEFAULT 'ü'::text"));
      assert.equal(table.drop, 'DROP TABLE public."Ta""ble; -- x";\n');
      const view = toc.entries.find(({ type }) => type === "VIEW");
      assert.ok(view?.dependencies.includes(table.dumpId));
      const comment = toc.entries.find(({ type, tag }) => type === "COMMENT" && tag === "VIEW v");
      assert.equal(comment?.section, "none");
      assert.deepEqual(comment?.dependencies, [view?.dumpId]);
      assert.equal(toc.entries.find(({ type }) => type === "CONSTRAINT")?.section, "post-data");
    });
  }

  test("the relation's kind is read where the version has it", () => {
    const kinds = (name: string): string[] =>
      parsePgDumpToc(fixture(name))
        .entries.map(({ relationKind }) => relationKind)
        .filter((kind) => kind !== "");
    assert.deepEqual(kinds("wasm-18.dump"), ["r", "v"]);
    assert.deepEqual(kinds("native-15.dump"), []);
  });

  test("entries of rows are read past", () => {
    for (const name of WITH_DATA) {
      const rows = parsePgDumpToc(fixture(name)).entries.find(({ type }) => type === "TABLE DATA");
      assert.equal(rows?.section, "data");
      assert.match(rows?.copy ?? "", /^COPY public\."Ta""ble; -- x" /);
    }
  });

  for (const name of SCHEMA_ONLY) {
    test(`${name}: cut anywhere it is refused`, () => {
      const whole = fixture(name);
      for (let length = 0; length < whole.length; length++) {
        assert.equal(
          codeOf(() => parsePgDumpToc(whole.subarray(0, length))),
          "integrity/truncated",
          `at ${length}`,
        );
      }
    });
  }

  test("other versions and other files are refused", () => {
    const patched = (at: number, byte: number): Uint8Array => {
      const bytes = Uint8Array.from(fixture("wasm-18.dump"));
      bytes[at] = byte;
      return bytes;
    };
    // major, minor, integer size, format
    for (const [at, byte] of [
      [5, 2],
      [6, 13],
      [6, 17],
      [8, 8],
      [10, 5],
      [0, 0x51],
    ] as const) {
      assert.equal(
        codeOf(() => parsePgDumpToc(patched(at, byte))),
        "backup/version",
        `byte ${at} = ${byte}`,
      );
    }
  });
});
