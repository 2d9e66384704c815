import { startsAsOurs } from "../../grammar/index.ts";
import type { Event } from "../events.ts";
import type { ScriptEvent } from "./events.ts";

type Timing = Extract<ScriptEvent, { type: "timing" }>;

/** Sees when the result of each statement in a text begins. What we do ourselves has no server's part. */
export class AnswerClock {
  readonly #isOurs: boolean;
  #begunMs = performance.now();
  #answeredMs: number | undefined;

  constructor(text: string) {
    this.#isOurs = startsAsOurs(text);
  }

  /** What is to be said of the time once a statement is finished; nothing where nothing was carried out. */
  observe(event: Event): Timing | undefined {
    if (event.type === "columns" && !this.#isOurs) this.#answeredMs = performance.now() - this.#begunMs;
    if (event.type !== "finished") return undefined;
    const answeredMs = this.#answeredMs;
    this.#begunMs = performance.now();
    this.#answeredMs = undefined;
    if (event.elapsedMs === 0) return undefined;
    return { type: "timing", elapsedMs: event.elapsedMs, ...(answeredMs === undefined ? {} : { answeredMs }) };
  }
}
