import { ShellError, type ShellErrorOptions } from "../../errors.ts";
import type { PgDumpRun } from "./wasm-dump.ts";

// The one line the built-in pg_dump always starts with: it looks for its own file and finds none.
const HARMLESS = /^(?:could not find a "pg_dump" to execute|invalid binary ".*")$/;
const VERSION_MISMATCH = /server version mismatch|aborting because of server version/;
const CONNECTION_LOST =
  /server closed the connection|connection to server was lost|terminating connection|could not (?:send|receive) data/;
const NO_PRIVILEGE = /permission denied/;
const LOCK_NOT_AVAILABLE = /lock timeout|could not obtain lock/;

export function failureLines(stderr: string): readonly string[] {
  return stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !HARMLESS.test(line));
}

function summary(lines: readonly string[]): string {
  const line = lines.find((candidate) => /\berror\b/i.test(candidate)) ?? lines[0] ?? "it said nothing";
  return line
    .replace(/^pg_dump: (?:error: )?/, "")
    .replace(/^query failed: /, "")
    .replace(/^ERROR:\s+/, "");
}

/** What a pg_dump that ended with a status other than 0 says, as an error of ours. */
export function pgDumpFailure(run: Omit<PgDumpRun, "file">): ShellError {
  const lines = failureLines(run.stderr);
  const all = lines.join("\n");
  const options: ShellErrorOptions = { detail: [...lines, `pg_dump ended with status ${run.status}`] };
  if (VERSION_MISMATCH.test(all)) {
    return new ShellError("engine/unsupported", "this pg_dump does not know the server's version", {
      ...options,
      hint: "give the path of a pg_dump at least as new as the server with --pg-dump=PATH",
    });
  }
  if (run.lost || CONNECTION_LOST.test(all)) {
    return new ShellError("engine/lost", "the connection was lost while the schema was read", options);
  }
  if (NO_PRIVILEGE.test(all)) {
    return new ShellError("engine/failed", `the schema cannot be read: ${summary(lines)}`, {
      ...options,
      sqlState: "42501",
      hint: "a backup needs USAGE on every schema and SELECT on every table and sequence in it",
    });
  }
  if (LOCK_NOT_AVAILABLE.test(all)) {
    return new ShellError("engine/failed", `the schema cannot be read: ${summary(lines)}`, {
      ...options,
      sqlState: "55P03",
    });
  }
  return new ShellError("engine/failed", `the schema cannot be read: ${summary(lines)}`, options);
}
