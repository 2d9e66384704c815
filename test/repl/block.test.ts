import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { widthOf } from "../../repl/layout/cells.ts";
import { textOfLine } from "../../repl/app/style.ts";
import { createBlock } from "../../repl/progress/block.ts";
import { blockLines, failedLine, finishedLine } from "../../repl/progress/block-lines.ts";
import { follow, type JobProgress } from "../../repl/progress/job-progress.ts";
import { estimateMs, printEstimate, rateOf, withSample, type Sample } from "../../repl/progress/pace.ts";
import type { Part } from "../../src/index.ts";
import type { JobEvent } from "../../repl/progress/progress.ts";

const JOB = { jobId: "8f3a2c77-0000", verb: "BACKUP" } as const;
const MEBI = 1024n * 1024n;

function drawn(job: JobProgress | undefined, nowMs: number, columns = 100): string {
  assert.ok(job);
  const lines = blockLines(job, { nowMs, columns, statement: "BACKUP DATABASE shop INTO 's3://b/•••'" });
  return lines.map(textOfLine).join("\n");
}

const EXPORT: Extract<JobEvent, { type: "progress" }> = {
  ...JOB,
  type: "progress",
  phase: "export",
  done: { files: 41, rows: 212_400_000n, bytes: 500n * MEBI, storedBytes: 125n * MEBI },
  total: { bytes: 1000n * MEBI },
  active: [
    { kind: "table", name: "public.orders", done: { rows: 212_400_000n, bytes: 64n }, total: { bytes: 100n } },
    { kind: "table", name: "shop.lines", done: { rows: 5n, bytes: 50n } },
  ],
};

function halfDone(): JobProgress | undefined {
  let job = follow(undefined, { ...EXPORT, done: { bytes: 0n } }, 0);
  for (let at = 1; at <= 10; at++)
    job = follow(job, { ...EXPORT, done: { ...EXPORT.done, bytes: BigInt(at) * 50n * MEBI } }, at * 1000);
  return job;
}

