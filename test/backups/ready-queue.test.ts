import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadyQueue, type ParallelStep } from "../../src/backups/restore-order.ts";

function step(id: number, more: Partial<ParallelStep> = {}): ParallelStep {
  return { id, title: String(id), statements: [], undo: [], after: [], exclusive: [], shared: [], ...more };
}

function started(queue: ReadyQueue): readonly ParallelStep[] {
  const steps: ParallelStep[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) steps.push(next);
  return steps;
}

const ids = (steps: readonly ParallelStep[]): readonly number[] => steps.map(({ id }) => id);

test("steps wait for those before them, and for tables others hold", () => {
  const queue = new ReadyQueue([
    step(0, { shared: [7] }),
    step(1, { shared: [7] }),
    step(2, { exclusive: [7, 8] }),
    step(3, { exclusive: [8] }),
    step(4, { after: [2] }),
    step(5, { shared: [8] }),
  ]);
  const first = started(queue);
  assert.deepEqual(ids(first), [0, 1, 3]);
  for (const done of first) queue.done(done);
  const second = started(queue);
  assert.deepEqual(ids(second), [2]);
  for (const done of second) queue.done(done);
  const third = started(queue);
  assert.deepEqual(ids(third), [4, 5]);
  assert.equal(queue.isDone, false);
  for (const done of third) queue.done(done);
  assert.equal(queue.isDone, true);
});

test("a step that waits for one that is not planned starts at once", () => {
  const queue = new ReadyQueue([step(5, { after: [99] })]);
  assert.deepEqual(ids(started(queue)), [5]);
});

test("while tables are loaded, only what concerns tables with rows begins", () => {
  const queue = new ReadyQueue([step(0, { shared: [7] }), step(1, { exclusive: [7, 8] }), step(2)], [7, 8]);
  assert.deepEqual(ids(started(queue)), []);
  queue.loaded(7);
  const first = started(queue);
  assert.deepEqual(ids(first), [0]);
  for (const done of first) queue.done(done);
  queue.loaded(8);
  const second = started(queue);
  assert.deepEqual(ids(second), [1]);
  for (const done of second) queue.done(done);
  queue.allLoaded();
  assert.deepEqual(ids(started(queue)), [2]);
});

test("ten thousand independent steps are all handed out, each once", () => {
  const queue = new ReadyQueue(Array.from({ length: 10_000 }, (_, id) => step(id, { exclusive: [id] })));
  const seen = new Set<number>();
  const running: ParallelStep[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    seen.add(next.id);
    running.push(next);
    const oldest = running.length > 4 ? running.shift() : undefined;
    if (oldest !== undefined) queue.done(oldest);
  }
  assert.equal(seen.size, 10_000);
});
