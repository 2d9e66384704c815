import type { Event, ShellError } from "../../src/index.ts";

export type JobEvent = Extract<Event, { type: "phase" | "progress" }>;

/** What is known about the statement that a job belongs to. */
export interface JobPlace {
  readonly number: number;
  readonly file: string;
  readonly line: number;
}

/** Tells on stderr how a long statement gets on. */
export interface ProgressRenderer {
  readonly job: (event: JobEvent, place: JobPlace) => void;
  /** The statement is done. `verb` and `summary` as its `finished` event had them. */
  readonly finished: (elapsedMs: number, summary: Readonly<Record<string, string | number>>) => void;
  readonly failed: (error: ShellError) => void;
  /** Tells at the next chance, however little time has passed. */
  readonly tellSoon: () => void;
  /** Takes a drawn line away before something else is written; nothing for renderers that only append. */
  readonly clear: () => void;
}

export interface ProgressWorld {
  readonly write: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const SILENT: ProgressRenderer = { job() {}, finished() {}, failed() {}, tellSoon() {}, clear() {} };
