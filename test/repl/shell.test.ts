import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { suite, test } from "node:test";
import { ShellError, type Doors } from "../../src/index.ts";
import { FakeSession, rowsOf, type Answers } from "../harness/script-stage.ts";
import { directory, sealift } from "../harness/shell-stage.ts";

const ONE_ROW: Answers = { SELECT: () => rowsOf(["a"], ["1"]) };

suite("stdout is data, stderr is narration", () => {
  test("command tags go to stderr off a terminal, to stdout on one, nowhere with -q", async () => {
    const off = await sealift(["-c", "insert"]);
    assert.deepEqual([off.out, off.err], ["", "INSERT\n"]);
    const on = await sealift(["-c", "insert"], { terminal: true });
    assert.deepEqual([on.out, on.err], ["INSERT\n", ""]);
    const quiet = await sealift(["-q", "-c", "insert"]);
    assert.deepEqual([quiet.out, quiet.err], ["", ""]);
  });

  test("a data format keeps stdout clean even on a terminal", async () => {
    const { out } = await sealift(["--csv", "-c", "insert", "-c", "select"], { terminal: true, answers: ONE_ROW });
    assert.equal(out, "a\n1\n");
  });

  test("rows with a tag that counts show both", async () => {
    const answers: Answers = {
      INSERT: () => [...rowsOf(["id"], ["7"]).slice(0, 2), { type: "finished", tag: "INSERT 0 1", elapsedMs: 1 }],
    };
    const { out, err } = await sealift(["-At", "-c", "insert"], { answers });
    assert.deepEqual([out, err], ["7\n", "INSERT 0 1\n"]);
  });

  test("\\echo, \\warn, timing and notices", async () => {
    const answers: Answers = {
      SELECT: () => [{ type: "notice", severity: "NOTICE", message: "watch out", hint: "h" }, ...rowsOf(["a"], ["1"])],
    };
    const { out, err } = await sealift(["-tA"], { answers, stdin: "\\echo e\n\\warn w\n\\timing on\nselect 1;\n" });
    assert.equal(out, "e\nTiming is on.\n1\n");
    assert.equal(err, "w\nNOTICE:  watch out\nHINT:  h\nTime: 1.500 ms\n");
  });

  test("COPY TO STDOUT is data without a tag", async () => {
    const answers: Answers = {
      COPY: () => [
        { type: "copy-data", bytes: Buffer.from("1\t2\n") },
        { type: "finished", tag: "COPY 1", elapsedMs: 1 },
      ],
    };
    const { out, err } = await sealift(["-c", "copy t to stdout"], { answers });
    assert.deepEqual([out, err], ["1\t2\n", ""]);
  });

  test("\\copy to a file or a program tells how many rows went there; where results go anyway it does not", async () => {
    const answers: Answers = {
      COPY: () => [
        { type: "copy-data", bytes: Buffer.from("1\t2\n") },
        { type: "finished", tag: "COPY 1", elapsedMs: 1 },
      ],
    };
    const path = join(directory, "copied.txt");
    const { out, err } = await sealift([], {
      answers,
      stdin: `\\copy t to ${path}\n\\copy t to program 'cat >>${path}'\n\\copy t to stdout\n\\o ${path}.o\n\\copy t to stdout\n`,
    });
    assert.deepEqual([out, err], ["1\t2\n", "COPY 1\nCOPY 1\n"]);
    assert.deepEqual([readFileSync(path, "utf8"), readFileSync(`${path}.o`, "utf8")], ["1\t2\n1\t2\n", "1\t2\n"]);
  });

  test("-o sends results to a file and nothing else there", async () => {
    const path = join(directory, "out.txt");
    const { out, err } = await sealift(["-tA", "-o", path, "-c", "select", "-c", "insert", "-c", "select"], {
      answers: ONE_ROW,
    });
    assert.deepEqual([out, err, readFileSync(path, "utf8")], ["", "INSERT\n", "1\n1\n"]);
  });

  test("\\g writes one file for one query; |command gets the rows", async () => {
    const path = join(directory, "g.txt");
    const sorted = join(directory, "sorted.txt");
    const answers: Answers = { SELECT: () => rowsOf(["a"], ["2"], ["1"]) };
    await sealift(["-tA"], { answers, stdin: `select 1 \\g ${path}\nselect 1 \\g |sort > ${sorted}\n` });
    assert.equal(readFileSync(path, "utf8"), "2\n1\n");
    assert.equal(readFileSync(sorted, "utf8"), "1\n2\n");
  });
});

