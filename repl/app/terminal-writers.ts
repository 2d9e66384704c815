// Writers of one terminal that both streams lead to, which know whether a line is unfinished.
import { createWriter, type Writer } from "../output.ts";
import type { World } from "../world.ts";

export interface TerminalWriters {
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** Ends a line that something left unfinished: the live frame begins at the begin of one. */
  readonly endLine: () => Promise<void>;
}

export function createTerminalWriters(world: World): TerminalWriters {
  let isAtStart = true;
  const watched = (writer: Writer): Writer => ({
    ...writer,
    write: (piece) => {
      const last = piece.at(-1);
      if (last !== undefined) isAtStart = last === "\n" || last === 0x0a;
      return writer.write(piece);
    },
  });
  const stdout = watched(createWriter(world.stdout, "standard output"));
  const stderr = createWriter(world.stderr, "standard error");
  return {
    stdout,
    stderr: world.stderr.isTTY === true ? watched(stderr) : stderr,
    endLine: async () => {
      if (!isAtStart) await stdout.write("\n");
    },
  };
}