suite("the block of a job", () => {
  test("with totals: a bar, a share, amounts, a rate, and after five seconds an estimate", () => {
    assert.equal(
      drawn(halfDone(), 10_000, 140),
      [
        "BACKUP DATABASE shop INTO 's3://b/•••'  job 8f3a2c77  ^C stop  ^Z background",
        "  export    ██████████░░░░░░░░░░  50%   41 files  212.4M rows   500MiB/1000MiB → 125MiB stored (×4.0)  50.0MiB/s  ETA ~10s",
        "  orders            64% ▕█████░░░▏ 212.4M rows    shop.lines                            5 rows",
        "  elapsed 10s",
      ].join("\n"),
    );
  });

  test("what has no room on one line takes two, and the least important goes", () => {
    assert.equal(
      drawn(halfDone(), 10_000, 80),
      [
        "BACKUP DATABASE shop INTO 's3://b/•••'  job 8f3a2c77  ^C stop  ^Z background",
        "  export    ██████████░░░░░░░░░░  50%  50.0MiB/s  ETA ~10s",
        "   41 files  212.4M rows   500MiB/1000MiB → 125MiB stored (×4.0)",
        "  orders            64% ▕█████░░░▏ 212.4M rows",
        "  shop.lines                            5 rows",
        "  elapsed 10s",
      ].join("\n"),
    );
    assert.equal(
      drawn(halfDone(), 10_000, 40),
      [
        "BACKUP DATABAS…  ^C stop  ^Z background",
        "  export  █████░░░░░  50%  ETA ~10s",
        "   500MiB/1000MiB  50.0MiB/s",
        "  orders            64% 212.4M rows",
        "  shop.lines                 5 rows",
        "  elapsed 10s",
      ].join("\n"),
    );
  });

  test("bytes stay beside the rate where there is room for those that were read alone", () => {
    let job = halfDone();
    const bytes = { ...EXPORT.done, bytes: 426n * MEBI, storedBytes: 135n * MEBI };
    job = follow(job, { ...EXPORT, done: bytes, total: { bytes: 553n * MEBI } }, 10_000);
    assert.match(drawn(job, 10_000, 40), /\n {3}426MiB\/553MiB {2}[\d.]+MiB\/s\n/);
  });

  test("without totals: no share and no estimate, however long it takes", () => {
    const event: JobEvent = { ...JOB, type: "progress", phase: "load", done: { rows: 18n, bytes: 2048n } };
    const job = follow(follow(undefined, event, 0), event, 60_000);
    assert.doesNotMatch(drawn(job, 60_000), /%|ETA/);
  });

  test("a phase tells what it knows, and starts anew", () => {
    let job = follow(undefined, EXPORT, 0);
    job = follow(job, { ...JOB, type: "phase", phase: "manifest", facts: { files: 41 } }, 2000);
    assert.match(drawn(job, 3000), /manifest[^]*elapsed 3s · files 41/);
  });

  test("never wider than the screen, never more than six lines, whatever the names", () => {
    const active = Array.from({ length: 9 }, (_, at) => ({
      kind: "table" as const,
      name: `日本語の表.${"a_long_name_of_a_table_".repeat(at)}`,
      done: { rows: 10n ** BigInt(at + 3), bytes: BigInt(at) },
      total: { bytes: 10n },
    }));
    const steps: JobEvent = {
      ...JOB,
      type: "progress",
      phase: "constraints",
      done: { steps: 3 },
      total: { steps: 17 },
    };
    for (const event of [{ ...EXPORT, active }, { ...EXPORT, total: {}, active }, steps]) {
      for (let columns = 30; columns <= 250; columns += 5) {
        const job = follow(follow(undefined, event, 0), event, 30_000);
        const lines = drawn(job, 60_000, columns).split("\n");
        assert.ok(lines.length <= 6, lines.join("\n"));
        for (const line of lines) assert.ok(widthOf(line) < columns, `${line} is wider than ${columns}`);
      }
    }
  });

  test("a single large file has a share: its bytes count before the number of files", () => {
    const event: JobEvent = {
      ...JOB,
      verb: "COPY",
      type: "progress",
      phase: "load",
      done: { files: 0, rows: 10n, storedBytes: 25n * MEBI },
      total: { files: 1, storedBytes: 100n * MEBI },
    };
    assert.match(drawn(follow(undefined, event, 0), 1000, 120), / 25%  0\/1 files .* 25\.0MiB\/100MiB read/);
  });

  test("bytes have a rate in bytes although the share is taken of files", () => {
    const loaded = (at: number): JobEvent => ({
      ...JOB,
      type: "progress",
      phase: "load",
      done: { files: at, rows: BigInt(at), bytes: BigInt(at) * MEBI },
      total: { files: 100 },
    });
    let job = follow(undefined, loaded(0), 0);
    for (let at = 1; at <= 10; at++) job = follow(job, loaded(at), at * 1000);
    assert.match(drawn(job, 10_000, 120), /10\/100 files.* 1\.0MiB\/s .*ETA ~1m30s/);
  });

  test("one line stays, with what has room in it", () => {
    const facts = { backup: "a/b/c/d/e", rows: 512_339_014, stored_bytes: "4187593113" };
    const line = (columns: number): string => finishedLine(follow(undefined, EXPORT, 0), 258_000, facts, columns);
    assert.equal(line(80), "BACKUP done in 4m18s · backup a/b/c/d/e · rows 512,339,014 · stored 3.9GiB");
    assert.equal(line(74), "BACKUP done in 4m18s · backup a/b/c/d/e · rows 512,339,014");
    assert.equal(line(38), "BACKUP done in 4m18s · stored 3.9GiB");
    assert.equal(line(10), "BACKUP done in 4m18s");
  });

  test("a job that fails says how far it came", () => {
    const job = follow(undefined, EXPORT, 0);
    assert.equal(failedLine(job, 131_000, true), "BACKUP stopped after 2m11s, export at 50%");
    const keys = follow(job, { ...JOB, type: "phase", phase: "manifest", facts: {} }, 0);
    assert.equal(failedLine(keys, 500, false), "BACKUP failed after 0.5s, in manifest");
  });

  test("files without a share are told by rows and size", () => {
    const file = (at: number): Part => {
      return { kind: "file", name: `o_000${at}_part_00`, done: { rows: 97_592n, storedBytes: BigInt(at) * MEBI } };
    };
    const event: JobEvent = { ...EXPORT, verb: "UNLOAD", active: [file(2), file(1)], total: { share: 1 } };
    assert.match(
      drawn(follow(undefined, { ...event, done: { ...event.done, share: 0.5 } }, 0), 1000, 100),
      / 50% [^]*\n {2}o_0001_part_00 {4}97592 rows {3}1\.0MiB {4}o_0002_part_00 {4}97592 rows {3}2\.0MiB\n/,
    );
  });
});

