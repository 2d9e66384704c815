import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fractionOf, printBytes, printDuration } from "../../repl/progress/amounts.ts";
import { createJsonProgress } from "../../repl/progress/json.ts";
import { createPlainProgress } from "../../repl/progress/plain.ts";
import type { JobEvent, JobPlace, ProgressRenderer, ProgressWorld } from "../../repl/progress/progress.ts";
import { createStatusLine } from "../../repl/progress/status-line.ts";
import { ShellError, type Amount } from "../../src/index.ts";

const PLACE: JobPlace = { number: 3, file: "nightly.sql", line: 14 };
const START = Date.UTC(2026, 10, 21, 0, 38, 2);
const GIB = 1024n ** 3n;

class Clock implements ProgressWorld {
  text = "";
  at = START;
  readonly write = (text: string): void => void (this.text += text);
  readonly now = (): number => this.at;

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

const base = { jobId: "8f3a2c", verb: "BACKUP" } as const;

function phase(name: "plan" | "export", facts: Record<string, string | number> = {}): JobEvent {
  return { ...base, type: "phase", phase: name, facts };
}

function progress(done: Amount, total?: Amount): JobEvent {
  return { ...base, type: "progress", phase: "export", done, ...(total === undefined ? {} : { total }) };
}

function after(clock: Clock, seconds: number, renderer: ProgressRenderer, event: JobEvent): void {
  clock.at += seconds * 1000;
  renderer.job(event, PLACE);
}

suite("plain", () => {
  test("a line a phase, a heartbeat, a last line", () => {
    const clock = new Clock();
    const renderer = createPlainProgress(clock);
    after(clock, 0, renderer, phase("plan", { tables: 17 }));
    after(clock, 1, renderer, phase("export"));
    const total = { files: 73, bytes: 20n * GIB };
    after(clock, 10, renderer, progress({ files: 1, bytes: GIB }, total));
    after(clock, 25, renderer, progress({ files: 40, bytes: 10n * GIB, storedBytes: 3n * GIB }, total));
    clock.at += 60_000;
    renderer.finished(0, { rows: 5 });
    assert.deepEqual(clock.lines, [
      "2026-11-21T00:38:02Z BACKUP job=8f3a2c phase=plan tables=17",
      "2026-11-21T00:38:03Z BACKUP job=8f3a2c phase=export",
      "2026-11-21T00:38:38Z BACKUP job=8f3a2c phase=export 50% files=40/73 read=10.0GiB/20.0GiB stored=3.0GiB rate=293MiB/s eta=28s",
      "2026-11-21T00:39:38Z BACKUP job=8f3a2c done rows=5 elapsed=1m36s",
    ]);
  });

  test("half a minute without a tenth of the work says nothing; without a total, half a minute does", () => {
    const clock = new Clock();
    const renderer = createPlainProgress(clock);
    after(clock, 0, renderer, phase("export"));
    after(clock, 40, renderer, progress({ rows: 5n }, { rows: 100n }));
    assert.equal(clock.lines.length, 1);
    after(clock, 40, renderer, progress({ rows: 6n }));
    assert.match(clock.lines[1] ?? "", /phase=export rows=6$/);
  });

  test("asked for by a signal it tells at once", () => {
    const clock = new Clock();
    const renderer = createPlainProgress(clock);
    after(clock, 0, renderer, phase("export"));
    renderer.tellSoon();
    after(clock, 1, renderer, progress({ rows: 1n }, { rows: 100n }));
    assert.match(clock.lines[1] ?? "", /1% rows=1\/100/);
  });

  test("a failure has its line; what had no job has none", () => {
    const clock = new Clock();
    const renderer = createPlainProgress(clock);
    renderer.failed(new ShellError("storage/denied", "x"));
    renderer.finished(1, {});
    assert.equal(clock.text, "");
    after(clock, 0, renderer, phase("export"));
    renderer.failed(new ShellError("storage/denied", "x"));
    assert.match(clock.lines[1] ?? "", /failed code=storage\/denied elapsed=0\.0s/);
  });
});

suite("json", () => {
  function records(clock: Clock): Record<string, unknown>[] {
    return clock.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("unknown is null, known is a number, every line stands alone", () => {
    const clock = new Clock();
    const renderer = createJsonProgress(clock);
    after(clock, 0, renderer, phase("plan", { tables: 2 }));
    after(clock, 0, renderer, phase("export"));
    after(clock, 6, renderer, progress({ rows: 291n, bytes: 600n }, { bytes: 1000n }));
    after(clock, 1, renderer, progress({ rows: 300n }));
    renderer.finished(0, { backup_id: "x" });
    const all = records(clock);
    assert.deepEqual(
      all.map(({ type }) => type),
      ["statement_start", "phase", "phase", "progress", "progress", "summary", "statement_end"],
    );
    for (const record of all) {
      assert.deepEqual(
        [record["v"], record["job_id"], record["stmt"], record["file"], record["line"]],
        [1, "8f3a2c", 3, "nightly.sql", 14],
      );
    }
    const [, , , known, unknown, summary] = all;
    assert.deepEqual([known?.["fraction"], known?.["eta_s"], known?.["rows"], known?.["rate_bps"]], [0.6, 4, 291, 100]);
    assert.deepEqual([unknown?.["fraction"], unknown?.["eta_s"], unknown?.["bytes_read"]], [null, null, null]);
    assert.deepEqual([summary?.["status"], summary?.["backup_id"], summary?.["duration_ms"]], ["succeeded", "x", 7000]);
  });

  test("a failure is told with its exit status", () => {
    const clock = new Clock();
    const renderer = createJsonProgress(clock);
    after(clock, 0, renderer, phase("plan"));
    renderer.failed(new ShellError("storage/denied", "no", { hint: "grant it" }));
    const error = records(clock).find(({ type }) => type === "error");
    assert.deepEqual([error?.["code"], error?.["exit_code"], error?.["hint"]], ["storage/denied", 11, "grant it"]);
  });
});

suite("status line", () => {
  test("appears only after 400 ms, is redrawn in place, and goes away", () => {
    const clock = new Clock();
    const renderer = createStatusLine({ write: clock.write, now: clock.now, columns: () => 60 });
    renderer.job(phase("export"), PLACE);
    clock.at += 399;
    renderer.job(progress({ rows: 1n }), PLACE);
    assert.equal(clock.text, "");
    clock.at += 1;
    renderer.job(progress({ rows: 1n }, { rows: 2n }), PLACE);
    assert.match(clock.text, /^\r\u001b\[2KBACKUP export {2}█{10}░{10} {2}50%/);
    const drawn = clock.text.length;
    clock.at += 50;
    renderer.job(progress({ rows: 2n }), PLACE);
    assert.equal(clock.text.length, drawn, "not more than ten times a second");
    renderer.finished(0, {});
    assert.ok(clock.text.endsWith("\r\u001b[2K"));
  });

  test("without a total there is no bar and no per cent", () => {
    const clock = new Clock();
    const renderer = createStatusLine({ write: clock.write, now: clock.now, columns: () => 80 });
    renderer.job(phase("export"), PLACE);
    clock.at += 500;
    renderer.job(progress({ rows: 7n, bytes: 2048n }), PLACE);
    assert.ok(!/[%█░]/.test(clock.text));
    assert.match(clock.text, /rows=7 {2}read=2\.0KiB/);
  });

  test("time to go comes before what a narrow terminal has no room for", () => {
    const clock = new Clock();
    const renderer = createStatusLine({ write: clock.write, now: clock.now, columns: () => 80 });
    const total = { bytes: 100n * GIB };
    for (let second = 0; second <= 20; second++)
      after(clock, 1, renderer, progress({ files: 3, rows: 9n, bytes: BigInt(second) * GIB }, total));
    assert.match(clock.text.slice(clock.text.lastIndexOf("\r")), / 20% {2}ETA ~1m20s {2}1\.0GiB\/s {2}.*…$/);
  });

  test("a line that a terminal wrapped as it became narrower goes away whole", () => {
    const clock = new Clock();
    let columns = 60;
    const renderer = createStatusLine({ write: clock.write, now: clock.now, columns: () => columns });
    const done = { rows: 1n, bytes: 2048n, storedBytes: 1024n, files: 77 };
    after(clock, 0, renderer, progress(done, { bytes: 4096n }));
    after(clock, 1, renderer, progress(done, { bytes: 4096n }));
    columns = 25;
    renderer.clear();
    assert.ok(clock.text.endsWith("\r\u001b[2A\u001b[J"), JSON.stringify(clock.text));
  });

  test("a fast statement writes nothing at all", () => {
    const clock = new Clock();
    const renderer = createStatusLine({ write: clock.write, now: clock.now, columns: () => 80 });
    renderer.job(phase("export"), PLACE);
    renderer.finished(1, {});
    renderer.clear();
    assert.equal(clock.text, "");
  });
});

test("amounts", () => {
  assert.deepEqual([0n, 1023n, 1024n, 12n * GIB + GIB / 2n, 200n * GIB].map(printBytes), [
    "0B",
    "1023B",
    "1.0KiB",
    "12.5GiB",
    "200GiB",
  ]);
  assert.deepEqual([150, 59_000, 258_000, 3_660_000].map(printDuration), ["0.1s", "59s", "4m18s", "1h01m"]);
  assert.equal(fractionOf({ rows: 5n }, { rows: 0n }), undefined);
  assert.equal(fractionOf({ rows: 50n }, { rows: 10n }), 1);
  assert.equal(fractionOf({ share: 0.25, bytes: 5n }, { share: 1 }), 0.25);
});
