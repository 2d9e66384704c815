// A process of its own that tries to take the lock of the directory in argv when its parent says so, and tells what
// became of it: "taken", or the code of the error. It keeps the lock until it is killed.
import { DirectoryLock } from "../../src/engines/embedded/lock.ts";
import { asShellError } from "../../src/errors.ts";

async function contend(directory: string): Promise<string> {
  try {
    await DirectoryLock.take(directory, { warn: () => undefined });
    return "taken";
  } catch (thrown) {
    return asShellError(thrown).code;
  }
}

const [, , directory = ""] = process.argv;
process.once("message", () => {
  void contend(directory).then((answer) => process.send?.(answer));
});
// The parent's channel keeps the process alive.
process.on("message", () => undefined);
process.send?.("ready");
