import assert from "node:assert/strict";
import { test } from "node:test";
import {
  complete,
  isComplete,
  parse,
  print,
  showAll,
  splitScript,
  tokens,
  type Diagnostic,
  type Statement,
} from "../../grammar/index.ts";
import { lex } from "../../grammar/lexer.ts";
import { readVectors, vectorFiles } from "../harness/vectors.ts";

/** Every input of every vector of these directives. */
function inputsOf(...directives: readonly string[]): readonly string[] {
  return vectorFiles("grammar")
    .flatMap(readVectors)
    .filter((vector) => directives.includes(vector.directive))
    .map((vector) => vector.input);
}

function withoutSpans(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === "span" ? undefined : part)));
}

function ours(source: string): readonly Statement[] {
  return parse(source).statements.filter((statement) => statement.kind !== "passthrough");
}

const VALID = inputsOf("print").filter((source) => ours(source).length > 0);
const INVALID = inputsOf("complain").filter((source) =>
  parse(source).diagnostics.some((diagnostic) => diagnostic.severity === "error"),
);

void test("the vectors hold at least 110 statements that are read and 70 that are refused", () => {
  assert.ok(VALID.length >= 110, `${VALID.length} valid`);
  assert.ok(INVALID.length >= 70, `${INVALID.length} invalid`);
});

void test("what is printed reads as what was printed", () => {
  for (const statement of VALID.flatMap(ours)) {
    const printed = print(statement, { mask: showAll });
    assert.deepEqual(withoutSpans(parse(printed).statements), [withoutSpans(statement)], printed);
    assert.equal(print(statement), print(parse(printed).statements[0] ?? statement), "hidden alike");
  }
});

void test("a statement is read alike in every dialect", () => {
  for (const statement of VALID.flatMap(ours)) {
    const printed = print(statement, { mask: showAll });
    assert.deepEqual(
      withoutSpans(parse(printed, { dialect: "redshift" }).statements),
      withoutSpans(parse(printed, { dialect: "cockroach" }).statements),
      printed,
    );
  }
});

/** Where a backslash escapes in '…' whatever the dialect. */
function isRedshift(source: string): boolean {
  return /^\s*(?:EXPLAIN\s+)?(?:UNLOAD|COPY|\w+(?: OR REPLACE)? TEMPLATE)\b/i.test(source);
}

/** A query without quotes is kept with its comments. */
function hasBareQuery(source: string): boolean {
  return ours(source).some(
    (statement) => "query" in statement && "form" in statement.query && statement.query.form === "bare",
  );
}

void test("a comment in every gap changes nothing", () => {
  for (const source of VALID.filter((input) => !hasBareQuery(input))) {
    const { tokens: read } = lex(source, { start: 0, end: source.length }, isRedshift(source));
    const images = read.map((token) => token.image);
    for (const gap of ["/* ' ; /* $$ */ */", " -- ' $$ \" ;\n"]) {
      const commented = `${gap}${images.join(gap)}${gap}`;
      assert.deepEqual(withoutSpans(ours(commented)), withoutSpans(ours(source)), commented);
    }
  }
});

void test("every span is the text it stands for", () => {
  for (const source of VALID) {
    for (const statement of ours(source)) {
      const again = parse(source.slice(statement.span.start, statement.span.end)).statements;
      assert.deepEqual(withoutSpans(again), [withoutSpans(statement)], source);
    }
  }
});

void test("no beginning of a text makes anything throw, and every complaint lies within the text", () => {
  for (const source of inputsOf("print", "complain", "split")) {
    for (let end = 0; end <= source.length; end++) {
      const text = source.slice(0, end);
      splitScript(text);
      isComplete(text);
      tokens(text);
      complete(text, end);
      for (const { span } of parse(text).diagnostics) {
        assert.ok(span.start >= 0 && span.start <= span.end && span.end <= end, `${text}: ${span.start}-${span.end}`);
      }
    }
  }
});

void test("items of a script lie in order and hold the text between their offsets", () => {
  for (const source of inputsOf("split")) {
    let at = 0;
    for (const item of splitScript(source)) {
      if (item.kind === "command") continue;
      assert.ok(item.span.start >= at);
      assert.equal(item.text.length, item.span.end - item.span.start);
      for (const variable of item.variables) {
        assert.match(source.slice(variable.span.start, variable.span.end), /^:(?:\w|'|"|\{\?)/);
      }
      at = item.span.end;
    }
  }
});

const CANARY = "canary-7f3a";
// Strings that name something rather than hold a secret: they are shown.
const SHOWN = new Set(["text"]);

void test("no string in a secret position is printed by default", () => {
  let planted = 0;
  for (const source of VALID) {
    for (const statement of ours(source)) {
      const secret = plant(statement);
      planted += secret.count;
      assert.ok(!print(secret.statement).includes(CANARY), print(secret.statement));
      if (secret.count > 0) assert.ok(print(secret.statement, { mask: showAll }).includes(CANARY));
    }
  }
  assert.ok(planted > 100, `${planted} planted`);
});

/** An error about what stands there, rather than about its standing there twice. */
function isMisfit({ severity, message }: Diagnostic): boolean {
  return severity === "error" && !message.endsWith("multiple times");
}

/** The statement with the canary in every string of a secret position. */
function plant(statement: Statement): { readonly statement: Statement; readonly count: number } {
  let count = 0;
  const text = JSON.stringify(statement, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || !("position" in part) || !("value" in part)) return part;
    if (SHOWN.has(String(part.position))) return part;
    count++;
    return { ...part, value: CANARY };
  });
  return { statement: JSON.parse(text) as Statement, count };
}

void test("every suggestion, put in, is read", () => {
  for (const source of VALID) {
    for (let cursor = 0; cursor <= source.length; cursor += 3) {
      const before = source.slice(0, cursor);
      const start = before.length - (/[a-z_][a-z0-9_]*$/i.exec(before)?.[0].length ?? 0);
      for (const { text } of complete(before, cursor)) {
        const suggested = `${before.slice(0, start)}${text}`;
        const misfit = parse(suggested).diagnostics.find(
          (diagnostic) => isMisfit(diagnostic) && diagnostic.span.start >= start && diagnostic.span.end > start,
        );
        assert.ok(misfit === undefined || misfit.span.start >= suggested.length, `${suggested}: ${misfit?.message}`);
      }
    }
  }
});
