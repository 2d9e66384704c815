// The process: streams, signals, exit. Everything else is passed what it needs.
import { openDoors } from "../src/index.ts";
import type { StopSignal } from "./cancel.ts";
import { runShell } from "./shell.ts";
import type { World } from "./world.ts";

const STOP_SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs the shell and ends the process with its status. */
export async function main(): Promise<void> {
  // Node would open its inspector, and with it the memory that holds the keys.
  process.on("SIGUSR1", () => {});
  const status = await runShell(openDoors(), processWorld());
  process.exit(status);
}

function processWorld(): World {
  return {
    arguments: process.argv.slice(2),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => Date.now(),
    exit: (status) => process.exit(status),
    onStop(take) {
      const listeners = STOP_SIGNALS.filter(isHeeded).map((signal) => [signal, () => take(signal)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
    onStatusAsked(tell) {
      if (process.platform === "win32") return () => {};
      process.on("SIGUSR2", tell);
      return () => process.off("SIGUSR2", tell);
    },
    // The whole group: the launcher that the shell waits for is in it.
    suspend: () => process.kill(0, "SIGTSTP"),
    // Node writes the title over the arguments that the process list shows.
    hideArguments: () => {
      process.title = "sealift";
    },
  };
}

/** A job whose terminal is gone goes on when it never wrote to one. */
function isHeeded(signal: StopSignal): boolean {
  if (signal !== "SIGHUP" || process.stderr.isTTY) return true;
  process.on("SIGHUP", () => {});
  return false;
}