suite("exit status", () => {
  test("0, and 3 for a failed statement", async () => {
    assert.equal((await sealift(["-c", "select 1"])).status, 0);
    const failed = await sealift(["-c", "select fail"]);
    assert.equal(failed.status, 3);
    assert.equal(failed.err, "<command>:1:8: error[42P01]: it failed\n");
  });

  test("3 even when ON_ERROR_STOP=0 goes on", async () => {
    const { status, session } = await sealift(["-v", "ON_ERROR_STOP=0"], { stdin: "select fail; select 2;" });
    assert.equal(status, 3);
    assert.deepEqual(session.sent, ["select fail", "select 2"]);
  });

  test("the code's own status for our statements, the first of several", async () => {
    const session = new FakeSession({
      BACKUP: () => [{ type: "failed", error: new ShellError("storage/denied", "no") }],
    });
    const { status } = await sealift(["-v", "ON_ERROR_STOP=0", "-c", "BACKUP x", "-c", "select fail"], { session });
    assert.equal(status, 11);
  });

  test("1 for usage and for a file that is not there", async () => {
    assert.equal((await sealift(["--nope"])).status, 1);
    const missing = await sealift(["-f", join(directory, "nowhere.sql")]);
    assert.equal(missing.status, 1);
    assert.match(
      missing.err,
      /^sealift: error\[shell\/file\]: cannot read .*nowhere\.sql: no such file or directory\n/,
    );
  });

  test("130 when interrupted, 143 when terminated", async () => {
    for (const [signal, expected] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { status, session } = await sealift(["-c", "select 1"], { onStart: (stop) => stop(signal) });
      assert.equal(status, expected);
      assert.deepEqual(session.sent, []);
    }
  });

  test("141 without a word when the reader left", async () => {
    const gone = new Writable({
      write: (_piece, _encoding, done) => done(Object.assign(new Error("gone"), { code: "EPIPE" })),
    });
    const { status, err } = await sealift(["-c", "select 1"], { answers: ONE_ROW, stdout: gone });
    assert.deepEqual([status, err], [141, ""]);
  });

  test("1 when stdout cannot be written", async () => {
    const full = new Writable({
      write: (_piece, _encoding, done) => done(Object.assign(new Error("full"), { code: "ENOSPC" })),
    });
    const { status, err } = await sealift(["-c", "select 1"], { answers: ONE_ROW, stdout: full });
    assert.equal(status, 1);
    assert.ok(err.includes("error[shell/output]: cannot write to standard output: no space left on device"), err);
  });
});

suite("scripts", () => {
  test("-f, -c and stdin run in the order given; a byte order mark is no statement", async () => {
    const path = join(directory, "a.sql");
    writeFileSync(path, "\ufeffselect 'file';");
    const { session } = await sealift(["-c", "select 'first'", "-f", path, "-f", "-"], { stdin: "select 'stdin'" });
    assert.deepEqual(session.sent, ["select 'first'", "select 'file'", "select 'stdin'"]);
  });

  test("-v sets variables for all of them", async () => {
    const { session } = await sealift(["-v", "n=5", "-c", "select :n"]);
    assert.deepEqual(session.sent, ["select 5"]);
  });

  test("errors at a terminal have an excerpt, in json one object", async () => {
    const terminal = await sealift(["-c", "select fail", "--color=never"], { terminal: true });
    assert.match(terminal.err, / --> <command>:1:8\n {3}\|\n 1 \| select fail\n {3}\| {8}\^{4}\n/);
    const json = await sealift(["--error-format=json", "-c", "select fail"]);
    assert.equal((JSON.parse(json.err) as { column: number }).column, 8);
    const actions = await sealift(["-c", "select fail"], { environment: { GITHUB_ACTIONS: "true" } });
    assert.match(actions.err, /\n::error file=<command>,line=1,col=8::/);
  });
});

