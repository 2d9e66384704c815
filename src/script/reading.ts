// The result of one statement, and whether somebody still reads it.
import { onlyReads, type Dialect } from "../../grammar/index.ts";
import type { Event } from "../events.ts";
import type { ScriptEvent } from "./events.ts";

export interface ReadingParts {
  /** Somebody reads who may leave. A script's many statements need no signals of their own. */
  readonly mayBeLeft: boolean;
  /** Stopping the statement ends nothing else: no transaction, and no session. */
  readonly isAlone: boolean;
  readonly signal: AbortSignal | undefined;
  readonly dialect: Dialect;
}

/** So long the rest of a result is skipped without a word. */
const QUIET_MS = 1000;

export class Reading {
  /** Of the whole input, or of a result that nobody reads. */
  readonly signal: AbortSignal | undefined;
  readonly #text: string;
  readonly #parts: ReadingParts;
  readonly #stop = new AbortController();
  readonly #startedMs = performance.now();
  #leftMs: number | undefined;
  #isTold = false;
  /** What is to be said before the event that was observed last. */
  note: ScriptEvent | undefined;

  constructor(text: string, parts: ReadingParts) {
    [this.#text, this.#parts] = [text, parts];
    const { mayBeLeft, signal } = parts;
    this.signal = mayBeLeft ? AbortSignal.any([this.#stop.signal, ...(signal === undefined ? [] : [signal])]) : signal;
  }

  /** Stopping a statement undoes it, and perhaps more: then it goes on to its end. */
  leave(): void {
    this.#leftMs ??= performance.now();
    const { isAlone, dialect } = this.#parts;
    if (isAlone && onlyReads(this.#text, { backslashEscapes: dialect === "redshift" })) this.#stop.abort();
  }

  /** The event as it is to be told: a statement that was stopped because nobody read on has not failed. */
  observe(event: Event): Event {
    this.note = undefined;
    if (this.#leftMs === undefined) return event;
    const isStopped = this.#stop.signal.aborted && this.#parts.signal?.aborted !== true;
    if (event.type === "failed" && isStopped && event.error.code === "job/interrupted") {
      return { type: "finished", tag: "", elapsedMs: performance.now() - this.#startedMs };
    }
    if (event.type === "rows" && !this.#isTold && performance.now() - this.#leftMs > QUIET_MS) {
      this.#isTold = true;
      this.note = { type: "note", message: SKIPPING };
    }
    return event;
  }
}

const SKIPPING =
  "skipping the rest of the result; Ctrl-C stops the statement, which undoes it and the transaction it is in";
