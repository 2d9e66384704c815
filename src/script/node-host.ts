import { execFileSync, spawn } from "node:child_process";
import { createReadStream, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ReadStream, WriteStream } from "node:tty";
import { ShellError } from "../errors.ts";
import { Secret } from "../std/secret.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { ScriptHost } from "./host.ts";

/** Names whose values a child process has no business with. */
const SECRET_NAME = /PASSWORD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|ACCOUNT_KEY|ACCESS_KEY|PRIVATE_KEY/i;

/** The environment for child processes: without passwords, passphrases and cloud secrets. */
export function childEnvironment(environment: ScriptHost["environment"]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !SECRET_NAME.test(name)) kept[name] = value;
  }
  return kept;
}

/** The host of a real process. `environment` is its environment as wiring read it. */
export function createHost(
  environment: ScriptHost["environment"],
  pastStatements: ScriptHost["pastStatements"] = () => [],
): ScriptHost {
  const env = childEnvironment(environment);
  const shell = environment["SHELL"] ?? "/bin/sh";
  return {
    environment,
    workingDirectory: () => process.cwd(),
    changeDirectory: (path) => onFile(path, "change to directory", () => process.chdir(path)),
    readText: (path) => readFile(path, "utf8").catch((cause: unknown) => failOn(path, "read", cause)),
    readBytes: (path) => readBytes(path),
    standardInput: () => process.stdin,
    capture: (command) => capture(command, env),
    captureStream: (command) => captureStream(command, env),
    runShell: (command, signal) => runShell(command === "" ? [shell] : ["/bin/sh", "-c", command], env, signal),
    pastStatements,
    promptSecret,
  };
}

function onFile<T>(path: string, doing: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    return failOn(path, doing, cause);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "it is not a directory",
};

function failOn(path: string, doing: string, cause: unknown): never {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  throw new ShellError("shell/file", `cannot ${doing} ${path}: ${REASONS[code] ?? String(cause)}`, { cause });
}

async function* readBytes(path: string): ByteStream {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (cause) {
    failOn(path, "read", cause);
  }
}

function capture(command: string, env: Record<string, string>): string {
  try {
    return execFileSync("/bin/sh", ["-c", command], { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"], env });
  } catch (cause) {
    throw new ShellError("shell/command", `command in backquotes failed: ${command}`, { cause });
  }
}

function runShell(
  [program = "/bin/sh", ...words]: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: "inherit", env });
    const stop = (): void => void child.kill();
    signal?.addEventListener("abort", stop);
    child.once("error", (cause) => reject(new ShellError("shell/command", `cannot run ${program}`, { cause })));
    child.once("close", (status) => {
      signal?.removeEventListener("abort", stop);
      resolve(status ?? 1);
    });
  });
}

async function* captureStream(command: string, env: Record<string, string>): ByteStream {
  const child = spawn("/bin/sh", ["-c", command], { stdio: ["ignore", "pipe", "inherit"], env });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const status = await ended;
    if (status !== 0)
      throw new ShellError("shell/command", `program ended with status ${status ?? "unknown"}: ${command}`);
  } finally {
    child.kill();
  }
}

const CONTROL_C = "\u0003";
const CONTROL_D = "\u0004";
const ERASE = new Set(["\u007f", "\b"]);

/** Reads one line from the terminal itself, whatever standard input is, without showing it. */
function promptSecret(label: string): Promise<Secret> {
  const terminal = openTerminal(label);
  const { input, output } = terminal;
  output.write(label);
  input.setRawMode(true).setEncoding("utf8");
  return new Promise<Secret>((resolve, reject) => {
    let text = "";
    const finish = (end: () => void): void => {
      input.setRawMode(false).destroy();
      output.write("\n", () => output.destroy());
      end();
    };
    input.on("data", (typed: string) => {
      for (const character of typed) {
        if (character === "\r" || character === "\n") return finish(() => resolve(new Secret(text)));
        if (character === CONTROL_C || character === CONTROL_D) {
          return finish(() => reject(new ShellError("job/interrupted", "no secret was given")));
        }
        text = ERASE.has(character) ? text.slice(0, -1) : text + character;
      }
    });
  });
}

function openTerminal(label: string): { input: ReadStream; output: WriteStream } {
  try {
    return { input: new ReadStream(openSync("/dev/tty", "r")), output: new WriteStream(openSync("/dev/tty", "w")) };
  } catch (cause) {
    throw new ShellError("shell/usage", `there is no terminal to ask for ${label.replace(/:\s*$/, "")}`, {
      hint: "use \\secret NAME env:VAR or file:PATH in scripts, and PGPASSFILE for passwords",
      cause,
    });
  }
}
