// The process: streams, signals, exit. Everything else is passed what it needs.
import { constants } from "node:os";
import { openDoors } from "../src/index.ts";
import { STATUS_OF, type StopSignal } from "./cancel.ts";
import { runShell } from "./shell.ts";
import type { World } from "./world.ts";

const STOP_SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** SIGINFO is Ctrl-T on a terminal of macOS and the BSDs; other systems have none. */
const STATUS_SIGNALS = (["SIGUSR2", "SIGINFO"] as const).filter((signal) => signal in constants.signals);

/** Runs the shell and ends the process with its status. */
export async function main(): Promise<void> {
  // Node would open its inspector, and with it the memory that holds the keys.
  process.on("SIGUSR1", () => {});
  if (!isSomewhere()) {
    process.stderr.write("sealift: the directory you are in was removed; change to another one\n");
    process.exit(1);
  }
  // Who asks where it is while nobody is there to answer must not end it.
  for (const signal of STATUS_SIGNALS) process.on(signal, () => {});
  leave(await runShell(openDoors(), processWorld()));
}

function leave(status: number): never {
  if (status === STATUS_OF.SIGHUP && process.platform !== "win32") {
    // Node's own way out wants to set the terminal back, which is gone, and would leave a core image with the keys in it.
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  }
  process.exit(status);
}

/** Paths that are given relative would lead nowhere. */
function isSomewhere(): boolean {
  try {
    return process.cwd() !== "";
  } catch {
    return false;
  }
}

function processWorld(): World {
  return {
    arguments: process.argv.slice(2),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => Date.now(),
    exit: leave,
    onStop(take) {
      const listeners = STOP_SIGNALS.map((signal) => [signal, () => take(signal)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
    onStatusAsked(tell) {
      for (const signal of STATUS_SIGNALS) process.on(signal, tell);
      return () => {
        for (const signal of STATUS_SIGNALS) process.off(signal, tell);
      };
    },
    // The whole group: the launcher that the shell waits for is in it.
    suspend: () => process.kill(0, "SIGTSTP"),
    // Node writes the title over the arguments that the process list shows.
    hideArguments: () => {
      process.title = "sealift";
    },
  };
}