suite("passwords", () => {
  test("one on the command line is hidden and warned about, never repeated", async () => {
    const { hidden, err } = await sealift(["postgres://ann:canary-51@h/d", "-c", "select 1"]);
    assert.ok(hidden);
    assert.match(err, /^warning: the password on the command line/);
    assert.ok(!err.includes("canary-51"));
  });

  test("a malformed URI shows none of it", async () => {
    const { status, err } = await sealift(["postgres//ann:canary-52@h/d", "-c", "select 1"]);
    assert.equal(status, 1);
    assert.ok(!err.includes("canary-52"));
  });

  test("a server that repeats a secret is not believed", async () => {
    const session = new FakeSession({
      ALTER: (text) => [{ type: "failed", error: new ShellError("engine/failed", `bad: ${text}`) }],
    });
    const { err } = await sealift(["-f", "-"], {
      session,
      environment: { PW: "canary-53" },
      stdin: "\\secret p env:PW\nalter user x password :'p';",
    });
    assert.match(err, /bad: alter user x password '‹redacted›'/);
  });
});

suite("decrypt and inspect", () => {
  const bytes = (...texts: string[]): Partial<Doors> => ({
    async *decrypt() {
      for (const text of texts) yield Buffer.from(text);
    },
  });

  test("decrypt writes the bytes", async () => {
    const { out, status } = await sealift(["decrypt", "file:///x", "--kms", "k"], { doors: bytes("a", "b") });
    assert.deepEqual([out, status], ["ab", 0]);
  });

  test("but not to a terminal", async () => {
    const { status, err } = await sealift(["decrypt", "x", "--kms", "k"], { doors: bytes("a"), terminal: true });
    assert.equal(status, 1);
    assert.match(err, /would go to the terminal/);
  });

  test("a damaged file leaves no file behind", async () => {
    const path = join(directory, "clear.bin");
    const doors: Partial<Doors> = {
      async *decrypt() {
        yield Buffer.from("first piece");
        throw new ShellError("integrity/tampered", "changed");
      },
    };
    const { status } = await sealift(["decrypt", "x", "--kms", "k", "-o", path], { doors });
    assert.equal(status, 13);
    assert.ok(!existsSync(path));
  });

  test("a file that exists is not written over", async () => {
    const path = join(directory, "exists.bin");
    writeFileSync(path, "mine");
    const { status } = await sealift(["decrypt", "x", "--kms", "k", "-o", path], { doors: bytes("a") });
    assert.equal(status, 1);
    assert.equal(readFileSync(path, "utf8"), "mine");
  });

  test("inspect writes lines", async () => {
    const doors: Partial<Doors> = {
      async *inspect({ uri }) {
        yield `${uri}: sealed`;
      },
    };
    assert.equal((await sealift(["inspect", "file:///x"], { doors })).out, "file:///x: sealed\n");
  });
});

test("a slow reader is waited for", async () => {
  const slow = new PassThrough({ highWaterMark: 16 });
  const pieces: string[] = [];
  const reader = (async () => {
    for await (const piece of slow) pieces.push(String(piece));
  })();
  const answers: Answers = { SELECT: () => rowsOf(["a"], ...Array.from({ length: 500 }, (_, at) => [String(at)])) };
  const { status } = await sealift(["-tA", "-c", "select"], { answers, stdout: slow });
  slow.end();
  await reader;
  assert.equal(status, 0);
  assert.equal(pieces.join("").split("\n").length, 501);
});

test("a secret that the server quotes in its complaint is hidden", async () => {
  const answers: Answers = {
    ALTER: () => [{ type: "failed", error: new ShellError("engine/failed", "syntax error at or near \"'hunter22'\"") }],
  };
  const { err } = await sealift(["-c", "alter user ann password 'hunter22' x"], { answers });
  assert.doesNotMatch(err, /hunter/);
  assert.match(err, /at or near "'‹redacted›'"/);
});
