// Where \o and \g send results: files and other programs.
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import type { OutputTarget } from "../src/index.ts";
import { createWriter, type Writer } from "./output.ts";
import { PipedProgram, type Borrow } from "./piped-program.ts";

export interface TargetsParts {
  readonly stdout: Writer;
  readonly childEnvironment: Readonly<Record<string, string>>;
  /** Absent where nobody else reads from the terminal. */
  readonly borrow?: Borrow;
  /** A program takes no more of the result that goes to it. */
  readonly left?: () => void;
}

interface OpenTarget extends Writer {
  /** Opens what would be opened at the first write. Throws `shell/output`. */
  readonly begin: () => Promise<void>;
  /** Its program has the terminal, and is to be ended before anybody else can have it. */
  readonly holdsTerminal: boolean;
  /** Its program ended although nobody closed it. */
  readonly hasEnded: boolean;
}

/** Programs that read all they are given and then want keys from the terminal. */
const READERS = new Set(
  "less more most pg pspg ov moar moor bat batcat vi vim nvim view nano emacs fzf sk vd visidata lnav w3m".split(" "),
);

const OWN_READERS = ["SEALIFT_PAGER", "PSQL_PAGER", "PAGER", "VISUAL", "EDITOR"];

/** Writers for what \o and \g name; opened at the first write, closed when no longer meant. */
export class Targets {
  readonly #parts: TargetsParts;
  readonly #open = new Map<OutputTarget, OpenTarget>();

  constructor(parts: TargetsParts) {
    this.#parts = parts;
  }

  writer(target: OutputTarget): Writer {
    return target.kind === "stdout" ? this.#parts.stdout : this.#opened(target, true);
  }

  /** What \o now names. A reader is started by the first result. Throws `shell/output`. */
  async begin(target: OutputTarget): Promise<void> {
    if (target.kind === "stdout" || (target.kind === "pipe" && this.#isReader(target.command))) return;
    try {
      await this.#opened(target, false).begin();
    } catch (thrown) {
      this.#open.delete(target);
      throw thrown;
    }
  }

  /** Closes all but the one that results still go to; what has the terminal is a program of its own for each result. */
  async closeAllBut(kept?: OutputTarget): Promise<void> {
    for (const [target, writer] of this.#open) {
      if (target === kept && !writer.holdsTerminal) continue;
      this.#open.delete(target);
      await writer.close();
    }
  }

  /** Whether nothing that is written there arrives any more; only somebody at a terminal is told. */
  isDeaf(target: OutputTarget): boolean {
    return this.#parts.borrow !== undefined && this.#open.get(target)?.hasEnded === true;
  }

  #opened(target: Exclude<OutputTarget, { kind: "stdout" }>, isForOneResult: boolean): OpenTarget {
    let writer = this.#open.get(target);
    if (writer === undefined) {
      const holds = isForOneResult && this.#parts.borrow !== undefined;
      writer = target.kind === "file" ? new FileTarget(target.path) : this.#program(target.command, holds);
      this.#open.set(target, writer);
    }
    return writer;
  }

  /** Whether a command is known to want the terminal: its last program, or what the user reads and edits with. */
  #isReader(command: string): boolean {
    if (/[<>]/.test(command)) return false;
    const program = programOf(command.split("|").at(-1) ?? "");
    const own = OWN_READERS.map((name) => programOf(this.#parts.childEnvironment[name] ?? ""));
    return READERS.has(program) || (program !== "" && own.includes(program));
  }

  #program(command: string, holdsTerminal: boolean): OpenTarget {
    const { childEnvironment: environment, borrow, left } = this.#parts;
    return new PipedProgram({ command, environment, borrow, holdsTerminal, left });
  }
}

function programOf(command: string): string {
  const words = command.trim().split(/\s+/);
  return basename(words.find((word) => !/^\w+=/.test(word)) ?? "");
}

class FileTarget implements OpenTarget {
  readonly holdsTerminal = false;
  readonly #stream;
  readonly #writer: Writer;
  #hasFailed = false;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
    this.#writer = createWriter(this.#stream, path);
  }

  readonly hasEnded = false;

  begin(): Promise<void> {
    return this.flush();
  }

  write(piece: string | Uint8Array): Promise<void> {
    return this.#heeded(this.#writer.write(piece));
  }

  flush(): Promise<void> {
    return this.#heeded(this.#writer.flush());
  }

  async close(): Promise<void> {
    // What went wrong was told once.
    if (!this.#hasFailed) await this.flush();
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
  }

  async #heeded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (thrown) {
      this.#hasFailed = true;
      throw thrown;
    }
  }
}

/** Whether two targets are one place. */
export function isSame(a: OutputTarget, b: OutputTarget): boolean {
  if (a.kind === "file") return b.kind === "file" && a.path === b.path;
  return a.kind === "pipe" ? b.kind === "pipe" && a.command === b.command : b.kind === "stdout";
}
