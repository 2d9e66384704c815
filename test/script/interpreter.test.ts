import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Secret } from "../../src/std/secret.ts";
import { rowsOf, runTexts } from "../harness/script-stage.ts";

suite("variables", () => {
  test("stand for themselves, as literals, as identifiers, and can be asked for", async () => {
    const { sent } = await runTexts([
      "\\set n 5\n\\set s 'it''s'\n\\set i 'My Table'\nselect :n, :'s', :\"i\", :{?n}, :{?nope};",
    ]);
    assert.deepEqual(sent, ["select 5, 'it''s', \"My Table\", TRUE, FALSE"]);
  });

  test("a literal with a backslash says so to the server", async () => {
    const { sent } = await runTexts(["\\set s 'a\\\\b'\nselect :'s';"]);
    assert.deepEqual(sent, ["select  E'a\\\\b'"]);
  });

  test("are not looked for in strings, comments, casts and assignments", async () => {
    const { sent } = await runTexts(["select ':x', a::int, f(a := 1) /* :y */;"]);
    assert.deepEqual(sent, ["select ':x', a::int, f(a := 1)"]);
  });

  test("one that is not set is refused before anything runs, with the nearest name", async () => {
    const { sent, events, transcript } = await runTexts(["\\set days 3\nselect 1;\nselect :dais;"]);
    assert.deepEqual(sent, []);
    assert.equal(transcript, "t.sql:3:8: shell/variable: variable dais is not set\nnote: nothing was run");
    const [failed] = events;
    assert.equal(failed?.type === "failed" ? failed.error.hint : "", "did you mean :days?");
  });

  test("the upper bound of an array slice is not a variable until somebody sets it", async () => {
    const { sent } = await runTexts(["select a[1:n];\n\\set n 2\nselect a[1:n];"]);
    assert.deepEqual(sent, ["select a[1:n]", "select a[12]"]);
  });

  test("\\gset takes the columns of one row, and unsets what is null", async () => {
    const answers = { SELECT: () => rowsOf(["a", "b"], ["1", null]) };
    const { transcript } = await runTexts(["\\set p_b x\nselect 1 \\gset p_\n\\echo :p_a :{?p_b}"], { answers });
    assert.equal(transcript, "stdout: 1 FALSE");
  });

  test("\\gset refuses two rows and none", async () => {
    const two = await runTexts(["select 1 \\gset"], { answers: { SELECT: () => rowsOf(["a"], ["1"], ["2"]) } });
    assert.match(two.transcript, /t\.sql:1:1: shell\/command: \\gset needs one row, the query gave 2/);
    const none = await runTexts(["select 1 \\gset"], { answers: { SELECT: () => rowsOf(["a"]) } });
    assert.match(none.transcript, /gave 0/);
  });

  test("\\getenv and backquotes bring in the outside", async () => {
    const { transcript } = await runTexts(["\\getenv who USER\n\\set d `date`\n\\echo :who :d"], {
      environment: { USER: "ann" },
    });
    assert.equal(transcript, "stdout: ann output of date");
  });

  test("ON_ERROR_STOP takes only a boolean", async () => {
    const { transcript } = await runTexts(["\\set ON_ERROR_STOP maybe"]);
    assert.match(transcript, /variable ON_ERROR_STOP takes a boolean/);
  });

  test("the last statement's outcome can be read", async () => {
    const { transcript } = await runTexts(
      [
        "\\set ON_ERROR_STOP off\nselect fail;\n\\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE\ninsert 1;\n\\echo :ERROR :ROW_COUNT",
      ],
      { answers: { INSERT: () => [{ type: "finished", tag: "INSERT 0 7", elapsedMs: 1 }] } },
    );
    assert.equal(
      transcript,
      "t.sql:2:8: engine/failed: it failed\nstdout: true 42P01 it failed\nINSERT 0 7\nstdout: false 7",
    );
  });
});

suite("secrets", () => {
  const canary = "canary-5f1d9c";

  test("fill a passphrase and print as redacted", async () => {
    const { sent, transcript } = await runTexts(
      [
        "\\secret pass env:PASS\n\\echo :pass\n\\set\nBACKUP DATABASE d INTO 'file:///x' WITH encryption_passphrase = :'pass';",
      ],
      { environment: { PASS: canary } },
    );
    assert.deepEqual(sent, [`BACKUP DATABASE d INTO 'file:///x' WITH encryption_passphrase = '${canary}'`]);
    assert.ok(!transcript.includes(canary));
    assert.match(transcript, /^stdout: ‹redacted›/);
    assert.match(transcript, /pass = '‹redacted›'/);
  });

  test("fill a password sent to the database", async () => {
    const { sent } = await runTexts(["\\secret p file:pw\nalter user ann password :'p';"], {
      files: { pw: `${canary}\n` },
    });
    assert.deepEqual(sent, [`alter user ann password '${canary}'`]);
  });

  test("may stand nowhere else", async () => {
    const { sent, transcript } = await runTexts(["\\secret p prompt\nselect :'p';"]);
    assert.deepEqual(sent, []);
    assert.equal(transcript, "t.sql:2:8: shell/variable: secret p may not stand here");
  });

  test("never stand in the script itself", async () => {
    const { transcript } = await runTexts([`\\secret p ${canary}`]);
    assert.match(transcript, /\\secret p does not say where the secret is/);
    assert.ok(!transcript.includes(canary));
  });

  test("keep their own text apart from what is shown", () => {
    assert.equal(String(new Secret(canary)), "‹redacted›");
  });
});

