// Ink lays out every cell of a frame at every key, which takes it longer than everything else together. It is given one
// letter for every line instead, the same for the same line, and what it writes is the lines again: it still decides
// which lines are new, moves the cursor to them and erases what was there.

/** One column wide each; of ASCII ink knows that without looking a letter up. */
const FAST = Array.from({ length: 0x7e - 0x20 }, (_, at) => String.fromCharCode(0x21 + at));
/** For more lines than that: letters for private use (Unicode, "Private Use Area"). */
const FIRST = 0xe000;
const LAST = 0xf8ff;
/** What steers the terminal (ECMA-48, 5.3 and 5.4) stays; a line's own text is never looked at. */
const STEERING_OR_MARK = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[^[])|[!-~\ue000-\uf8ff]/g;

export class LineMarks {
  #marks = new Map<string, string>();
  #lines = new Map<string, string>();
  /** The frame that a letter was last in. */
  #usedIn = new Map<string, number>();
  #frame = 0;
  /** The last frame given when ink wrote one last, and when it wrote the one before. */
  #written = 0;
  #writtenBefore = 0;
  /** Letters are taken by turns, so that a line that comes back often has its own still. */
  #turn = 0;

  /** A letter for each line. */
  marksOf(lines: readonly string[]): readonly string[] {
    this.#frame += 1;
    // First those that stay: their letters are not for others.
    for (const line of lines) this.#use(this.#marks.get(line));
    return lines.map((line) => this.#marks.get(line) ?? this.#add(line));
  }

  /** The lines in the place of their letters. */
  linesIn(text: string): string {
    let isFrame = false;
    const whole = text.replace(STEERING_OR_MARK, (found) => {
      const line = this.#lines.get(found);
      isFrame ||= line !== undefined;
      return line ?? found;
    });
    // Ink may write late: what is on the screen is then older than the last frame, but no older than this one's.
    if (isFrame) [this.#writtenBefore, this.#written] = [this.#written, this.#frame];
    return whole;
  }

  #use(mark: string | undefined): void {
    if (mark !== undefined) this.#usedIn.set(mark, this.#frame);
  }

  #add(line: string): string {
    const mark = this.#unused();
    const before = this.#lines.get(mark);
    if (before !== undefined) this.#marks.delete(before);
    this.#marks.set(line, mark);
    this.#lines.set(mark, line);
    this.#use(mark);
    return mark;
  }

  /** A letter that is neither in this frame nor on the screen, where it would be taken for a line that stays. */
  #unused(): string {
    const isFree = (mark: string): boolean => (this.#usedIn.get(mark) ?? -1) < this.#writtenBefore;
    for (let tried = 0; tried < FAST.length; tried++) {
      const mark = FAST[this.#turn++ % FAST.length];
      if (mark !== undefined && isFree(mark)) return mark;
    }
    let code = FIRST;
    while (code < LAST && !isFree(String.fromCharCode(code))) code++;
    return String.fromCharCode(code);
  }
}
