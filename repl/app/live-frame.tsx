// The part of the screen that is redrawn in place, and how it makes room for what stays. Ink draws it through a gate:
// while the frame is hidden nothing of it reaches the terminal, so results are written straight to the stream.
import type { Writable } from "node:stream";
import { render, type Instance, type Key, type SuspendTerminal } from "ink";
import { inOneEncoding, withoutReplies } from "./keys.ts";
import { LineMarks } from "./line-marks.ts";
import { stopReading } from "./stop-reading.ts";
import { FrameView } from "./view/frame-view.tsx";

export interface LiveFrameParts {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Writable & { readonly columns?: number; readonly rows?: number };
  readonly onInput: (input: string, key: Key) => void;
  readonly onPaste: (text: string) => void;
  /** The terminal has another size; the frame is to be drawn anew. */
  readonly onResize: () => void;
}

export interface PaintedFrame {
  readonly lines: readonly string[];
  /** Columns that each line takes. */
  readonly widths: readonly number[];
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

const NOTHING: PaintedFrame = { lines: [], widths: [], cursor: undefined };
/** Enough for a key to be seen before the next one comes. */
const FRAMES_PER_SECOND = 125;
/** Bracketed paste and the keyboard's protocol: modes of the terminal, not part of the frame. */
const MODE = /^\u001b\[(?:\?2004[hl]|\?u|[<>]\d*u)$/;
/** A letter stands for a line, and ink makes a cell of every column: it is shown no more of them than it needs. */
const COLUMNS_OF_INK = 2;
/** Sizes come in a row while a window is dragged. */
const SETTLED_MS = 80;
// A line of the frame is never wider than the terminal. Where the terminal has become narrower and has not told yet (tmux
// waits a quarter of a second), it is cut off instead of moving all that comes after it down.
const NO_WRAP = "\u001b[?7l";
const WRAP = "\u001b[?7h";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

export class LiveFrame {
  readonly #parts: LiveFrameParts;
  readonly #instance: Instance;
  readonly #marks = new LineMarks();
  #isOpen = false;
  /** What was drawn is no more on the screen, though the frame is open. */
  #isErased = false;
  #frame: PaintedFrame = NOTHING;
  /** What the terminal was sent last; the frame itself may be under way to it. */
  #sent: PaintedFrame = NOTHING;
  /** The terminal's size is changing: what it shows stays as it is until that is over. */
  #resizing: NodeJS.Timeout | undefined;
  #suspend: SuspendTerminal | undefined;
  #ready: (() => void)[] = [];

  constructor(parts: LiveFrameParts) {
    this.#parts = parts;
    // Before ink's own listener: what is on the screen has to go while its old place is known.
    parts.stdout.on("resize", this.#resized);
    this.#instance = render(this.#view(), {
      stdin: readingOneEncoding(parts.stdin),
      stdout: this.#gated(parts.stdout),
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
      maxFps: FRAMES_PER_SECOND,
      incrementalRendering: true,
      isScreenReaderEnabled: false,
      kittyKeyboard: { mode: "auto" },
    });
  }

  /** Draws a frame, now or when it is next shown. */
  draw(frame: PaintedFrame): void {
    const isSame = !this.#isErased && isSameFrame(this.#frame, frame);
    this.#frame = frame;
    if (!this.#isOpen || this.#resizing !== undefined || isSame) return;
    this.#isErased = false;
    this.#instance.rerender(this.#view());
  }

  /** Takes the frame away; the cursor is then where it began. */
  hide(): void {
    if (!this.#isOpen) return;
    if (this.#resizing === undefined) this.#instance.clear();
    else this.#erase();
    this.#isOpen = false;
  }

  /** Shows the frame from the cursor on, which must be at the begin of a line. */
  show(): void {
    if (this.#isOpen) return;
    // Ink is to forget what it believes to be on the screen.
    this.#instance.clear();
    this.#isOpen = true;
    this.#parts.stdout.write(this.#frame.cursor === undefined ? HIDE_CURSOR : SHOW_CURSOR);
    this.#instance.rerender(this.#view());
  }

  get isShown(): boolean {
    return this.#isOpen;
  }

  /** Lends the terminal to another program, cooked as it was before. The frame is hidden after. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.hide();
    const suspend = await this.#whenReady();
    const suspension = await suspend();
    await stopReading(this.#parts.stdin);
    this.#parts.stdout.write(SHOW_CURSOR);
    try {
      return await work();
    } finally {
      await suspension.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hide();
    this.#parts.stdout.off("resize", this.#resized);
    this.#isOpen = true;
    this.#instance.unmount();
    await this.#instance.waitUntilExit();
    this.#parts.stdout.write(SHOW_CURSOR);
  }

  #whenReady(): Promise<SuspendTerminal> {
    if (this.#suspend !== undefined) return Promise.resolve(this.#suspend);
    return new Promise((resolve) => {
      this.#ready.push(() => {
        if (this.#suspend !== undefined) resolve(this.#suspend);
      });
    });
  }

  #take = (suspend: SuspendTerminal): void => {
    this.#suspend = suspend;
    for (const tell of this.#ready.splice(0)) tell();
  };

  #view(): React.ReactNode {
    const { onInput, onPaste } = this.#parts;
    const { lines, cursor } = this.#frame;
    return (
      <FrameView
        lines={this.#marks.marksOf(lines)}
        cursor={cursor}
        onInput={onInput}
        onPaste={onPaste}
        onReady={this.#take}
      />
    );
  }

  /**
   * Terminals wrap what is on the screen anew, and are ahead of what is told of their size. Rows that are counted or
   * drawn meanwhile would be those of another width.
   */
  #resized = (): void => {
    if (!this.#isOpen) {
      this.#parts.onResize();
      return;
    }
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => {
      this.#erase();
      this.#isOpen = false;
      this.#instance.clear();
      this.#isOpen = true;
      this.#isErased = true;
      this.#parts.onResize();
    }, SETTLED_MS);
  };

  /** The frame's rows are counted as they stand at the size that there is now. */
  #erase(): void {
    clearTimeout(this.#resizing);
    this.#resizing = undefined;
    const { stdout } = this.#parts;
    stdout.write(`\r${rowsUp(this.#sent, stdout.columns ?? 80)}\u001b[J`);
  }

  #gated(stdout: LiveFrameParts["stdout"]): LiveFrameParts["stdout"] {
    const write = (piece: string, ...rest: (() => void)[]): boolean => {
      if (MODE.test(piece)) return stdout.write(piece, ...rest);
      if (this.#isOpen) lookAtSize(stdout);
      if (this.#isOpen && this.#resizing === undefined) {
        this.#sent = this.#frame;
        return stdout.write(`${NO_WRAP}${this.#marks.linesIn(piece)}${WRAP}`, ...rest);
      }
      const done = rest.find((one) => typeof one === "function");
      if (done !== undefined) queueMicrotask(done);
      return true;
    };
    return new Proxy(stdout, {
      get(target, name) {
        if (name === "write") return write;
        if (name === "columns") return COLUMNS_OF_INK;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(target) : value;
      },
    });
  }
}

/** The news of another size may still wait behind work: Node's own listener asks the terminal, and tells when it has one. */
function lookAtSize(stdout: Writable & { readonly _refreshSize?: () => void }): void {
  stdout._refreshSize?.();
}

function isSameFrame(one: PaintedFrame, other: PaintedFrame): boolean {
  return (
    one.cursor?.x === other.cursor?.x &&
    one.cursor?.y === other.cursor?.y &&
    one.lines.length === other.lines.length &&
    one.lines.every((line, at) => line === other.lines[at])
  );
}

/** Ink reads what the terminal sends by `read` alone. */
function readingOneEncoding(stdin: LiveFrameParts["stdin"]): LiveFrameParts["stdin"] {
  return new Proxy(stdin, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === "read") {
        return (size?: number): unknown => {
          const chunk = target.read(size) as unknown;
          return typeof chunk === "string" ? inOneEncoding(withoutReplies(chunk)) : chunk;
        };
      }
      return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** From the cursor to the frame's first row on a screen of this width. */
function rowsUp({ widths, cursor }: PaintedFrame, columns: number): string {
  const y = cursor?.y ?? widths.length;
  const above = widths.slice(0, y).reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  const rows = above + Math.floor((cursor?.x ?? 0) / columns);
  return rows === 0 ? "" : `\u001b[${rows}A`;
}
