/**
 * A stream that stops when the signal does, even while its source is silent. The source is told to close but not
 * waited for then: one that hangs cannot close before its pending answer.
 * @throws what the signal gives as its reason.
 */
export async function* interruptible<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  signal.throwIfAborted();
  const items = source[Symbol.asyncIterator]();
  const stops = new Stops(signal);
  try {
    for (let next = await stops.orElse(items.next()); next.done !== true; next = await stops.orElse(items.next()))
      yield next.value;
  } finally {
    stops[Symbol.dispose]();
    const closing = items.return?.();
    if (signal.aborted) closing?.catch(() => undefined);
    else await closing;
  }
}

/** One listener for many waits: racing every wait against one long-lived promise would keep each of them in memory. */
class Stops implements Disposable {
  readonly #signal: AbortSignal;
  #reject: ((reason: Error) => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#stop, { once: true });
  }

  readonly #stop = (): void => {
    this.#reject?.(reasonOf(this.#signal));
  };

  /** What the promise gives, or the signal's reason if that comes first. */
  orElse<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      promise.then(resolve, reject);
      if (this.#signal.aborted) this.#stop();
    });
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#stop);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException("the operation was aborted", "AbortError");
}
