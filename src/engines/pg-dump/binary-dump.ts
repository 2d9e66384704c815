import { spawn } from "node:child_process";
import { ShellError } from "../../errors.ts";
import { concatBytes, textOf } from "../../std/bytes.ts";
import type { PgDumpRun } from "./wasm-dump.ts";

/** An installed pg_dump. */
export interface PgDumpBinary {
  readonly path: string;
  /** PGHOST, PGPORT, PGUSER, PGPASSWORD, PGSSLMODE … and what the program needs to start. Secrets go this way and never into arguments, which other users can see. */
  readonly environment: Readonly<Record<string, string>>;
}

const STDERR_BYTES_MAX = 64 * 1024;

function startFailure(path: string, cause: NodeJS.ErrnoException): ShellError {
  const reason = cause.code === "ENOENT" ? "there is no such file" : `it does not start: ${cause.message}`;
  return new ShellError("shell/file", `${path} cannot be used as pg_dump: ${reason}`, {
    hint: "correct --pg-dump=PATH, or leave it out to use the built-in one",
    cause,
  });
}

/** Runs an installed pg_dump and collects its output. Throws `shell/file` when it cannot be started, `job/interrupted`. */
export async function runPgDumpBinary(
  binary: PgDumpBinary,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<PgDumpRun> {
  const child = spawn(binary.path, args, { env: { ...binary.environment }, stdio: ["ignore", "pipe", "pipe"] });
  const [output, complaints]: [Uint8Array[], Uint8Array[]] = [[], []];
  let complaintBytes = 0;
  child.stdout.on("data", (piece: Uint8Array) => output.push(piece));
  child.stderr.on("data", (piece: Uint8Array) => {
    if (complaintBytes < STDERR_BYTES_MAX) complaints.push(piece);
    complaintBytes += piece.length;
  });
  const stop = (): void => void child.kill("SIGTERM");
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(startFailure(binary.path, cause)));
      child.once("close", (code) => resolve(code ?? -1));
    });
    if (signal?.aborted === true) throw new ShellError("job/interrupted", "reading the schema was interrupted");
    const file = status === 0 ? concatBytes(output) : new Uint8Array(0);
    return { status, file, stderr: textOf(concatBytes(complaints)), lost: false };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
