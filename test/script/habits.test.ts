import assert from "node:assert/strict";
import { test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { parse } from "../../grammar/index.ts";
import { withNearestHead } from "../../src/diagnostics.ts";

function hintOn(text: string, sqlState: string): string | undefined {
  const error = new ShellError("engine/failed", "x", { sqlState, severity: "ERROR", span: { start: 0, end: 1 } });
  return withNearestHead(error, parse(text).statements, text).hint;
}

test("habits from other databases are answered with the command that is meant", () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    "show tables": "\\dt lists the tables",
    "SHOW FULL TABLES": "\\dt lists the tables",
    "show databases": "\\l lists the databases",
    "show create table a": "\\d NAME describes a table",
    "describe a": "\\d NAME describes a table",
    "use shop": "\\c NAME goes to another database",
    "source x.sql": "\\i FILE runs a file",
    "show work_men": undefined,
    "select * form a": undefined,
    bakup: "did you mean BACKUP?",
  };
  for (const [text, hint] of Object.entries(cases)) {
    const state = /^\s*show/i.test(text) ? "42704" : "42601";
    assert.equal(hintOn(text, state), hint, text);
  }
});
