import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseEntries, printEntry } from "../../../repl/history/entry.ts";
import { rewrite } from "../../../repl/history/file.ts";
import type { HistoryEntry } from "../../../repl/history/history.ts";
import { HistoryFile, historyPath, openHistory } from "../../../repl/history/store.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

function submitted(text: string, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    text,
    atMs: Date.parse("2026-11-21T07:18:26.120Z"),
    database: "shop",
    elapsedMs: 12.4,
    failed: false,
    ...more,
  };
}

async function freshPath(): Promise<string> {
  return join(await temporaryFolder(), "state", "sealift", "history.jsonl");
}

function texts(store: HistoryFile): string[] {
  return store.entries.map((entry) => entry.text);
}

suite("the history's file", () => {
  test("has one JSON line a statement", async () => {
    const path = await freshPath();
    const store = new HistoryFile(path);
    await store.append(submitted("select 1,\n  'é';\n", { profile: "prod", status: "engine/failed" }));
    assert.equal(
      await readFile(path, "utf8"),
      '{"at":"2026-11-21T07:18:26.120Z","profile":"prod","database":"shop","sql":"select 1,\\n  \'é\';","ms":12,"status":"engine/failed"}\n',
    );
    const [entry] = new HistoryFile(path).entries;
    assert.deepEqual(entry, {
      ...submitted("select 1,\n  'é';", { profile: "prod", elapsedMs: 12, failed: true }),
      status: "engine/failed",
    });
  });

  test("keeps the next statement apart from a line that was cut off", async () => {
    const path = await freshPath();
    await new HistoryFile(path).append(submitted("select 1"));
    const whole = await readFile(path, "utf8");
    await writeFile(path, `${whole}${whole.slice(0, 40)}`);
    await new HistoryFile(path).append(submitted("select 2"));
    assert.deepEqual(texts(new HistoryFile(path)), ["select 1", "select 2"]);
  });

  test("is private, and so is its folder", async () => {
    const path = await freshPath();
    await new HistoryFile(path).append(submitted("select 1"));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(path, ".."))).mode & 0o777, 0o700);
  });

  test("that others could read is made private", async () => {
    const path = await freshPath();
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "", { mode: 0o644 });
    await chmod(path, 0o644);
    await new HistoryFile(path).append(submitted("select 1"));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test("that is a device is written to and left as it is", async () => {
    const store = new HistoryFile("/dev/null");
    await store.append(submitted("select 1"));
    assert.equal(store.problem, undefined);
    assert.deepEqual(texts(store), []);
  });

  test("that cannot be written is told of, and this shell goes on without it", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "");
    const store = new HistoryFile(join(folder, "file", "history.jsonl"));
    await store.append(submitted("select 1"));
    await store.append(submitted("select 2"));
    assert.match(store.problem ?? "", /^cannot (read|write) the history in .*history\.jsonl: .*(ENOTDIR|EEXIST)/);
    assert.deepEqual(texts(store), ["select 1", "select 2"]);
  });

  test("is where the environment says", () => {
    assert.equal(historyPath({ SEALIFT_HISTORY: "/h", HOME: "/home/ann" }), "/h");
    assert.equal(historyPath({ SEALIFT_HISTORY: "off", HOME: "/home/ann" }), undefined);
    assert.equal(historyPath({ XDG_STATE_HOME: "/state" }), "/state/sealift/history.jsonl");
    assert.equal(historyPath({ XDG_STATE_HOME: "not/absolute", HOME: "/h" }), "/h/.local/state/sealift/history.jsonl");
    assert.equal(historyPath({}), undefined);
  });

  test("without a path statements are remembered for this shell alone", async () => {
    const store = await openHistory({ SEALIFT_HISTORY: "off" });
    await store.append(submitted("alter role ann password 'pw1'"));
    assert.deepEqual(
      store.entries.map((entry) => entry.text),
      ["alter role ann password '‹secret:password›'"],
    );
  });

  test("lines that cannot be read are passed over", () => {
    const good = printEntry(submitted("select 1"));
    const bad = ["{", "null", "[]", '"x"', '{"sql":1,"at":"2026-01-01"}', '{"sql":"x","at":"never"}', '{"at":"2026"}'];
    assert.deepEqual(
      parseEntries(
        [...bad, good.trimEnd(), '{"sql":"later","at":"2026-01-01T00:00:00Z","mood":"good"}'].join("\n"),
      ).map((entry) => entry.text),
      ["select 1", "later"],
    );
  });
});