suite("conditions", () => {
  test("run one branch and leave the others unread", async () => {
    const { transcript } = await runTexts([
      "\\if false\nselect :never;\n\\if nonsense\n\\endif\n\\elif yes\n\\echo two\n\\elif true\n\\echo three\n\\else\n\\echo four\n\\endif\n\\echo end",
    ]);
    assert.equal(transcript, "stdout: two\nstdout: end");
  });

  test("wrong nesting is refused before anything runs", async () => {
    const { transcript, sent } = await runTexts(["select 1;\n\\else\n\\if 1\nselect 2;"]);
    assert.deepEqual(sent, []);
    assert.equal(
      transcript,
      "t.sql:2:1: shell/command: \\else without \\if\nt.sql:3:1: shell/command: \\if without \\endif\nnote: nothing was run",
    );
  });

  test("a condition that is no boolean fails when it is reached", async () => {
    const { transcript } = await runTexts(["\\if maybe\n\\endif"]);
    assert.match(transcript, /t\.sql:1:1: shell\/command: \\if takes a boolean, not "maybe"/);
  });
});

suite("where results go", () => {
  test("\\o turns output, \\g turns one query's", async () => {
    const answers = { SELECT: () => rowsOf(["a"], ["1"]) };
    const { transcript } = await runTexts(["\\o out.txt\nselect 1;\nselect 1 \\g |sort\n\\qecho hi\n\\o\nselect 1;"], {
      answers,
    });
    assert.equal(transcript, "row: 1 > out.txt\nrow: 1 > |sort\noutput: hi\nrow: 1");
  });

  test("\\g options and \\gx change one query's display only", async () => {
    const answers = { SELECT: () => rowsOf(["a"], ["1"]) };
    const { events } = await runTexts(["select 1 \\g (format=csv null=-)\nselect 1 \\gx\nselect 1;"], { answers });
    const displays = events.flatMap((event) =>
      event.type === "statement" && event.event.type === "columns" ? [event.display] : [],
    );
    assert.deepEqual(
      displays.map(({ format, expanded, nullText }) => [format, expanded, nullText]),
      [
        ["csv", "off", "-"],
        ["aligned", "on", ""],
        ["aligned", "off", ""],
      ],
    );
  });

  test("\\gdesc asks for the columns and runs nothing but the names of their types", async () => {
    const { sent } = await runTexts(['select 1 as "it\'s", price from t \\gdesc']);
    assert.deepEqual(sent, [
      'describe: select 1 as "it\'s", price from t',
      "SELECT 'it''s' AS \"Column\", pg_catalog.format_type(23, -1) AS \"Type\"" +
        " UNION ALL SELECT 'price', pg_catalog.format_type(1700, 655366)",
    ]);
  });

  test("\\gexec runs every value, nulls left out", async () => {
    const answers = { "select 1": () => rowsOf(["a", "b"], ["analyze x", null], ["analyze y", "analyze z"]) };
    const { sent } = await runTexts(["select 1 \\gexec"], { answers });
    assert.deepEqual(sent, ["select 1", "analyze x", "analyze y", "analyze z"]);
  });

  test("\\watch stops after c times", async () => {
    const { sent } = await runTexts(["select 1 \\watch i=0.001 c=3"]);
    assert.equal(sent.length, 3);
  });

  test("\\g alone runs the last query again", async () => {
    const { sent } = await runTexts(["select 1;\n\\g"]);
    assert.deepEqual(sent, ["select 1", "select 1"]);
  });
});

