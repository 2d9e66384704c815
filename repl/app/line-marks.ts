// Ink lays out every cell of a frame at every key, which takes it longer than everything else together. It is given one
// letter for every line instead, the same for the same line, and what it writes is the lines again: it still decides
// which lines are new, moves the cursor to them and erases what was there.

/** Letters for private use (Unicode, "Private Use Area"): one column wide. A line's own are never looked at. */
const FIRST = 0xe000;
const LAST = 0xf8ff;
const MARK = /[\ue000-\uf8ff]/g;

export class LineMarks {
  #marks = new Map<string, string>();
  #lines = new Map<string, string>();
  #next = FIRST;

  /** A letter for each line. */
  marksOf(lines: readonly string[]): readonly string[] {
    if (this.#next + lines.length > LAST) this.#forgetAllBut(lines);
    return lines.map((line) => this.#marks.get(line) ?? this.#add(line));
  }

  /** The lines in the place of their letters. */
  linesIn(text: string): string {
    return text.replace(MARK, (mark) => this.#lines.get(mark) ?? mark);
  }

  #add(line: string): string {
    while (this.#lines.has(String.fromCharCode(this.#next))) this.#next += 1;
    const mark = String.fromCharCode(this.#next);
    this.#marks.set(line, mark);
    this.#lines.set(mark, line);
    this.#next += 1;
    return mark;
  }

  /** What is on the screen keeps its letters, so that it is not drawn again. */
  #forgetAllBut(lines: readonly string[]): void {
    const kept = new Map(
      lines.flatMap((line) => {
        const mark = this.#marks.get(line);
        return mark === undefined ? [] : [[line, mark] as const];
      }),
    );
    this.#marks = kept;
    this.#lines = new Map([...kept].map(([line, mark]) => [mark, line]));
    this.#next = FIRST;
  }
}
