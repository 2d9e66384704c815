// Draws what a script tells: results to stdout or where \o points, everything else to stderr.
import {
  positionOf,
  scrubSecrets,
  secretSpansOf,
  type Column,
  type Event,
  type OutputTarget,
  type Row,
  type ScriptEvent,
} from "../src/index.ts";
import { renderFailure, type FailureStyle } from "./failure/render.ts";
import { withoutSecretsOf } from "./failure/without-secrets.ts";
import { createCapped } from "./layout/capped.ts";
import { escapeControls } from "./layout/cells.ts";
import { createLayout, type Layout, type Surface } from "./layout/layout.ts";
import { redrawn, type Redraw } from "./layout/redraw.ts";
import type { Writer } from "./output.ts";
import { PagedText, type OpenPager } from "./paged-text.ts";
import { createPicture } from "./pictures/picture.ts";
import type { ProgressRenderer } from "./progress/progress.ts";
import { isSame, type Targets } from "./targets.ts";
import { printTiming } from "./timing.ts";

type StatementEvent = Extract<ScriptEvent, { type: "statement" }>;

/** A terminal that results go to. */
export interface Terminal {
  readonly columns: () => number;
  readonly rows: () => number;
  readonly colour: boolean;
  /** For texts that are higher than the terminal; absent where nobody pages, which is everywhere but at a prompt. */
  readonly openPager?: OpenPager;
}

export interface ScreenParts {
  readonly stdout: Writer;
  readonly stderr: Writer;
  readonly targets: Targets;
  readonly progress: ProgressRenderer;
  readonly failureStyle: FailureStyle;
  readonly quiet: boolean;
  /** Absent when stdout is no terminal. */
  readonly terminal: Terminal | undefined;
  /** Where \o points now. */
  readonly output: () => OutputTarget;
  /** \o is over by itself. */
  readonly outputEnded: () => void;
  /** Whoever read the result in a pager wants no more of it. */
  readonly left?: () => void;
}

const SCREEN: OutputTarget = { kind: "stdout" };

export class Screen {
  readonly #parts: ScreenParts;
  #layout: Layout | undefined;
  #copied = false;
  /** A result for a terminal that may have to be paged. */
  #paged: PagedText | undefined;
  /** What is to be said when the terminal is no more a pager's. */
  #later: string[] = [];
  /** Text that is to take the place of `#watched`. */
  #redrawing: string[] | undefined;
  #watched: Redraw | undefined;
  /** What drawing the last result took, while rows came and after. */
  #drawing = { amongRowsMs: 0, atEndMs: 0, readingMs: 0 };
  /** Where results went until the program there ended: what is still sent there comes to the screen. */
  readonly #deaf = new WeakSet<OutputTarget>();

  constructor(parts: ScreenParts) {
    this.#parts = parts;
  }

  /** Throws ReaderGone when stdout's reader left, `shell/output` when it cannot be written. */
  async show(event: ScriptEvent): Promise<void> {
    switch (event.type) {
      case "statement":
        await this.#statement(event);
        return;
      case "text":
        await this.#text(event.text, event.channel, event.target);
        return;
      case "timing":
        // In a result that is redrawn a line of its own would stay behind.
        if (this.#redrawing === undefined) await this.note(this.#timing(event));
        return;
      case "warning":
        await this.note(`warning: ${event.message}`);
        return;
      case "note":
        await this.note(`note: ${event.message}`);
        return;
      case "output":
        await this.#parts.targets.closeAllBut();
        await this.#parts.targets.begin(event.target);
        return;
      case "redraw":
        await this.#redraw(event.state);
        return;
      case "failed":
        this.#watched = undefined;
        await this.#failed(event);
    }
  }

  /** At a prompt it is said where the time went; elsewhere psql's line is all there is. */
  #timing({ elapsedMs, answeredMs }: Extract<ScriptEvent, { type: "timing" }>): string {
    const { terminal } = this.#parts;
    if (terminal?.openPager === undefined || answeredMs === undefined) return printTiming(elapsedMs);
    const { amongRowsMs, atEndMs, readingMs } = this.#drawing;
    // In a pager the time is the reader's.
    const allMs = Math.max(0, elapsedMs - readingMs);
    const transferMs = Math.max(0, allMs - answeredMs - amongRowsMs);
    const parts = { serverMs: Math.min(answeredMs, allMs), transferMs, drawingMs: amongRowsMs + atEndMs };
    const line = printTiming(allMs, parts);
    return line.length <= terminal.columns() ? line : printTiming(allMs);
  }

