// A text of unknown length for a terminal: written there when it fits, given to a pager as it comes when it does not.
import { widthOf } from "./layout/cells.ts";
import type { Writer } from "./output.ts";
import { COMMAND_NOT_FOUND, type PipedProgram } from "./piped-program.ts";

/** Starts the pager that the user wants, told when it is left before everything was written; undefined when none is. */
export type OpenPager = (left: () => void) => Promise<Pick<PipedProgram, "write" | "end" | "hasEnded"> | undefined>;

export interface PagedTextParts {
  /** Rows of the terminal that a text may take without a pager. */
  readonly rows: number;
  readonly columns: number;
  readonly stdout: Writer;
  readonly open: OpenPager;
  /** Nobody wants more: the pager was left. */
  readonly left: () => void;
}

const STYLE = /\u001b\[[0-9;]*m/g;

/** Rows of a terminal that lines take, those that wrap as often as they do; not counted much beyond `most`. */
function rowsTaken(text: string, columns: number, most: number): number {
  let rows = 0;
  for (let from = 0; from < text.length && rows <= most;) {
    const end = text.indexOf("\n", from);
    // A line that fills the screen by itself need not be measured.
    const line = text.slice(from, Math.min(end < 0 ? text.length : end, from + columns * (most + 2) * 2));
    rows += Math.max(1, Math.ceil(widthOf(line.replace(STYLE, "")) / columns));
    from = end < 0 ? text.length : end + 1;
  }
  return rows;
}

/** More than the system keeps of what a program that cannot be started has not read. */
const UNREAD_MAX = 1_200_000;

export class PagedText {
  readonly #parts: PagedTextParts;
  /** What fits so far. */
  #held: string[] = [];
  #rows = 0;
  #mode: "held" | "paged" | "direct" | "left" = "held";
  #pager: Awaited<ReturnType<OpenPager>>;
  /** What the pager may never have read. */
  #unread: string[] | undefined = [];
  #unreadSize = 0;
  #ended: Promise<void> | undefined;
  /** Milliseconds that were spent waiting for whoever reads. */
  waitedMs = 0;

  constructor(parts: PagedTextParts) {
    this.#parts = parts;
  }

  /** The terminal is the pager's. */
  get isPaging(): boolean {
    return this.#mode === "paged";
  }

  /** Nothing that is written arrives any more. */
  get isLeft(): boolean {
    return this.#mode === "left";
  }

  async write(text: string): Promise<void> {
    if (this.#mode === "held") await this.#hold(text);
    else if (this.#mode === "paged") await this.#page(text);
    else if (this.#mode === "direct") await this.#parts.stdout.write(text);
  }

  /** Everything is written: waits until it was read, and the terminal is the shell's again. */
  async end(): Promise<void> {
    if (this.#mode === "held") await this.#direct(this.#held);
    else if (this.#mode !== "direct") await this.#timed(this.#endPager());
    await this.#parts.stdout.flush();
  }

  /** The text breaks off. What was held back is not shown; who reads the rest gives the terminal back first. */
  async abandon(): Promise<void> {
    this.#held = [];
    await this.end();
  }

  async #hold(text: string): Promise<void> {
    this.#held.push(text);
    const { rows, columns } = this.#parts;
    this.#rows += rowsTaken(text, columns, rows - this.#rows);
    if (this.#rows <= rows) return;
    const held = this.#held;
    this.#held = [];
    this.#pager = await this.#parts.open(() => this.#left());
    if (this.#pager === undefined) return this.#direct(held);
    this.#mode = "paged";
    for (const piece of held) await this.write(piece);
  }

  async #page(text: string): Promise<void> {
    this.#unread?.push(text);
    this.#unreadSize += text.length;
    if (this.#unreadSize > UNREAD_MAX) this.#unread = undefined;
    await this.#timed(this.#pager?.write(text));
    if (this.#pager?.hasEnded === true) await this.#timed(this.#endPager());
  }

  #left(): void {
    // Whatever becomes of the statement, the terminal comes back now. What goes wrong in it, `end` says.
    this.#endPager().catch(() => undefined);
  }

  #endPager(): Promise<void> {
    this.#ended ??= this.#finishPager();
    return this.#ended;
  }

  async #finishPager(): Promise<void> {
    const isEarly = this.#pager?.hasEnded === true;
    const status = await this.#pager?.end();
    const unread = this.#unread;
    this.#unread = undefined;
    if (status === COMMAND_NOT_FOUND && unread !== undefined) return this.#direct(unread);
    this.#mode = "left";
    if (isEarly) this.#parts.left();
  }

  async #direct(pieces: readonly string[]): Promise<void> {
    this.#mode = "direct";
    for (const piece of pieces) await this.#parts.stdout.write(piece);
  }

  async #timed(work: Promise<void> | undefined): Promise<void> {
    const before = performance.now();
    await work;
    this.waitedMs += performance.now() - before;
  }
}
