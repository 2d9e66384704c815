import type { Span } from "./nodes.ts";
import type { ScriptVariable } from "./script-variable.ts";

/** A statement while it is being read, and what of it decides where it ends. */
export interface Pending {
  /** -1 while nothing has been read. */
  start: number;
  end: number;
  parentheses: number;
  /** Open BEGIN ATOMIC and CASE inside a routine's body. */
  blocks: number;
  blockStart: Span | undefined;
  /** How many words have been read. */
  words: number;
  readsStdin: boolean;
  readonly variables: ScriptVariable[];
  /** Stretches that are not part of the statement, those not yet in `text`. */
  readonly holes: Span[];
  /** The statement's text up to `textEnd`, holes blanked. */
  text: string;
  textEnd: number;
  verb: string;
  previous: string;
  previousSpan: Span;
  isRoutine: boolean;
}

export function createPending(): Pending {
  return {
    start: -1,
    end: -1,
    parentheses: 0,
    blocks: 0,
    blockStart: undefined,
    words: 0,
    readsStdin: false,
    variables: [],
    holes: [],
    text: "",
    textEnd: -1,
    verb: "",
    previous: "",
    previousSpan: { start: 0, end: 0 },
    isRoutine: false,
  };
}

/** As it stands now, whatever is read on. */
export function copyPending(pending: Pending): Pending {
  return { ...pending, variables: [...pending.variables], holes: [...pending.holes] };
}

export function isEmpty(pending: Pending): boolean {
  return pending.start === -1;
}

/** The statement as far as it goes, with blanks for its holes. */
export function textOf(pending: Pending, source: string): string {
  if (pending.textEnd === -1) pending.textEnd = pending.start;
  for (let [hole] = pending.holes; hole !== undefined && hole.start < pending.end; [hole] = pending.holes) {
    pending.text += source.slice(pending.textEnd, hole.start) + " ".repeat(hole.end - hole.start);
    pending.textEnd = hole.end;
    pending.holes.shift();
  }
  return pending.text + source.slice(pending.textEnd, pending.end);
}

// Words past this one cannot make a statement a routine's definition: CREATE OR REPLACE FUNCTION.
const ROUTINE_WORD_MAX = 4;

/** Takes note of a word outside quotes and gives its lower case, "" where the word cannot matter. */
export function followWord(pending: Pending, source: string, start: number, end: number): string {
  pending.words++;
  const isTop = pending.words <= ROUTINE_WORD_MAX;
  const matters = isTop || pending.isRoutine || pending.verb === "copy";
  if (!matters) return "";
  const word = source.slice(start, end).toLowerCase();
  if (pending.words === 1) pending.verb = word;
  if (isTop && pending.verb === "create" && (word === "function" || word === "procedure")) pending.isRoutine = true;
  if (pending.isRoutine) followBody(pending, word, { start, end });
  if (pending.verb === "copy" && pending.parentheses === 0 && pending.previous === "from") {
    pending.readsStdin ||= word === "stdin" || word === "pstdin";
  }
  pending.previous = word;
  pending.previousSpan = { start, end };
  return word;
}

/** A routine's body in SQL runs from BEGIN ATOMIC to the END that matches it; a CASE in it has an END of its own. */
function followBody(pending: Pending, word: string, span: Span): void {
  if (pending.blocks === 0) {
    if (word !== "atomic" || pending.previous !== "begin") return;
    pending.blocks = 1;
    pending.blockStart = { start: pending.previousSpan.start, end: span.end };
  } else if (word === "case" || (word === "atomic" && pending.previous === "begin")) pending.blocks++;
  else if (word === "end") {
    pending.blocks--;
    if (pending.blocks === 0) pending.blockStart = undefined;
  }
}