  async #redraw(state: "begin" | "end" | "over"): Promise<void> {
    const { terminal, stdout } = this.#parts;
    const pieces = this.#redrawing;
    this.#redrawing = state === "begin" && terminal?.openPager !== undefined ? [] : undefined;
    if (state === "over") this.#watched = undefined;
    if (state !== "end" || terminal === undefined || pieces === undefined || pieces.length === 0) return;
    const surface = { columns: terminal.columns(), rows: terminal.rows() - 1, colour: terminal.colour };
    const { output, shown } = redrawn(this.#watched, pieces.join(""), surface);
    this.#watched = shown;
    await stdout.write(output);
  }

  /** A line on stderr; later, while a pager has the terminal. */
  async note(text: string): Promise<void> {
    this.#later.push(`${escapeControls(scrubSecrets(text))}\n`);
    if (this.#paged?.isPaging !== true) await this.#sayLater();
  }

  async #sayLater(): Promise<void> {
    if (this.#later.length > 0) this.#parts.progress.clear();
    for (const line of this.#later.splice(0)) await this.#parts.stderr.write(line);
  }

  async close(): Promise<void> {
    await this.#parts.targets.closeAllBut();
    await this.#parts.stdout.flush();
  }

  async #text(text: string, channel: "stdout" | "stderr" | "output", target: OutputTarget): Promise<void> {
    const { stdout, stderr, targets, progress } = this.#parts;
    progress.clear();
    if (channel === "output") {
      await targets.writer(await this.#reachable(target)).write(text);
      await targets.closeAllBut(this.#parts.output());
    } else if (channel === "stderr") await stderr.write(text);
    else {
      const paged = this.#createPaged();
      await (paged ?? stdout).write(text);
      await paged?.end();
    }
  }

  /** The target, or the screen when the program that \o named has ended. */
  async #reachable(target: OutputTarget): Promise<OutputTarget> {
    if (this.#deaf.has(target)) return SCREEN;
    const { targets, output, outputEnded } = this.#parts;
    if (target.kind !== "pipe" || target !== output() || !targets.isDeaf(target)) return target;
    this.#deaf.add(target);
    outputEnded();
    await this.note(`note: ${JSON.stringify(target.command)} has ended: results come to the screen again`);
    return SCREEN;
  }

  #createPaged(): PagedText | undefined {
    const { terminal, stdout, left } = this.#parts;
    if (terminal?.openPager === undefined) return undefined;
    const size = { rows: terminal.rows() - 1, columns: terminal.columns() };
    return new PagedText({ stdout, ...size, open: terminal.openPager, left: () => left?.() });
  }

  async #statement(told: StatementEvent): Promise<void> {
    const { event } = told;
    const target = event.type === "started" ? await this.#reachable(told.target) : this.#targetOf(told);
    const one = { ...told, target };
    const { progress, targets } = this.#parts;
    if (event.type === "phase" || event.type === "progress") {
      const { source, span } = one.place;
      const { line } = positionOf(source.text, span.start);
      progress.job(event, { number: one.number, file: source.name, line });
      return;
    }
    if (event.type === "started" || event.type === "failed") return;
    if (event.type === "notice") await this.note(noticeText(event));
    else if (event.type === "columns") await this.#begin(one, event.columns);
    else if (event.type === "rows") await this.#rows(event.rows, target);
    else if (event.type === "copy-data") {
      this.#copied = true;
      progress.clear();
      await targets.writer(target).write(event.bytes);
    } else await this.#finished(one, event);
  }

  /** A result that has begun goes on where it began. */
  #targetOf({ target }: StatementEvent): OutputTarget {
    return this.#deaf.has(target) ? SCREEN : target;
  }

