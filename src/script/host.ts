import type { ByteStream } from "../std/bytes.ts";
import type { PromptHost } from "./prompt-host.ts";
import type { Secret } from "../std/secret.ts";

/** A statement that was submitted at a prompt, its secrets as references. */
export interface PastStatement {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly database?: string;
  readonly profile?: string;
  readonly elapsedMs?: number;
  /** `ok`, or the code of the error. */
  readonly status?: string;
}

/** What a script may do to the machine it runs on. Tests pass another one. */
export interface ScriptHost {
  /** Variables of the process, as a value. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: () => string;
  /** Throws `shell/file`. */
  readonly changeDirectory: (path: string) => void;
  /** A text file as a whole. Throws `shell/file`. */
  readonly readText: (path: string) => Promise<string>;
  readonly readBytes: (path: string) => ByteStream;
  /** Standard input, for COPY FROM STDIN when the script comes from elsewhere. */
  readonly standardInput: () => ByteStream;
  /** What a command prints. Throws `shell/command` when it fails. */
  readonly capture: (command: string) => string;
  /** Output of a command as it comes. */
  readonly captureStream: (command: string) => ByteStream;
  /** Runs a command on this terminal; an interactive shell when empty. Returns its exit status; abort ends it. */
  readonly runShell: (command: string, signal?: AbortSignal) => Promise<number>;
  /** Statements of the past, oldest first; empty where none are kept. */
  readonly pastStatements: () => readonly PastStatement[];
  /** Asks on the terminal without showing what is typed. Throws `shell/usage` when there is no terminal. */
  readonly promptSecret: (label: string) => Promise<Secret>;
  /** Absent where no person types. */
  readonly prompt?: PromptHost | undefined;
}
