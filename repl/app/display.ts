// The state on the screen: decides what is drawn, and hides it while something else is written.
import { findSecretReferences, type Assistant } from "../../src/index.ts";
import { READ_CHARACTERS_MAX } from "../editor/line-states.ts";
import { widthOf } from "../layout/cells.ts";
import type { World } from "../world.ts";
import { cutTo, frameOf, type Frame } from "./frame.ts";
import { inputLines } from "./input-lines.ts";
import { NO_INSIGHT, type Insight } from "./insight.ts";
import type { LiveFrame, PaintedFrame } from "./live-frame.tsx";
import { secretsNear, type SeenPart } from "./long-text.ts";
import type { PromptFacts } from "./prompt-line.ts";
import type { State } from "./state.ts";
import { paintLine, textOfLine, trimmedLine, type StyledLine } from "./style.ts";

export interface DisplayParts {
  readonly stdout: World["stdout"];
  readonly colour: boolean;
  readonly assistant: () => Assistant;
  readonly facts: () => PromptFacts;
  readonly state: () => State;
}

/** A line as it was painted for a screen of so many columns. */
interface Painting {
  readonly text: string;
  readonly width: number;
  readonly columns: number;
}

/** Lines of an input that stay above its result; more are only counted. */
const ECHO_LINES_MAX = 400;

export class PromptDisplay {
  readonly #parts: DisplayParts;
  #frame: LiveFrame | undefined;
  /** What was drawn before there was a frame, to be taken away by it. */
  #early: PaintedFrame | undefined;
  #isDue = false;
  #lent = 0;
  #progress: readonly StyledLine[] = [];
  #insight: { readonly text: string; readonly insight: Insight } = { text: "", insight: NO_INSIGHT };

  readonly #paintings = new WeakMap<StyledLine, Painting>();

  constructor(parts: DisplayParts) {
    this.#parts = parts;
  }

  get columns(): number {
    return this.#parts.stdout.columns ?? 80;
  }

  /** From now on the frame draws. */
  attach(frame: LiveFrame): void {
    this.#frame = frame;
    if (this.#early !== undefined) this.#parts.stdout.write(erasing(this.#early));
    this.#early = undefined;
  }

  /** Draws the first prompt before the frame is there: it is loaded while a person reads. */
  drawEarly(): void {
    const painted = this.#painted();
    this.#early = painted;
    this.#parts.stdout.write(painted.lines.join("\n"));
  }

  show(): void {
    this.#frame?.draw(this.#painted());
    this.#frame?.show();
  }

  hide(): void {
    this.#frame?.hide();
  }

  async lend<T>(work: () => Promise<T>): Promise<T> {
    if (this.#frame === undefined) return work();
    this.#lent += 1;
    try {
      return await this.#frame.lend(work);
    } finally {
      this.#lent -= 1;
    }
  }

  get isLent(): boolean {
    return this.#lent > 0;
  }

  /** Lends the terminal until the returned function is called. */
  async borrow(): Promise<() => Promise<void>> {
    const [taken, given] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const over = this.lend(async () => {
      taken.resolve();
      await given.promise;
    });
    await Promise.race([taken.promise, over]);
    return () => {
      given.resolve();
      return over;
    };
  }

  /** Draws what has changed, once for everything that changes in one go. */
  redrawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#frame?.isShown === true) this.#frame.draw(this.#painted());
    });
  }

  showProgress(lines: readonly StyledLine[]): void {
    this.#progress = lines;
    this.show();
  }

  hideProgress(): void {
    this.#progress = [];
    if (this.#parts.state().question === undefined) this.hide();
  }

  /** The input as it stays on the screen: prompts and colours, secrets hidden, nothing marked as wrong. */
  echo(text: string, end = ""): string {
    const { facts, colour } = this.#parts;
    const { columns } = this;
    const seen = { cursor: 0, room: columns * ECHO_LINES_MAX };
    const insight = { ...this.#insightOf(text, false, seen), diagnostic: undefined };
    const view = { facts: facts(), insight, columns, height: ECHO_LINES_MAX };
    const { lines } = inputLines({ text, cursor: 0 }, view);
    return `${lines.map((line) => paintLine(line, colour)).join("\n")}${end}\n`;
  }

  #insightOf(text: string, revealing: boolean, seen: SeenPart): Insight {
    if (text.length > READ_CHARACTERS_MAX) {
      if (revealing) return NO_INSIGHT;
      return { ...NO_INSIGHT, secrets: secretsNear(text, seen, (part) => this.#parts.assistant().secretSpans(part)) };
    }
    if (this.#insight.text !== text) {
      const assistant = this.#parts.assistant();
      // A reference that stands for a secret is none, and says what will be asked for.
      const references = findSecretReferences(text);
      const secrets = assistant
        .secretSpans(text)
        .filter((span) => !references.some(({ start, end }) => start < span.end && span.start < end));
      const insight = { highlights: assistant.highlight(text), diagnostic: assistant.diagnose(text), secrets };
      this.#insight = { text, insight };
    }
    const { insight } = this.#insight;
    return revealing ? { ...insight, secrets: [] } : insight;
  }

  #painted(): PaintedFrame {
    const { state, facts, stdout, colour } = this.#parts;
    const current = state();
    const rows = stdout.rows ?? 24;
    const { text, cursor } = current.editor.buffer;
    const insight = this.#insightOf(text, current.revealing, { cursor, room: this.columns * rows });
    const frame: Frame = frameOf(current, {
      columns: this.columns,
      rows,
      facts: facts(),
      insight,
      progress: this.#progress,
    });
    const lines = frame.lines.map((line) => this.#painting(line, colour));
    return {
      lines: lines.map(({ text }) => text),
      widths: lines.map(({ width }) => width),
      cursor: frame.cursor,
    };
  }

  #painting(line: StyledLine, colour: boolean): Painting {
    const { columns } = this;
    const known = this.#paintings.get(line);
    if (known?.columns === columns) return known;
    const trimmed = trimmedLine(cutTo(line, columns));
    const painting = { text: paintLine(trimmed, colour) || " ", width: widthOf(textOfLine(trimmed)), columns };
    this.#paintings.set(line, painting);
    return painting;
  }
}

/** Takes away lines that were written without an end, the cursor behind the last. */
function erasing({ lines }: PaintedFrame): string {
  const up = lines.length > 1 ? `\u001b[${lines.length - 1}A` : "";
  return `\r${up}\u001b[J`;
}