suite("what is kept", () => {
  test("not what begins with a blank, nor the last one again, nor what no person types", async () => {
    const store = new HistoryFile(await freshPath());
    for (const text of ["select 1;", "select 1;\n", " select 2;", "", "\n", "x".repeat(300_000), "\\d", "select 1;"]) {
      await store.append(submitted(text));
    }
    assert.deepEqual(texts(store), ["select 1;", "\\d", "select 1;"]);
  });

  test("not the rows below COPY", async () => {
    const store = new HistoryFile(await freshPath());
    await store.append(submitted("copy t from stdin;\n1\tsecret row\n\\.\nselect 1;"));
    assert.deepEqual(texts(store), ["copy t from stdin;\n\\.\nselect 1;"]);
  });

  test("of a file that grew too long, the newest half", async () => {
    const path = await freshPath();
    const store = new HistoryFile(path, { bytesMax: 4000, entriesMax: 1000 });
    for (let number = 1; number <= 100; number++) await store.append(submitted(`select ${number};`));
    assert.ok((await stat(path)).size <= 4000);
    const kept = texts(store);
    assert.equal(kept.at(-1), "select 100;");
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, at) => `select ${101 - kept.length + at};`),
    );
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(path, "..")), ["history.jsonl"]);
  });
});

suite("several shells", () => {
  test("see what the others add, also after one shortened the file", async () => {
    const path = await freshPath();
    const [one, two] = [new HistoryFile(path), new HistoryFile(path)];
    await one.append(submitted("select 1"));
    assert.deepEqual(texts(two), ["select 1"]);
    await two.append(submitted("select 2"));
    rewrite(path, (text) => text.split("\n").slice(1).join("\n"));
    await one.append(submitted("select 3"));
    assert.deepEqual(
      [texts(one), texts(two)],
      [
        ["select 2", "select 3"],
        ["select 2", "select 3"],
      ],
    );
  });

  test("a lock that was left behind is taken over, one that is held is not", async () => {
    const path = await freshPath();
    await new HistoryFile(path).append(submitted("select 1"));
    await writeFile(`${path}.lock`, "");
    rewrite(path, () => assert.fail("another shell holds the lock"));
    const { utimes } = await import("node:fs/promises");
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    rewrite(path, () => "");
    assert.equal(await readFile(path, "utf8"), "");
    assert.deepEqual(await readdir(join(path, "..")), ["history.jsonl"]);
  });

  test("lose no line while another one rewrites the file", async () => {
    const path = await freshPath();
    const module = JSON.stringify(new URL("../../../repl/history/file.js", import.meta.url).href);
    const run = (body: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const script = `const { appendLine, rewrite } = await import(${module}); const path = ${JSON.stringify(path)}; ${body}`;
        const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
        child.once("exit", (status) => (status === 0 ? resolve() : reject(new Error(`exit ${status}`))));
      });
    const writer = (name: string): Promise<void> =>
      run(
        `for (let n = 0; n < 300; n++) appendLine(path, JSON.stringify({ sql: "${name}" + n, at: "2026-01-01" }) + "\\n");`,
      );
    await Promise.all([
      writer("a"),
      writer("b"),
      run('for (let n = 0; n < 300; n++) rewrite(path, (text) => [...new Set(text.split("\\n"))].join("\\n"));'),
    ]);
    const kept = parseEntries(await readFile(path, "utf8")).map((entry) => entry.text);
    const wanted = ["a", "b"].flatMap((name) => Array.from({ length: 300 }, (_, n) => `${name}${n}`));
    assert.deepEqual(kept.toSorted(), wanted.toSorted());
  });
});
