// Programs that the terminal is lent to: the user's editor and pager.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment, ShellError } from "../../src/index.ts";
import { PipedProgram, type PipedProgramParts } from "../piped-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The text after the user's editor had it. Throws `shell/command` when there is no editor, or it failed. */
export async function editInEditor(text: string, environment: Environment): Promise<string> {
  // Set to nothing is not set.
  const editor = [environment["VISUAL"], environment["EDITOR"]].find((one) => one?.trim()) ?? "vi";
  // In a directory of its own: what is edited may hold a secret.
  const directory = await mkdtemp(join(tmpdir(), "sealift-"));
  const path = join(directory, "statement.sql");
  try {
    await writeFile(path, text.endsWith("\n") || text === "" ? text : `${text}\n`, { mode: 0o600 });
    const status = await run(`${editor} "$0"`, [path], environment);
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

/** The user's pager, `less -FRSX` unless told otherwise, which is started by the first text; undefined for none. */
export function createPager(
  environment: Environment,
  parts: Pick<PipedProgramParts, "borrow" | "left">,
): PipedProgram | undefined {
  const named = environment["SEALIFT_PAGER"] ?? environment["PSQL_PAGER"] ?? environment["PAGER"];
  const pager = named ?? "less";
  if (pager.trim() === "" || pager.trim() === "cat") return undefined;
  const options = {
    ...(environment["LESS"] === undefined ? { LESS: "-FRSX" } : {}),
    // A statement that is typed ahead is keys to it: of `select …` it would make a file named `elect …`.
    ...(named === undefined ? { LESSSECURE: "1" } : {}),
  };
  const own = childEnvironment({ ...environment, ...options });
  return new PipedProgram({ command: pager, environment: own, holdsTerminal: true, ...parts });
}

function run(command: string, words: readonly string[], environment: Environment): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command, ...words], {
      stdio: "inherit",
      env: childEnvironment(environment),
    });
    child.once("error", (cause) => reject(new ShellError("shell/command", `cannot run ${command}`, { cause })));
    child.once("close", (status) => resolve(status ?? 0));
  });
}
