import type { Interpreter } from "../../src/index.ts";
import type { Profile } from "../guard/guard.ts";
import type { HistoryStore } from "./history.ts";

export interface Remembering {
  readonly shell: Interpreter;
  readonly history: HistoryStore;
  readonly profile: Profile | undefined;
}

/** Runs what was submitted and keeps it with how it went, also when the work throws. */
export async function remember(
  { shell, history, profile }: Remembering,
  text: string,
  now: () => number,
  work: () => Promise<void>,
): Promise<void> {
  const atMs = now();
  const before = shell.state.lastFailure;
  let threw = true;
  try {
    await work();
    threw = false;
  } finally {
    const { lastFailure } = shell.state;
    const failure = lastFailure === before ? undefined : lastFailure?.error.code;
    const database = shell.session.describe()?.database;
    const status = failure ?? (threw ? "shell/output" : "ok");
    await history.append({
      text,
      atMs,
      elapsedMs: now() - atMs,
      status,
      failed: status !== "ok",
      ...(profile === undefined ? {} : { profile: profile.name }),
      ...(database === undefined ? {} : { database }),
    });
  }
}
