// Logs of what was refused come some time after the failure that names them. They are waited for, but not for long.
import { setTimeout as sleep } from "node:timers/promises";

/** The time that waiting goes by. */
export interface LogClock {
  /** Milliseconds since some beginning. */
  now(): number;
  /** Ends early when the signal aborts; never throws. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

const WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 2000;

const CLOCK: LogClock = {
  now: () => performance.now(),
  pause: async (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** The longest that `untilThere` takes, beside what asking does. */
export const LOG_WAIT_MS = WAIT_MS;

export interface Awaited<T> {
  readonly answer: T;
  /** How the wait ended without one: `within 10 s`; absent when there is an answer. */
  readonly gaveUp?: string;
}

/** Asks until `isThere`, with pauses that grow, or until the time is over or the signal aborts. */
export async function untilThere<T>(
  ask: () => Promise<T>,
  isThere: (answer: T) => boolean,
  { clock = CLOCK, signal }: { readonly clock: LogClock | undefined; readonly signal: AbortSignal },
): Promise<Awaited<T>> {
  const until = clock.now() + WAIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    const answer = await ask();
    if (isThere(answer)) return { answer };
    if (signal.aborted) return { answer, gaveUp: "when the wait was interrupted" };
    if (clock.now() + pauseMs > until) return { answer, gaveUp: `within ${WAIT_MS / 1000} s` };
    await clock.pause(pauseMs, signal);
  }
}
