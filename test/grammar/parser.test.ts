import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isComplete,
  nearestHead,
  parse,
  passedHint,
  print,
  splitScript,
  tokens,
  type Mask,
} from "../../grammar/index.ts";
import { StatementParser } from "../../grammar/parser.ts";
import { RULES } from "../../grammar/statements.ts";

void test("the rules are free of ambiguities and left recursion", () => {
  assert.doesNotThrow(() => new StatementParser(RULES, true));
});

void test("a finer mask is told what each string is", () => {
  const seen: string[] = [];
  const mask: Mask = (literal, position) => {
    seen.push(`${position} ${literal.value}`);
    return `<${position}>`;
  };
  const [statement] = parse("BACKUP INTO 'sub' IN 's3://b' WITH kms = 'k', encryption_passphrase = 'p'").statements;
  assert.ok(statement);
  assert.equal(
    print(statement, { mask }),
    "BACKUP INTO 'sub' IN '<location>' WITH kms = '<kms>', encryption_passphrase = '<passphrase>'",
  );
  assert.deepEqual(seen, ["location s3://b", "kms k", "passphrase p"]);
});

void test("literals of every kind are decoded", () => {
  const value = (literal: string, dialect: "postgres" | "redshift" = "postgres"): unknown => {
    const [statement] = parse(`CHECK KMS ${literal}`, { dialect }).statements;
    const uri = statement?.kind === "check-kms" ? statement.uris[0] : undefined;
    return uri?.kind === "string" ? uri.value : undefined;
  };
  assert.equal(value("'it''s'"), "it's");
  assert.equal(value("'a\\b'"), "a\\b");
  assert.equal(value("E'a\\n\\x41\\101\\u00e9\\U0001F600\\'\\\\\\q'"), "a\nAA\u00e9\u{1f600}'\\q");
  assert.equal(value("E'caf\\xc3\\xa9 \\303\\251'"), "caf\u00e9 \u00e9");
  assert.equal(value("U&'\\0041\\+00005A\\\\'"), "AZ\\");
  assert.equal(value("b'a\\tb'"), "a\tb");
  assert.equal(value("x'6162'"), "ab");
  assert.equal(value("$$a'b$$"), "a'b");
  assert.equal(value("$q$a$$b$q$"), "a$$b");
  assert.equal(value('"A""b"'), 'A"b');
  assert.equal(value("Bare_Word"), "bare_word");
  assert.equal(value("'it\\'s \\\\ \\N'", "redshift"), "it's \\ \\N");
});

void test("expected words are given one by one", () => {
  const [diagnostic] = parse("ALTER JOB 5 OWNER bob").diagnostics;
  assert.deepEqual(diagnostic?.expected, ["TO"]);
});

void test("a word that stands for a string is not repeated", () => {
  const [diagnostic] = parse("BACKUP INTO 'x' WITH encryption_passphrase = hunter2 detached").diagnostics;
  assert.equal(diagnostic?.message, 'expected "," or the end of the statement after the string');
});

void test("a byte order mark is white space", () => {
  assert.equal(parse("\ufeffBACKUP INTO 'x'").statements[0]?.kind, "backup");
});

void test("passthrough text is the source, character for character", () => {
  const source = "  select  1 -- one\n + 2 ;\tselect 'x' ; ";
  assert.deepEqual(
    parse(source).statements.map((statement) => statement.kind === "passthrough" && statement.text),
    ["select  1 -- one\n + 2", "select 'x'"],
  );
});

void test("Enter submits when nothing is open", () => {
  for (const text of [
    "",
    "  ",
    "-- x",
    "select 1;",
    "select 1 \\g",
    "\\x",
    "select 1 \\q",
    "copy t from stdin;\n1\n\\.\n",
  ]) {
    assert.ok(isComplete(text), text);
  }
  for (const text of [
    "select 1",
    "select ';",
    "select (1;",
    "/* x",
    "select 1 \\x",
    "copy t from stdin;\n1\n",
    "backup",
  ]) {
    assert.ok(!isComplete(text), text);
  }
  assert.ok(isComplete("select '\\';"));
  assert.ok(!isComplete("select '\\';", { backslashEscapes: true }));
});

void test("colours", () => {
  const source = "BACKUP t INTO 'x' WITH encryption_passphrase = 'p' -- c\n; \\echo hi\nselect :a, 1.5 <> $1";
  assert.deepEqual(
    tokens(source).map(({ kind, span }) => `${kind} ${source.slice(span.start, span.end)}`),
    [
      "keyword BACKUP",
      "identifier t",
      "keyword INTO",
      "string 'x'",
      "keyword WITH",
      "keyword encryption_passphrase",
      "operator =",
      "secret 'p'",
      "comment -- c",
      "operator ;",
      "command \\echo",
      "keyword select",
      "variable :a",
      "operator ,",
      "number 1.5",
      "operator <>",
      "variable $1",
    ],
  );
});

void test("splitting takes no more time than the text is long, also of hostile text", () => {
  const hostile = [
    "$b$c".repeat(100_000),
    "/*".repeat(200_000),
    "\\x ".repeat(200_000),
    "copy t from stdin; ".repeat(20_000),
    "select \\p\n".repeat(50_000),
    "+-".repeat(100_000),
    "((((".repeat(100_000),
    `copy t from stdin;\n${"1\t2\n".repeat(500_000)}\\.\n`,
  ];
  for (const text of hostile) {
    // A quadratic splitter takes minutes for each, which is longer than a test may run.
    assert.ok(splitScript(text).length > 0);
  }
});

void test("a mistyped or unfinished head finds the one that was meant", () => {
  const meant: readonly (readonly [string, string | undefined])[] = [
    ["BACKP DATABASE shop INTO 'x'", "BACKUP"],
    ["unlaod ('select 1') TO 'x'", "UNLOAD"],
    ["VERIFY FROM LATEST IN 'x'", "VERIFY BACKUP"],
    ["VERIFY BACKUPS FROM LATEST IN 'x'", "VERIFY BACKUP"],
    ["CREATE KMS 'x'", "CREATE KMS KEY"],
    ["CHECK KM 'x'", "CHECK KMS"],
    ["CREATE EXTERNAL CONECTION a AS 'x'", "CREATE EXTERNAL CONNECTION"],
    ["SHOW EXTERNAL CONECTIONS", "SHOW EXTERNAL CONNECTIONS"],
    ["SHOW BACKP IN 'x'", "SHOW BACKUP"],
    ["BACKUP INTO", undefined],
    ["create table", undefined],
    ["create schema 1", undefined],
    ["alter table", undefined],
    ["selct 1", undefined],
    ["show search_pth", undefined],
    ["", undefined],
  ];
  for (const [source, head] of meant) assert.equal(nearestHead(source), head, source);
});

void test("what went to the server and is nearly ours gets its next step", () => {
  const hints: readonly (readonly [string, RegExp | undefined])[] = [
    ["copy sales into 's3://b'", /UNLOAD \('SELECT …'\) TO 'uri' writes/],
    ["COPY sales (a, b) INTO 's3://b'", /UNLOAD/],
    ["COPY sales FROM s3://b/x", /in quotes/],
    ["DROP BACKUP LATEST IN 'x'", /delete its folder/],
    ["delete backups in 'x'", /delete its folder/],
    ["COPY sales FROM STDIN", undefined],
    ["DROP TABLE backup", undefined],
  ];
  for (const [source, hint] of hints) {
    if (hint === undefined) assert.equal(passedHint(source), undefined, source);
    else assert.match(passedHint(source) ?? "", hint, source);
  }
});
