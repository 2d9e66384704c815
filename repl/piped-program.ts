// A program that text is piped to, and that may have the terminal meanwhile.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriter, ReaderGone, type Writer } from "./output.ts";

/** Takes the terminal for another program until the returned function gives it back. */
export type Borrow = () => Promise<() => Promise<void>>;

export interface PipedProgramParts {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  /** It has the terminal while it runs; otherwise at its end, for what it still says or asks is between the two. */
  readonly holdsTerminal: boolean;
  /** Absent where nobody else reads from the terminal. */
  readonly borrow: Borrow | undefined;
  /** It has ended, or reads no more, although it was to be given more. */
  readonly left?: (() => void) | undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly writer: Writer;
  readonly exited: Promise<number>;
  readonly giveBack: (() => Promise<void>) | undefined;
}

export class PipedProgram implements Writer {
  readonly #parts: PipedProgramParts;
  #running: Promise<Running> | undefined;
  #isClosing = false;
  #hasEnded = false;

  constructor(parts: PipedProgramParts) {
    this.#parts = parts;
  }

  get holdsTerminal(): boolean {
    return this.#parts.holdsTerminal;
  }

  /** It ended, or reads no more, although nobody closed it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

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
    await this.end();
  }

  /** Ends its input and waits for it. Returns its exit status; 0 when it was never started. */
  async end(): Promise<number> {
    if (this.#running === undefined) return 0;
    this.#isClosing = true;
    const { child, exited, giveBack } = await this.#running;
    const release = giveBack ?? (this.#hasEnded ? undefined : await this.#parts.borrow?.());
    try {
      child.stdin?.end();
      return await exited;
    } finally {
      await release?.();
    }
  }

  #started(): Promise<Running> {
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { command, environment, borrow } = this.#parts;
    const giveBack = this.holdsTerminal ? await borrow?.() : undefined;
    const child = spawn("/bin/sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"], env: environment });
    const exited = new Promise<number>((resolve) => {
      const end = (status: number | null): void => {
        this.#ended();
        resolve(status ?? 0);
      };
      child.once("close", end);
      child.once("error", () => end(COMMAND_NOT_FOUND));
    });
    return { child, exited, giveBack, writer: createWriter(child.stdin, `| ${command}`) };
  }

  #ended(): void {
    const isNews = !this.#hasEnded && !this.#isClosing;
    this.#hasEnded = true;
    if (!isNews) return;
    this.#parts.left?.();
    // Whatever becomes of the statement, the terminal comes back now. What goes wrong in it, `close` says.
    if (this.holdsTerminal) this.end().catch(() => undefined);
  }

  /** A command may stop reading when it has seen enough, as head does. */
  async #forgiving(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (thrown) {
      if (!(thrown instanceof ReaderGone)) throw thrown;
      this.#ended();
    }
  }
}

/** POSIX shell, "Exit Status for Commands". */
export const COMMAND_NOT_FOUND = 127;
