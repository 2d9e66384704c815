// The ladder of Ctrl-C: first stop cleanly, then drop everything.
import type { World } from "./world.ts";

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Exit status by shells' custom: 128 and the signal's number. */
export const STATUS_OF: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

// A terminal sends Ctrl-C to the launcher and to us, and the launcher hands it on: no hand is this fast.
export const SAME_SIGNAL_MS = 100;

/** A script whose terminal is gone goes on when it never wrote to one. */
export function onScriptStop(
  { onStop, stderr }: Pick<World, "onStop" | "stderr">,
  take: (signal: StopSignal) => void,
): () => void {
  return onStop((signal) => {
    if (signal !== "SIGHUP" || stderr.isTTY === true) take(signal);
  });
}

export interface CancelWorld {
  readonly now: () => number;
  readonly say: (text: string) => void;
  readonly exit: (status: number) => void;
}

/** Follows stop signals for the length of one piece of work. */
export class Cancellation {
  readonly #world: CancelWorld;
  readonly #controller = new AbortController();
  #first: StopSignal | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(world: CancelWorld) {
    this.#world = world;
  }

  /** Aborted at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit status that the first signal asks for; undefined when none came. */
  get status(): number | undefined {
    return this.#first === undefined ? undefined : STATUS_OF[this.#first];
  }

  take(signal: StopSignal): void {
    const at = this.#world.now();
    const isSamePress = at - this.#lastMs < SAME_SIGNAL_MS;
    this.#lastMs = at;
    if (this.#first === undefined) {
      this.#first = signal;
      this.#world.say(signal === "SIGINT" ? "stopping … (Ctrl-C again drops everything now)" : "stopping …");
      this.#controller.abort();
    } else if (!isSamePress) this.#world.exit(STATUS_OF[this.#first]);
  }
}
