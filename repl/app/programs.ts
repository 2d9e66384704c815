// Programs that the terminal is lent to: the user's editor and pager.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment, ShellError } from "../../src/index.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The text after the user's editor had it. Throws `shell/command` when there is no editor, or it failed. */
export async function editInEditor(text: string, environment: Environment): Promise<string> {
  const editor = environment["VISUAL"] ?? environment["EDITOR"] ?? "vi";
  // In a directory of its own: what is edited may hold a secret.
  const directory = await mkdtemp(join(tmpdir(), "sealift-"));
  const path = join(directory, "statement.sql");
  try {
    await writeFile(path, text.endsWith("\n") || text === "" ? text : `${text}\n`, { mode: 0o600 });
    const status = await run(`${editor} "$0"`, [path], { environment });
    if (status !== 0) {
      throw new ShellError("shell/command", `the editor ${JSON.stringify(editor)} ended with status ${status}`, {
        hint: "set EDITOR to the program to edit with",
      });
    }
    return (await readFile(path, "utf8")).replace(/\n+$/, "");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Shows a text in the user's pager, `less -FRSX` unless told otherwise. False when no pager can be started. */
export async function showInPager(pieces: readonly string[], environment: Environment): Promise<boolean> {
  const named = environment["SEALIFT_PAGER"] ?? environment["PSQL_PAGER"] ?? environment["PAGER"];
  const pager = named ?? "less";
  if (pager.trim() === "" || pager.trim() === "cat") return false;
  const options = {
    ...(environment["LESS"] === undefined ? { LESS: "-FRSX" } : {}),
    // A statement that is typed ahead is keys to it: of `select …` it would make a file named `elect …`.
    ...(named === undefined ? { LESSSECURE: "1" } : {}),
  };
  // A pager that is left early closes its end of the pipe: status 141 or 0, whatever it says.
  const status = await run(pager, [], { environment: { ...environment, ...options }, input: pieces });
  return status !== COMMAND_NOT_FOUND;
}

/** POSIX shell, "Exit Status for Commands". */
const COMMAND_NOT_FOUND = 127;

interface RunOptions {
  readonly environment: Environment;
  readonly input?: readonly string[];
}

function run(command: string, words: readonly string[], { environment, input }: RunOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command, ...words], {
      stdio: [input === undefined ? "inherit" : "pipe", "inherit", "inherit"],
      env: childEnvironment(environment),
    });
    child.once("error", (cause) => reject(new ShellError("shell/command", `cannot run ${command}`, { cause })));
    child.once("close", (status) => resolve(status ?? 0));
    // The reader may leave before it has read everything.
    child.stdin?.on("error", () => {});
    for (const piece of input ?? []) child.stdin?.write(piece);
    child.stdin?.end();
  });
}
