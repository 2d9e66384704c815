// A program on a real pseudo-terminal, and the screen as a terminal shows it.
import { spawn, type IPty } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { setTimeout as sleep } from "node:timers/promises";

/** Some columns of a row that look the same. Colours are of the palette of 256 or `#rrggbb`. */
export interface Stretch {
  readonly text: string;
  readonly column: number;
  readonly columns: number;
  readonly ink: Colour;
  readonly paper: Colour;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isInverse: boolean;
}

type Colour = number | string | undefined;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

type Condition = string | RegExp | ((screen: string) => boolean);

const WAIT_MS = 60_000;
const LAST_WORDS_MS = 2000;
const POLL_MS = 5;
const STEP_MS_MAX = 100;
const REST_MS = 400;

/** Keys by the names that sessions use. */
const KEYS: Readonly<Record<string, string>> = {
  enter: "\r",
  tab: "\t",
  escape: "\u001b",
  backspace: "\u007f",
  delete: "\u001b[3~",
  up: "\u001b[A",
  down: "\u001b[B",
  right: "\u001b[C",
  left: "\u001b[D",
  home: "\u001b[H",
  end: "\u001b[F",
  "S-tab": "\u001b[Z",
  "C-left": "\u001b[1;5D",
  "C-right": "\u001b[1;5C",
};

/** What a terminal sends for `C-a`, `M-b`, `enter`. Throws for a name it does not know. */
export function keyBytes(name: string): string {
  const known = KEYS[name];
  if (known !== undefined) return known;
  if (name.startsWith("M-")) return `\u001b${name.length === 3 ? name.slice(2) : keyBytes(name.slice(2))}`;
  if (/^C-.$/.test(name)) return String.fromCharCode(name.toUpperCase().charCodeAt(2) & 0x1f);
  throw new Error(`no key is named ${name}`);
}

export class TerminalProgram implements AsyncDisposable {
  readonly #pty: IPty;
  readonly #terminal: headless.Terminal;
  readonly #exited: Promise<{ readonly status: number; readonly signal: number }>;
  #written = 0;
  #parsed = 0;
  #hasExited = false;
  /** Everything that was written, sequences included. */
  raw = "";
  title = "";

