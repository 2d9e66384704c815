import { spawn } from "node:child_process";
import { once } from "node:events";

export interface CommandOptions {
  readonly cwd: string;
  /** Besides this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The command and all that it started are ended when it aborts. */
  readonly signal: AbortSignal;
}

export interface Ran {
  /** `undefined` when it was ended by a signal. */
  readonly status: number | undefined;
  readonly hasTimedOut: boolean;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Another program is not on this machine. */
export class MissingProgram extends Error {}

/** Runs a program to its end. Throws {@link MissingProgram} when there is none of that name. */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<Ran> {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.variables },
    stdio: "pipe",
    detached: true,
  });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const end = (): void => {
    // The whole group: installers start programs of their own.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  options.signal.addEventListener("abort", end, { once: true });
  try {
    const [status] = (await once(child, "close")) as [number | null];
    const output = Buffer.concat(pieces).toString();
    return { status: status ?? undefined, hasTimedOut: options.signal.aborted, output };
  } catch (cause) {
    throw new MissingProgram(`${program} is not on this machine`, { cause });
  } finally {
    options.signal.removeEventListener("abort", end);
  }
}
