import { setTimeout as sleep } from "node:timers/promises";

/** Yields when the source does, and each time it has been silent for so long. */
export async function* ticking(source: AsyncIterable<void>, everyMs: number): AsyncGenerator<void> {
  const items = source[Symbol.asyncIterator]();
  let isOver = false;
  try {
    while (!isOver) {
      const next = items.next();
      for (let result = await within(next, everyMs); ; result = await within(next, everyMs)) {
        if (result === undefined) {
          yield;
          continue;
        }
        isOver = result.done === true;
        if (!isOver) yield;
        break;
      }
    }
  } finally {
    // Waits for an item that was asked for, whoever it was for.
    await items.return?.(undefined);
  }
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const over = new AbortController();
  const timer = sleep(milliseconds, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, timer]);
  } finally {
    over.abort();
  }
}
