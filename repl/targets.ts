// Where \o and \g send results: files and other programs.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import type { OutputTarget } from "../src/index.ts";
import { createWriter, ReaderGone, type Writer } from "./output.ts";

/** Takes the terminal for another program until the returned function gives it back. */
export type Borrow = () => Promise<() => Promise<void>>;

export interface TargetsParts {
  readonly stdout: Writer;
  readonly childEnvironment: Record<string, string>;
  /** Absent where nobody else reads from the terminal. */
  readonly borrow?: Borrow;
}

interface OpenTarget extends Writer {
  /** Opens what would be opened at the first write. Throws `shell/output`. */
  readonly begin: () => Promise<void>;
  /** Its program has the terminal, and is to be ended before anybody else can have it. */
  readonly holdsTerminal: boolean;
  /** Its program ended although nobody closed it. */
  readonly hasEnded: () => boolean;
}

/** Programs that read all they are given and then want keys from the terminal. */
const READERS = new Set(
  "less more most pg pspg ov moar moor bat batcat vi vim nvim view nano emacs fzf sk vd visidata lnav w3m".split(" "),
);

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
    if (target.kind === "stdout" || (target.kind === "pipe" && isReader(target.command))) return;
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
    return this.#parts.borrow !== undefined && this.#open.get(target)?.hasEnded() === true;
  }

  #opened(target: Exclude<OutputTarget, { kind: "stdout" }>, isForOneResult: boolean): OpenTarget {
    let writer = this.#open.get(target);
    if (writer === undefined) {
      const holds = isForOneResult && this.#parts.borrow !== undefined;
      writer =
        target.kind === "file" ? new FileTarget(target.path) : new PipeTarget(target.command, holds, this.#parts);
      this.#open.set(target, writer);
    }
    return writer;
  }
}

/** Whether the last program of a command line is known to want the terminal. */
function isReader(command: string): boolean {
  if (/[<>]/.test(command)) return false;
  const words = (command.split("|").at(-1) ?? "").trim().split(/\s+/);
  const program = words.find((word) => !/^\w+=/.test(word)) ?? "";
  return READERS.has(basename(program));
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

  readonly hasEnded = (): boolean => false;

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

interface Running {
  readonly child: ChildProcess;
  readonly writer: Writer;
  readonly exited: Promise<void>;
  readonly giveBack: (() => Promise<void>) | undefined;
}

class PipeTarget implements OpenTarget {
  readonly holdsTerminal: boolean;
  readonly #command: string;
  readonly #parts: TargetsParts;
  #running: Promise<Running> | undefined;
  #hasEnded = false;

  constructor(command: string, holdsTerminal: boolean, parts: TargetsParts) {
    this.holdsTerminal = holdsTerminal;
    [this.#command, this.#parts] = [command, parts];
  }

  readonly hasEnded = (): boolean => this.#hasEnded;

  async begin(): Promise<void> {
    await this.#started();
  }

  async write(piece: string | Uint8Array): Promise<void> {
    const { writer } = await this.#started();
    await this.#forgiving(writer.write(piece));
  }

  async flush(): Promise<void> {
    const { writer } = await this.#started();
    await this.#forgiving(writer.flush());
  }

  async close(): Promise<void> {
    if (this.#running === undefined) return;
    const { child, exited, giveBack } = await this.#running;
    // What it says at its end, or still asks, is between it and the terminal.
    const release = giveBack ?? (this.#hasEnded ? undefined : await this.#parts.borrow?.());
    try {
      child.stdin?.end();
      await exited;
    } finally {
      await release?.();
    }
  }

  #started(): Promise<Running> {
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Running> {
    const giveBack = this.holdsTerminal ? await this.#parts.borrow?.() : undefined;
    const env = this.#parts.childEnvironment;
    const child = spawn("/bin/sh", ["-c", this.#command], { stdio: ["pipe", "inherit", "inherit"], env });
    const exited = new Promise<void>((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        resolve();
      };
      child.once("close", end);
      child.once("error", end);
    });
    return { child, exited, giveBack, writer: createWriter(child.stdin, `| ${this.#command}`) };
  }

  /** A command may stop reading when it has seen enough, as head does. */
  async #forgiving(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (thrown) {
      if (!(thrown instanceof ReaderGone)) throw thrown;
      this.#hasEnded = true;
    }
  }
}