suite("when the block is there", () => {
  function stage(): { block: ReturnType<typeof createBlock>; told: string[]; pass: (ms: number) => void } {
    const told: string[] = [];
    let now = 0;
    const block = createBlock({
      now: () => now,
      columns: () => 80,
      statement: () => "BACKUP",
      show: () => told.push("show"),
      hide: () => told.push("hide"),
      say: (line) => told.push(line),
    });
    return { block, told, pass: (ms) => (now += ms) };
  }

  test("not for what is done at once", () => {
    const { block, told, pass } = stage();
    block.job(EXPORT, { number: 1, file: "", line: 1 });
    pass(300);
    block.tick();
    block.finished(300, {});
    assert.deepEqual(told, ["hide"]);
  });

  test("it moves with time, makes room for text, and leaves a line", () => {
    const { block, told, pass } = stage();
    block.job(EXPORT, { number: 1, file: "", line: 1 });
    pass(500);
    block.tick();
    block.tick();
    block.clear();
    block.tick();
    pass(1500);
    block.finished(2000, { rows: 5 });
    assert.deepEqual(told, ["show", "hide", "show", "hide", "BACKUP done in 2.0s · rows 5"]);
  });

  test("a job that was left goes on from where it was", () => {
    const { block, told, pass } = stage();
    block.job(EXPORT, { number: 1, file: "", line: 1 });
    pass(500);
    block.leave();
    block.tick();
    assert.deepEqual(told, ["hide"]);
    block.job(EXPORT, { number: 1, file: "", line: 1 });
    assert.deepEqual(told, ["hide", "show"]);
  });
});

suite("estimates", () => {
  const samples: Sample[] = [{ atMs: 0, value: 0 }];

  test("none in the first five seconds or the first hundredth", () => {
    const course = { samples, startedMs: 0, total: 1000 };
    assert.equal(estimateMs({ ...course, now: { atMs: 4999, value: 500 } }), undefined);
    assert.equal(estimateMs({ ...course, now: { atMs: 60_000, value: 9 } }), undefined);
    assert.equal(estimateMs({ ...course, now: { atMs: 10_000, value: 500 } }), 10_000);
  });

  test("the last minutes count, but no more than twice", () => {
    const late = [{ atMs: 90_000, value: 900 }];
    assert.equal(
      estimateMs({ samples: late, startedMs: 0, now: { atMs: 100_000, value: 901 }, total: 1000 }),
      2 * (100_000 / 901) * 99,
    );
  });

  test("rates are of the last moments", () => {
    let kept: readonly Sample[] = [];
    for (let second = 0; second <= 30; second++)
      kept = withSample(kept, { atMs: second * 1000, value: second < 20 ? 0 : (second - 20) * 100 });
    assert.equal(rateOf(kept, { atMs: 30_000, value: 1000 }), 100);
    assert.equal(rateOf([], { atMs: 0, value: 0 }), undefined);
  });

  test("estimates are no finer than they are good", () => {
    const cases: readonly (readonly [number, string])[] = [
      [1000, "~5s"],
      [58_000, "~1m00s"],
      [103_000, "~1m40s"],
      [1_500_000, "~25m"],
      [7_500_000, "~2h05m"],
    ];
    for (const [milliseconds, text] of cases) assert.equal(printEstimate(milliseconds), text);
  });
});