  async #begin({ display, target, footers, picture }: StatementEvent, columns: readonly Column[]): Promise<void> {
    const terminal = target.kind === "stdout" ? this.#parts.terminal : undefined;
    const surface: Surface = {
      escapes: terminal !== undefined,
      ...(terminal === undefined ? {} : { columns: terminal.columns(), colour: terminal.colour }),
      ...(footers === undefined ? {} : { footers }),
    };
    const isForPeople = display.format === "aligned" || display.format === "unaligned";
    const isCapped = terminal !== undefined && isForPeople && display.rowsMax > 0;
    const isDrawn = picture !== undefined && display.format === "aligned" && display.expanded !== "on";
    this.#layout = isDrawn ? createPicture(picture, surface) : undefined;
    this.#drawing = { amongRowsMs: 0, atEndMs: 0, readingMs: 0 };
    this.#layout ??= isCapped ? createCapped(display, surface, display.rowsMax) : createLayout(display, surface);
    const isPaged = terminal !== undefined && display.pager && this.#redrawing === undefined;
    this.#paged = isPaged ? this.#createPaged() : undefined;
    await this.#write(this.#layout.begin(columns), target);
  }

  async #rows(rows: readonly Row[], target: OutputTarget): Promise<void> {
    if (this.#paged?.isLeft === true) return;
    this.#drawing.amongRowsMs += await this.#timed(() => this.#write(this.#layout?.rows(rows) ?? "", target));
  }

  /** Milliseconds that work took, but for those that it waited for a reader. */
  async #timed(work: () => Promise<void>): Promise<number> {
    const before = performance.now();
    const waited = this.#paged?.waitedMs ?? 0;
    await work();
    const readingMs = (this.#paged?.waitedMs ?? 0) - waited;
    this.#drawing.readingMs += readingMs;
    return performance.now() - before - readingMs;
  }

  async #write(text: string, target: OutputTarget): Promise<void> {
    if (this.#redrawing !== undefined && target.kind === "stdout") this.#redrawing.push(text);
    else if (text !== "") {
      this.#parts.progress.clear();
      await (this.#paged ?? this.#parts.targets.writer(target)).write(text);
    }
  }

  async #finished({ display, target }: StatementEvent, event: Extract<Event, { type: "finished" }>): Promise<void> {
    const { targets, progress, output } = this.#parts;
    progress.clear();
    progress.finished(event.elapsedMs, event.summary ?? {});
    const layout = this.#layout;
    this.#layout = undefined;
    // As in psql: the number of rows does not follow the rows themselves.
    const isAmongRows = this.#copied && isSame(target, output());
    const showsTag = layout === undefined ? !isAmongRows : /^(INSERT|UPDATE|DELETE|MERGE)\b/.test(event.tag);
    this.#copied = false;
    const { readingMs } = this.#drawing;
    this.#drawing.atEndMs = await this.#timed(async () => {
      if (this.#paged?.isLeft !== true) for (const piece of layout?.end() ?? []) await this.#write(piece, target);
      await (this.#paged === undefined ? targets.writer(target).flush() : this.#paged.end());
    });
    // What was read after the statement had ended is not in its time.
    this.#drawing.readingMs = readingMs;
    this.#paged = undefined;
    await this.#sayLater();
    await targets.closeAllBut(output());
    await this.#reachable(target);
    if (showsTag && !this.#parts.quiet && event.tag !== "") await this.#tag(event.tag, display.format, target);
  }

  /** On a terminal a command tag belongs to what people read; off it, stdout is data and nothing else. */
  async #tag(tag: string, format: string, target: OutputTarget): Promise<void> {
    const isForPeople = (format === "aligned" || format === "unaligned") && target.kind === "stdout";
    const { stdout, stderr, terminal } = this.#parts;
    await (terminal !== undefined && isForPeople ? stdout : stderr).write(`${tag}\n`);
  }

  async #failed({ error, place }: Extract<ScriptEvent, { type: "failed" }>): Promise<void> {
    const { progress, stderr, failureStyle, targets, output } = this.#parts;
    await this.#paged?.abandon();
    [this.#layout, this.#paged, this.#copied] = [undefined, undefined, false];
    progress.failed(error);
    progress.clear();
    await this.#sayLater();
    // A reader of what came before gives the terminal back first.
    await targets.closeAllBut(output());
    const text = renderFailure(error, { place, secretSpans: () => secretSpansOf(place.source) }, failureStyle);
    await stderr.write(scrubSecrets(withoutSecretsOf(place.source, text)));
  }
}

/** A notice as a line, and lines below it. */
export function noticeText(event: Extract<Event, { type: "notice" }>): string {
  const lines = [`${event.severity}:  ${event.message}`];
  if (event.detail !== undefined) lines.push(`DETAIL:  ${event.detail}`);
  if (event.hint !== undefined) lines.push(`HINT:  ${event.hint}`);
  return lines.join("\n");
}
