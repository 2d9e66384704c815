// Master keys are asked together: a region that is down must not make the others wait. Each has a deadline of its own.
import { setTimeout as sleep } from "node:timers/promises";
import type { DataKey } from "../crypto/data-key.ts";
import { ShellError } from "../errors.ts";
import { KeyError, outcomeOf } from "../kms/key-error.ts";
import type { KeyManagementService, WrappedKey } from "../kms/kms.ts";
import { bytesEqual } from "../std/bytes.ts";
import { DeadlineError, withinDeadline } from "../std/deadline.ts";
import { failedAttempt, okAttempt, unanswered, type KeyAttempt } from "./key-table.ts";

/** One master key and what it is to try. */
export interface Contender {
  readonly service: KeyManagementService;
  /** Whether the backup names this key. One that it does not name is asked only when those that it names do not open. */
  readonly isNamed: boolean;
  /** In the order to try them. */
  entries(signal: AbortSignal): Promise<readonly WrappedKey[]>;
}

export interface RaceTimes {
  /** For all that one key is asked. */
  readonly keyMs: number;
  /** How long the keys that the backup names are ahead of the others. */
  readonly aheadMs: number;
  /** How long the others may go on once one has opened, so that it is known how they stand. */
  readonly settleMs: number;
}

export const RACE_TIMES: RaceTimes = { keyMs: 20_000, aheadMs: 2000, settleMs: 2000 };

export interface RaceEnd {
  /** The first that opened; the caller disposes the key. */
  readonly winner: { readonly service: KeyManagementService; readonly key: DataKey } | undefined;
  /** Of every key, in the order given. */
  readonly attempts: readonly KeyAttempt[];
}

/**
 * Asks all keys together and waits for the first that opens, and a little longer for the others.
 * @throws the signal's reason; failures of keys are in the attempts.
 */
export async function raceKeys(
  contenders: readonly Contender[],
  times: RaceTimes,
  signal?: AbortSignal,
): Promise<RaceEnd> {
  const race = new KeyRace(times, signal);
  try {
    return await race.run(contenders);
  } finally {
    race[Symbol.dispose]();
  }
}

type Answer = { readonly key: DataKey } | { readonly thrown: unknown };

class KeyRace implements Disposable {
  readonly #times: RaceTimes;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = new AbortController();
  readonly #answers = new Map<Contender, Answer>();
  readonly #opened = Promise.withResolvers<void>();
  #winner: Contender | undefined;

  constructor(times: RaceTimes, signal: AbortSignal | undefined) {
    this.#times = times;
    this.#signal = signal;
  }

  async run(contenders: readonly Contender[]): Promise<RaceEnd> {
    const named = contenders.filter(({ isNamed }) => isNamed).map(async (one) => this.#enter(one));
    const turn = Promise.race([Promise.all(named), this.#pause(this.#times.aheadMs)]);
    const others = contenders.filter(({ isNamed }) => !isNamed).map(async (one) => this.#enterAfter(one, turn));
    const end = this.#opened.promise.then(async () => this.#pause(this.#times.settleMs));
    await Promise.race([Promise.all([...named, ...others]), end]);
    this.#signal?.throwIfAborted();
    return this.#end(contenders);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const [contender, answer] of this.#answers)
      if ("key" in answer && contender !== this.#winner) answer.key[Symbol.dispose]();
  }

  async #enterAfter(contender: Contender, turn: Promise<unknown>): Promise<void> {
    await turn;
    const isLate = this.#winner !== undefined || this.#stop.signal.aborted;
    if (isLate) this.#answers.set(contender, { thrown: neverWrapped(contender.service) });
    else await this.#enter(contender);
  }

  async #enter(contender: Contender): Promise<void> {
    const { keyMs } = this.#times;
    try {
      const signals = [this.#stop.signal, ...(this.#signal === undefined ? [] : [this.#signal])];
      const key = await withinDeadline(keyMs, AbortSignal.any(signals), async (signal) =>
        tryEntries(contender, signal),
      );
      this.#answers.set(contender, { key });
      this.#winner ??= contender;
      this.#opened.resolve();
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const isLate = thrown instanceof DeadlineError;
      this.#answers.set(contender, { thrown: isLate ? unanswered(contender.service, keyMs) : thrown });
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #end(contenders: readonly Contender[]): RaceEnd {
    const winner = this.#winner;
    const won = winner === undefined ? undefined : this.#answers.get(winner);
    const key = won !== undefined && "key" in won ? won.key : undefined;
    const attempts = contenders.map((contender, index) => this.#attemptOf(contender, index + 1, key));
    return {
      winner: winner === undefined || key === undefined ? undefined : { service: winner.service, key },
      attempts,
    };
  }

  #attemptOf(contender: Contender, position: number, key: DataKey | undefined): KeyAttempt {
    const { service } = contender;
    const answer = this.#answers.get(contender);
    if (answer === undefined)
      return failedAttempt(
        position,
        service,
        unanswered(service, this.#times.settleMs, "after another key had opened"),
      );
    if ("thrown" in answer) return failedAttempt(position, service, answer.thrown);
    const isSame = key?.reveal((mine) => answer.key.reveal((theirs) => bytesEqual(mine, theirs))) ?? false;
    if (isSame) return okAttempt(position, service);
    const error = new KeyError("key/mismatch", "not a match", `${service.label} opens another data key`);
    return failedAttempt(position, service, error);
  }
}

/** @throws of several answers the one that says more; and at once what no other entry could change. */
async function tryEntries(contender: Contender, signal: AbortSignal): Promise<DataKey> {
  const { service } = contender;
  let failure: ShellError = neverWrapped(service);
  for (const wrapped of await contender.entries(signal)) {
    signal.throwIfAborted();
    try {
      return await wipedWhenLate(service.unwrap(wrapped, signal), signal);
    } catch (thrown) {
      if (!(thrown instanceof ShellError) || outcomeOf(thrown) !== "not a match") throw thrown;
      if (failure.code === "key/mismatch") failure = thrown;
    }
  }
  throw failure;
}

/** A key that comes after nobody waits for it any more. */
async function wipedWhenLate(coming: Promise<DataKey>, signal: AbortSignal): Promise<DataKey> {
  const key = await coming;
  if (!signal.aborted) return key;
  key[Symbol.dispose]();
  throw signal.reason;
}

function neverWrapped(service: KeyManagementService): KeyError {
  return new KeyError("key/mismatch", "not a match", `${service.label} is named in no ENCRYPTION_INFO`);
}
