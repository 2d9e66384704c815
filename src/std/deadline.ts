/** Thrown by {@link withinDeadline} when the time is over. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * What the work gives, or an error as soon as the time is over or the outer signal aborts: also when the work does not
 * heed its signal. That signal aborts when this fails, so that nothing goes on behind; what the work gave may use it on.
 * @throws DeadlineError after `ms` milliseconds; the outer signal's reason; what the work throws.
 */
export async function withinDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const stop = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => end(reasonOf(outer));
  const end = (reason: Error): void => {
    reject(reason);
    stop.abort(reason);
  };
  const timer = setTimeout(() => end(new DeadlineError(`no answer within ${ms} ms`)), ms);
  outer?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(stop.signal), stopped]);
  } catch (thrown) {
    stop.abort();
    throw thrown;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", onAbort);
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new DOMException("the operation was aborted", "AbortError");
}
