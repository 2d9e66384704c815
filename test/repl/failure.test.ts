import assert from "node:assert/strict";
import { suite, test } from "node:test";
import stringWidth from "string-width";
import { renderFailure, type FailureStyle } from "../../repl/failure/render.ts";
import { secretSpansOf, ShellError, type Place } from "../../src/index.ts";

const ANATOMY: FailureStyle = { form: "anatomy", colour: false, annotate: false };
const LINE: FailureStyle = { ...ANATOMY, form: "line" };

/** A place whose span is the part between ‹ and › of the text. */
function marked(text: string, name = "nightly.sql"): { place: Place; span: { start: number; end: number } } {
  const start = text.indexOf("‹");
  const end = text.indexOf("›") - 1;
  const source = { name, text: text.replace("‹", "").replace("›", "") };
  return { place: { source, span: { start: 0, end: source.text.length } }, span: { start, end } };
}

function rendered(error: ShellError, place: Place | undefined, style: FailureStyle): string {
  return renderFailure(
    error,
    { place, secretSpans: () => (place === undefined ? [] : secretSpansOf(place.source)) },
    style,
  );
}

suite("at a terminal", () => {
  test("code, place, excerpt with a caret, then what to do", () => {
    const { place, span } = marked("select 1;\nselect ‹ballance› from accounts;");
    const error = new ShellError("engine/failed", 'column "ballance" does not exist', {
      span,
      severity: "ERROR",
      sqlState: "42703",
      detail: ["first", "second\nline"],
      hint: "perhaps balance",
      note: "nothing was written",
    });
    assert.equal(
      rendered(error, place, ANATOMY),
      `error[42703]: column "ballance" does not exist
  --> nightly.sql:2:8
   |
 2 | select ballance from accounts;
   |        ^^^^^^^^
   = detail: first
   = detail: second
             line
   = help: perhaps balance
   = note: nothing was written
`,
    );
  });

  test("carets stand under wide characters and tabs", () => {
    const { place, span } = marked("\tselect '日本', ‹bad›;");
    const lines = rendered(new ShellError("engine/failed", "x", { span }), place, ANATOMY).split("\n");
    assert.equal(lines[3], " 1 |     select '日本', bad;");
    // The two characters take two columns each.
    assert.equal(lines[4], `   | ${" ".repeat(4 + 7 + 6 + 2)}^^^`);
  });

  test("a line that is longer than the terminal is cut around what the carets point at", () => {
    const cases: Readonly<Record<string, readonly [text: string, caret: string]>> = {
      [`select ‹wrong›, '${"x".repeat(40)}'`]: ["select wrong, 'xxxxxxxxx…", "       ^^^^^"],
      [`select '${"x".repeat(40)}', ‹wrong›`]: ["…xxxxxxxxxxxxxxxx', wrong", "                    ^^^^^"],
      [`select '${"日".repeat(20)}', ‹wrong› ${"y".repeat(40)}`]: ["…日日', wrong yyyyyyyyyy…", "        ^^^^^"],
      [`‹select '${"x".repeat(40)}'›`]: ["select 'xxxxxxxxxxxxxxxx…", "^^^^^^^^^^^^^^^^^^^^^^^^"],
      "select ‹wrong›": ["select wrong", "       ^^^^^"],
    };
    for (const [text, expected] of Object.entries(cases)) {
      const { place, span } = marked(text);
      const style = { ...ANATOMY, columns: () => 30 };
      const lines = rendered(new ShellError("engine/failed", "x", { span }), place, style).split("\n");
      assert.deepEqual(
        lines.slice(3, 5).map((line) => line.slice(5)),
        expected,
      );
      for (const line of lines.slice(2)) assert.ok(stringWidth(line) <= 30, line);
    }
  });

  test("at most three lines, each with its carets", () => {
    const { place, span } = marked("‹a\nb\nc\nd›");
    const text = rendered(new ShellError("engine/failed", "x", { span }), place, ANATOMY);
    assert.equal(text.match(/\^/g)?.length, 3);
    assert.ok(!text.includes("| d"));
  });

  test("secrets in the excerpt are hidden, the caret still stands right", () => {
    const { place, span } = marked("alter user ann password 'canary-77' ‹oops›;");
    const text = rendered(new ShellError("engine/failed", "x", { span }), place, ANATOMY);
    assert.ok(!text.includes("canary-77"));
    const [, , , line = "", caret = ""] = text.split("\n");
    assert.equal(caret.indexOf("^"), line.indexOf("oops"));
  });

  test("a URI shows where it goes and hides its parameters", () => {
    const { place, span } = marked("BACKUP DATABASE d INTO ‹'s3://b/p?AWS_SECRET_ACCESS_KEY=canary-78'›;");
    const text = rendered(new ShellError("storage/denied", "x", { span }), place, ANATOMY);
    assert.ok(!text.includes("canary-78"));
    assert.match(text, /'s3:\/\/b\/p\?AWS_SECRET_ACCESS_KEY=‹redacted›'/);
  });

  test("a statement that cannot be read shows none of its strings", () => {
    const { place, span } = marked("BACKUP DATABASE d INTO 'x' WITH ‹encription_passphrase› = 'canary-79';");
    assert.ok(!rendered(new ShellError("syntax/unexpected", "x", { span }), place, ANATOMY).includes("canary-79"));
  });

  test("control characters cannot steer the terminal", () => {
    const { place, span } = marked("select '\u001b[2J' ‹x›");
    assert.ok(!rendered(new ShellError("engine/failed", "bad \u001b[2J", { span }), place, ANATOMY).includes("\u001b"));
  });

  test("colour adds nothing but colour", () => {
    const { place, span } = marked("select ‹x›");
    const error = new ShellError("engine/failed", "x", { span, hint: "h" });
    const coloured = rendered(error, place, { ...ANATOMY, colour: true });
    assert.notEqual(coloured, rendered(error, place, ANATOMY));
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ""), rendered(error, place, ANATOMY));
  });
});

suite("off a terminal", () => {
  const { place, span } = marked("x;\n  ‹y›");
  const error = new ShellError("option/unknown", "no such\noption", { span, detail: ["a\nb"], hint: "h", note: "n" });

  test("one line that editors understand, then what else is known", () => {
    assert.equal(
      rendered(error, place, LINE),
      "nightly.sql:2:3: error[option/unknown]: no such option\n  detail: a\n  detail: b\n  hint: h\n  note: n\n",
    );
  });

  test("without a place the program's name stands there", () => {
    assert.equal(rendered(new ShellError("shell/usage", "no"), undefined, LINE), "sealift: error[shell/usage]: no\n");
  });

  test("GitHub's annotation is one line more", () => {
    assert.match(
      rendered(error, place, { ...LINE, annotate: true }),
      /\n::error file=nightly\.sql,line=2,col=3::error\[option\/unknown\]: no such%0Aoption\n$/,
    );
  });

  test("json holds everything on one line", () => {
    const text = rendered(error, place, { ...LINE, form: "json" });
    assert.deepEqual(JSON.parse(text), {
      v: 1,
      type: "error",
      code: "option/unknown",
      sqlstate: "22023",
      severity: null,
      exit_code: 3,
      retryable: false,
      message: "no such\noption",
      detail: ["a\nb"],
      hint: "h",
      note: "n",
      file: "nightly.sql",
      line: 2,
      column: 3,
    });
  });
});
