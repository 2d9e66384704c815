/**
 * A stream that stops when the signal does, even while its source is silent. The source is told to close but not
 * waited for: one that hangs cannot close before its pending answer.
 * @throws what the signal gives as its reason.
 */
export async function* interruptible<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const items = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  // The race below may be over when it rejects.
  aborted.catch(() => undefined);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([aborted, items.next()]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    const closing = items.return?.();
    if (signal.aborted) closing?.catch(() => undefined);
    else await closing;
  }
}