suite("files", () => {
  test("\\i runs a file, \\ir one beside it; \\q in it ends everything", async () => {
    const files = {
      "/work/sub/a.sql": "select 1;\n\\ir b.sql\nselect 3;",
      "/work/sub/b.sql": "select 2;\n\\q\nselect 9;",
    };
    const { sent } = await runTexts(["\\i /work/sub/a.sql\nselect 4;"], { files });
    assert.deepEqual(sent, ["select 1", "select 2"]);
  });

  test("a file that is not there is the failure of the \\i", async () => {
    const { transcript } = await runTexts(["select 1;\n\\i nowhere.sql"]);
    assert.match(transcript, /t\.sql:2:1: shell\/file: cannot read nowhere\.sql/);
  });

  test("an included file is checked with the rest", async () => {
    const { sent, transcript } = await runTexts(["select 1;\n\\i b.sql"], { files: { "b.sql": "\n\\nonsense" } });
    assert.deepEqual(sent, []);
    assert.match(transcript, /^b\.sql:2:1: shell\/command: unknown command \\nonsense/);
  });

  test("files that include each other end", async () => {
    const { transcript } = await runTexts(["\\i a.sql"], { files: { "a.sql": "\\i a.sql" } });
    assert.match(transcript, /files include each other more than 50 deep/);
  });
});

suite("commands", () => {
  test("an unknown one names the nearest, a known one that is left out says what to do instead", async () => {
    const { events } = await runTexts(["\\ech hi\n\\html"]);
    const hints = events.flatMap((event) => (event.type === "failed" ? [event.error.hint] : []));
    assert.deepEqual(hints, ["did you mean \\echo?", "use --csv, --json or \\pset format"]);
  });

  test("\\restrict refuses commands until \\unrestrict, data still loads", async () => {
    const ok = await runTexts(["\\restrict k\ncopy t from stdin;\n1\n\\.\n\\unrestrict k\n\\echo ok"]);
    assert.equal(ok.transcript, "COPY\nstdout: ok");
    const bad = await runTexts(["\\restrict k\n\\! true\n\\unrestrict k"]);
    assert.match(bad.transcript, /\\! is not allowed after \\restrict/);
    const wrong = await runTexts(["\\restrict k\n\\unrestrict other"]);
    assert.match(wrong.transcript, /\\unrestrict with another key/);
  });

  test("\\! tells its status, extra arguments are named", async () => {
    const { transcript } = await runTexts(["\\! false\n\\echo :SHELL_ERROR :SHELL_EXIT_CODE\n\\unset x y"]);
    assert.equal(transcript, 'stdout: true 1\nwarning: \\unset: extra argument "y" ignored');
  });

  test("semicolons behind a name are none of it, and stay in what is printed or set", async () => {
    const text = "\\set x a;\n\\echo :x b; 'c;'\n\\pset fieldsep ;\n\\i a.sql;\n\\cd ;\n\\i 'b;.sql'";
    const files = { "a.sql": "\\echo read", "b;.sql": "\\echo quoted" };
    const { transcript } = await runTexts([text], { files });
    assert.equal(transcript, "stdout: a; b; c;\nstdout: read\nstdout: quoted");
  });

  test("\\timing tells how long statements take", async () => {
    const { transcript } = await runTexts(["\\timing on\nanalyze;"]);
    assert.equal(transcript, "stdout: Timing is on.\nANALYZE\ntime: 1");
  });

  test("\\errors lists the rows that the last COPY refused", async () => {
    const place = { table: "t", startedAt: new Date(0), file: "s3://b/1", line: 7, column: "id", type: "integer" };
    const error = { ...place, position: 1, rawLine: "1x|a", rawValue: "1x", code: 1207, reason: "Invalid digit" };
    const { events } = await runTexts(["\\errors"], { loadErrors: [error] });
    const rows = events.flatMap((told) => {
      return told.type === "statement" && told.event.type === "rows" ? told.event.rows : [];
    });
    const at = "1970-01-01 00:00:00.000";
    assert.deepEqual(rows, [[at, "t", "s3://b/1", "7", "id", "integer", "1", "1x|a", "1x", "1207", "Invalid digit"]]);
    assert.match((await runTexts(["\\errors"])).transcript, /The last COPY refused no row\./);
  });

  test("\\errverbose tells all about the last error", async () => {
    const { transcript } = await runTexts(["\\set ON_ERROR_STOP 0\nselect fail;\n\\errverbose"]);
    assert.match(transcript, /stdout: error\[engine\/failed\]: it failed\n {2}SQLSTATE: 42P01\n {2}severity: ERROR/);
  });

  test("two commands on a line, and a separator before SQL", async () => {
    const { transcript, sent } = await runTexts(["\\echo a \\echo b\n\\x \\\\ analyze;"]);
    assert.equal(transcript, "stdout: a\nstdout: b\nANALYZE");
    assert.deepEqual(sent, ["analyze"]);
  });

  test("\\? lists every command, \\h our statements", async () => {
    const { transcript } = await runTexts(["\\?\n\\h backup\n\\h nonsense"]);
    assert.match(transcript, /\\secret NAME env:VAR/);
    assert.match(transcript, /stdout: BACKUP: copy [^]*INTO \[ \{ LATEST/);
    assert.match(transcript, /no help on nonsense/);
  });
});
