import { setImmediate as turn } from "node:timers/promises";

/**
 * Node goes on filling the stream's buffer when nobody listens any more, with keys that are another program's. Only a
 * stream that flowed stops reading when it is paused.
 */
export async function stopReading(stdin: NodeJS.ReadableStream): Promise<void> {
  await turn();
  stdin.resume();
  stdin.pause();
  await turn();
}
