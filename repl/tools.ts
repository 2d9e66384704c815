// `sealift decrypt` and `sealift inspect`: one file, no database.
import { rm } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { asShellError, ShellError, type Doors } from "../src/index.ts";
import { Cancellation, onScriptStop } from "./cancel.ts";
import { keySourceOf, type DecryptOptions, type InspectOptions } from "./options.ts";
import { createWriter } from "./output.ts";
import type { World } from "./world.ts";

/** Returns the exit status. Throws ShellError, and ReaderGone when standard output's reader left. */
export async function runTool(options: DecryptOptions | InspectOptions, doors: Doors, world: World): Promise<number> {
  const say = (text: string): void => void world.stderr.write(`${text}\n`);
  const cancellation = new Cancellation({ now: world.now, exit: world.exit, say });
  const release = onScriptStop(world, (signal) => cancellation.take(signal));
  try {
    if (options.kind === "inspect") await inspect(options, doors, world, cancellation.signal);
    else await decrypt(options, doors, world, cancellation.signal);
  } finally {
    release();
  }
  return cancellation.status ?? 0;
}

async function inspect({ uri }: InspectOptions, doors: Doors, world: World, signal: AbortSignal): Promise<void> {
  const stdout = createWriter(world.stdout, "standard output");
  for await (const line of doors.inspect({ uri, signal })) await stdout.write(`${line}\n`);
  await stdout.flush();
}

async function decrypt(options: DecryptOptions, doors: Doors, world: World, signal: AbortSignal): Promise<void> {
  const { uri, info, outputFile } = options;
  const request = { uri, key: keySourceOf(options), signal, ...(info === undefined ? {} : { infoUri: info }) };
  if (outputFile !== undefined) {
    await decryptToFile(doors.decrypt(request), outputFile);
    return;
  }
  if (world.stdout.isTTY === true) {
    throw new ShellError("shell/usage", "decrypted data may be binary and would go to the terminal", {
      hint: "use -o FILE, or pipe it to a command",
    });
  }
  const stdout = createWriter(world.stdout, "standard output");
  for await (const piece of doors.decrypt(request)) await stdout.write(piece);
  await stdout.flush();
}

/** A file that turns out to be damaged leaves nothing: its first pieces would look like the whole. */
async function decryptToFile(bytes: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  try {
    await pipeline(bytes, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") {
      throw new ShellError("shell/file", `cannot write ${path}: it exists`, { cause: thrown });
    }
    await rm(path, { force: true });
    if (thrown instanceof Error && "syscall" in thrown) {
      throw new ShellError("shell/output", `cannot write ${path}: ${thrown.message}`, { cause: thrown });
    }
    throw asShellError(thrown);
  }
}