  constructor(command: readonly string[], options: TerminalOptions = {}) {
    const { columns: cols = 80, rows = 24, environment = {}, directory = process.cwd() } = options;
    this.#terminal = new headless.Terminal({ cols, rows, allowProposedApi: true, scrollback: 10_000 });
    const [program = "", ...words] = command;
    this.#pty = spawn(program, words, { cols, rows, cwd: directory, env: { TERM: "xterm-256color", ...environment } });
    this.#terminal.onData((reply) => this.#pty.write(reply));
    this.#terminal.onTitleChange((title) => (this.title = title));
    this.#pty.onData((piece) => {
      this.raw += piece;
      this.#written += 1;
      this.#terminal.write(piece, () => (this.#parsed += 1));
    });
    this.#exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal = 0 }) => {
        this.#hasExited = true;
        resolve({ status: exitCode, signal });
      });
    });
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  press(...names: readonly string[]): void {
    for (const name of names) this.#pty.write(keyBytes(name));
  }

  paste(text: string): void {
    this.#pty.write(`\u001b[200~${text}\u001b[201~`);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** The screen changes its size, and the program is told later, as tmux does it. */
  async resizeLate(columns: number, rows: number, afterMs: number): Promise<void> {
    this.#terminal.resize(columns, rows);
    await sleep(afterMs);
    this.#pty.resize(columns, rows);
  }

  /** Closes the terminal under the program, as when a window is closed. */
  hangUp(): void {
    // What is closed reports its failing reads.
    const pty = this.#pty as IPty & { destroy(): void; on(event: "error", listener: () => void): void };
    pty.on("error", () => {});
    pty.destroy();
  }

  kill(signal: string): void {
    this.#pty.kill(signal);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The visible rows without blanks at their ends, and without empty rows at the end. */
  get screen(): string {
    return this.#lines(this.#terminal.buffer.active.baseY);
  }

  /** The same with everything that has scrolled away. */
  get everything(): string {
    return this.#lines(0);
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX: x, cursorY: y } = this.#terminal.buffer.active;
    return { x, y };
  }

  /** Whether any cell of the screen has a colour or a style. */
  get isStyled(): boolean {
    return /\u001b\[[0-9;]*[1-9][0-9]*m/.test(this.raw);
  }

  /** The visible rows as they look. Every character wider than a column is a stretch of its own. */
  get stretches(): readonly (readonly Stretch[])[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, row) => stretchesOf(active.getLine(active.baseY + row)));
  }

  #lines(from: number): string {
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let at = from; at < active.length; at++) lines.push(active.getLine(at)?.translateToString(true) ?? "");
    return lines.join("\n").trimEnd();
  }

  /** Waits until the screen is as wanted. Throws with what it shows when that does not come. */
  async until(condition: Condition, what = String(condition), waitMs = WAIT_MS): Promise<void> {
    const holds =
      typeof condition === "function"
        ? condition
        : typeof condition === "string"
          ? (screen: string) => screen.includes(condition)
          : (screen: string) => condition.test(screen);
    let left = waitMs;
    while (!(this.#parsed === this.#written && holds(this.screen))) {
      // What a program wrote last may arrive after the news of its end.
      if (this.#hasExited) left = Math.min(left, LAST_WORDS_MS);
      if (left <= 0) {
        const how = this.#hasExited ? "the program ended" : "waited in vain";
        throw new Error(
          `${how} for ${what}; the cursor is at ${this.cursor.x} ${this.cursor.y}, the screen shows:\n${this.screen}`,
        );
      }
      const before = Date.now();
      await sleep(POLL_MS);
      // A machine that was stopped meanwhile has not been waiting.
      left -= Math.min(Date.now() - before, STEP_MS_MAX);
    }
  }

  /** The screen when nothing has changed for a while: for writing expectations, which a person reads. */
  async atRest(): Promise<string> {
    for (let before = ""; ; before = this.screen) {
      await sleep(REST_MS);
      if (this.screen === before) return before;
    }
  }

  /** When its last words are on the screen: they are drawn a moment after they came. */
  async exited(): Promise<{ readonly status: number; readonly signal: number }> {
    const how = await this.#exited;
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
    return how;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) this.#pty.kill("SIGKILL");
    await this.#exited;
    this.#terminal.dispose();
  }
}

type Line = ReturnType<headless.Terminal["buffer"]["active"]["getLine"]>;
type Cell = NonNullable<ReturnType<NonNullable<Line>["getCell"]>>;

function stretchesOf(line: Line): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let column = 0; column < (line?.length ?? 0); column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const next = stretchOf(cell, column);
    const last = found.at(-1);
    if (last !== undefined && next.columns === 1 && last.text.length === last.columns && looksSame(last, next))
      found[found.length - 1] = { ...last, text: last.text + next.text, columns: last.columns + 1 };
    else found.push(next);
  }
  return found;
}

function stretchOf(cell: Cell, column: number): Stretch {
  return {
    text: cell.getChars() || " ",
    column,
    columns: cell.getWidth(),
    ink: cell.isFgDefault() ? undefined : colourOf(cell.getFgColor(), cell.isFgRGB()),
    paper: cell.isBgDefault() ? undefined : colourOf(cell.getBgColor(), cell.isBgRGB()),
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isItalic: cell.isItalic() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
    isInverse: cell.isInverse() !== 0,
  };
}

function colourOf(value: number, isDirect: boolean): Colour {
  return isDirect ? `#${value.toString(16).padStart(6, "0")}` : value;
}

function looksSame(one: Stretch, other: Stretch): boolean {
  const look = ({ text: _text, column: _column, columns: _columns, ...rest }: Stretch): string => JSON.stringify(rest);
  return look(one) === look(other);
}
