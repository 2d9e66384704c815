import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { keySourceOf, parseArguments, type ShellOptions } from "../../repl/options.ts";
import { DEFAULT_DISPLAY } from "../../src/index.ts";

function shell(...words: string[]): ShellOptions {
  const parsed = parseArguments(words, "9.9.9");
  assert.ok(parsed.kind === "shell", JSON.stringify(parsed));
  return parsed;
}

suite("arguments", () => {
  test("-c and -f keep the order they are given in", () => {
    const { scripts, connection } = shell("-c", "a", "-f", "x.sql", "-c", "b", "-f", "-", "shop");
    assert.deepEqual(scripts, [
      { kind: "command", text: "a" },
      { kind: "file", path: "x.sql" },
      { kind: "command", text: "b" },
      { kind: "file", path: "-" },
    ]);
    assert.equal(connection, "shop");
  });

  test("psql's -tAc idiom", () => {
    const { display, scripts } = shell("-tAc", "select 1");
    assert.deepEqual(display, { ...DEFAULT_DISPLAY, format: "unaligned", tuplesOnly: true });
    assert.deepEqual(scripts, [{ kind: "command", text: "select 1" }]);
  });

  test("formats, separators, settings", () => {
    assert.equal(shell("--csv").display.format, "csv");
    assert.equal(shell("--json").display.format, "json");
    assert.equal(shell("--ndjson").display.format, "ndjson");
    assert.equal(shell("-x").display.expanded, "on");
    assert.equal(shell("-A", "-F", "\t").display.fieldSeparator, "\t");
    assert.equal(shell("-P", "null=-", "-P", "border=2").display.border, 2);
    assert.equal(shell().display.format, "aligned");
  });

  test("variables are set, emptied and forgotten", () => {
    assert.deepEqual(shell("-v", "a=b=c", "-v", "e=", "-v", "f").variables, [
      ["a", "b=c"],
      ["e", ""],
      ["f", undefined],
    ]);
  });

  test("the rest", () => {
    const options = shell(
      "-1",
      "-q",
      "-X",
      "--check",
      "-o",
      "out",
      "--progress=json",
      "--color",
      "never",
      "--error-format=json",
    );
    assert.deepEqual(
      [options.singleTransaction, options.quiet, options.check, options.outputFile],
      [true, true, true, "out"],
    );
    assert.deepEqual([options.progress, options.colour, options.errorFormat], ["json", "never", "json"]);
  });

  test("an unknown option is a complaint with the nearest, exit status 1", () => {
    const parsed = parseArguments(["--chek"], "1");
    assert.ok(parsed.kind === "leave");
    assert.equal(parsed.status, 1);
    assert.match(parsed.text, /^sealift: unknown option '--chek'\n\(Did you mean --check\?\)/);
  });

  test("so is a value that is none", () => {
    const parsed = parseArguments(["--progress=fast"], "1");
    assert.ok(parsed.kind === "leave" && parsed.status === 1);
  });

  test("--help names every exit status and no option for a secret", () => {
    const parsed = parseArguments(["--help"], "1");
    assert.ok(parsed.kind === "leave" && parsed.status === 0);
    for (const status of [0, 1, 2, 3, 10, 11, 12, 13, 14, 130, 141, 143])
      assert.match(parsed.text, new RegExp(`\\b${status}\\b`));
    for (const name of ["PGHOST", "PGSERVICE", "XDG_DATA_HOME", "NO_COLOR"]) assert.ok(parsed.text.includes(name));
    assert.ok(!/--(password|passphrase|master-key|secret) </.test(parsed.text));
  });

  test("--version", () => {
    assert.deepEqual(parseArguments(["--version"], "9.9.9"), { kind: "leave", status: 0, text: "sealift 9.9.9\n" });
  });
});

suite("decrypt and inspect", () => {
  test("decrypt takes where the key is", () => {
    const parsed = parseArguments(["decrypt", "file:///x", "--info", "file:///i", "--kms", "local-kms:///k"], "1");
    assert.ok(parsed.kind === "decrypt");
    assert.deepEqual([parsed.uri, parsed.info], ["file:///x", "file:///i"]);
    assert.deepEqual(keySourceOf(parsed), { kind: "kms", uri: "local-kms:///k" });
  });

  test("exactly one key", () => {
    for (const words of [[], ["--kms", "a", "--passphrase-file", "b"]]) {
      const parsed = parseArguments(["decrypt", "u", ...words], "1");
      assert.ok(parsed.kind === "decrypt");
      assert.throws(() => keySourceOf(parsed), { code: "shell/usage" });
    }
  });

  test("inspect takes a URI and needs one", () => {
    assert.deepEqual(parseArguments(["inspect", "file:///x"], "1"), { kind: "inspect", uri: "file:///x" });
    const missing = parseArguments(["inspect"], "1");
    assert.ok(missing.kind === "leave" && missing.status === 1);
  });
});
