import { CHARACTERS_MAX } from "./remember.ts";

/** A line that begins between two lexemes: what is read from there on depends on nothing before it but the state. */
interface Mark<S> {
  /** Where the line begins. */
  readonly at: number;
  /** How much had been found. */
  readonly count: number;
  readonly state: S;
}

/** Takes note of a line that begins between two lexemes. The state it asks for must not be changed afterwards. */
export type NoteLine<S> = (at: number, count: number, state: () => S) => void;

/**
 * Reads a text from an offset on and adds what it finds, in order.
 * @param from where to begin, in characters; 0, or the beginning of a line that was noted.
 * @param state what was noted there; undefined at the text's beginning.
 */
export type ReadOn<T, S> = (text: string, from: number, state: S | undefined, found: T[], note: NoteLine<S>) => void;

/**
 * Reads texts that differ little from the one before, as when somebody types: up to the first line that is not as it was
 * everything is taken over, the same objects. What was found must not be changed.
 */
export function resume<T, S>(readOn: ReadOn<T, S>): (text: string) => readonly T[] {
  let last: { readonly text: string; readonly found: readonly T[]; readonly marks: readonly Mark<S>[] } | undefined;
  return (text) => {
    // Longer ones are scripts, which are read once.
    if (text.length > CHARACTERS_MAX) {
      const found: T[] = [];
      readOn(text, 0, undefined, found, () => {});
      return found;
    }
    const kept = last === undefined ? [] : last.marks.slice(0, unchangedMarks(last.text, last.marks, text));
    const mark = kept.at(-1);
    const found = mark === undefined ? [] : (last?.found.slice(0, mark.count) ?? []);
    readOn(text, mark?.at ?? 0, mark?.state, found, (at, count, state) => {
      if (at > (kept.at(-1)?.at ?? 0)) kept.push({ at, count, state: state() });
    });
    last = { text, found, marks: kept };
    return found;
  };
}

/** How many marks stand before the first difference. */
function unchangedMarks(before: string, marks: readonly Mark<unknown>[], text: string): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (text.startsWith(before.slice(0, marks[middle]?.at))) low = middle + 1;
    else high = middle;
  }
  return low;
}
