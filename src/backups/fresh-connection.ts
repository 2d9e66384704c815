import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../engines/engine.ts";
import { asShellError } from "../errors.ts";

/** A server that went down and comes back needs some seconds for it. */
const TRIES = 10;
const PAUSE_MS = 1_000;

/**
 * Works over a new connection to the engine's database: what a failure left may be a lost connection. An engine with one
 * session is used as it is.
 * @throws ShellError `engine/connect` when the server does not come back.
 */
export async function onFreshConnection<T>(engine: Engine, work: (fresh: Engine) => Promise<T>): Promise<T> {
  if (!engine.capabilities.parallel) return work(engine);
  await using fresh = await reconnect(engine);
  return await work(fresh);
}

async function reconnect(engine: Engine): Promise<Engine> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await engine.openDatabase(engine.description.database);
    } catch (thrown) {
      if (asShellError(thrown).code !== "engine/connect" || tries === TRIES) throw thrown;
      await sleep(PAUSE_MS);
    }
  }
}
