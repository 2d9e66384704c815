import type { Event } from "../events.ts";
import type { Leftovers, ObjectStore } from "./store.ts";

/**
 * Takes back uploads that a crash left. Nothing depends on it, so a store that does not let us is not complained of.
 * @returns a notice when there were any. Throws the signal's reason.
 */
export async function takeBackLeftovers(
  store: ObjectStore,
  leftovers: Leftovers,
  signal: AbortSignal,
): Promise<readonly Event[]> {
  if (store.abortLeftovers === undefined) return [];
  try {
    const aborted = await store.abortLeftovers(leftovers, signal);
    if (aborted === 0) return [];
    const message = `taken back what an earlier job left unfinished: ${aborted} ${aborted === 1 ? "upload" : "uploads"}`;
    return [{ type: "notice", severity: "NOTICE", message }];
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
