// What a person takes for one character: the cursor never stops inside one.
import { widthOf } from "../layout/cells.ts";

let segmenter: Intl.Segmenter | undefined;

/** Made with the first text that needs it: that takes 10 ms, which every start would wait for. */
function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Below it nothing joins with its neighbours. */
const JOINING_FROM = 0x300;
/** Longer than any sensible grapheme; keeps the work independent of the text's length. */
const REACH = 64;

function isAlone(text: string, at: number): boolean {
  return at < 0 || at >= text.length || text.charCodeAt(at) < JOINING_FROM;
}

/** The offset behind the grapheme that begins at `at`; the text's end when there is none. */
export function nextGrapheme(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (isAlone(text, at) && isAlone(text, at + 1)) return at + 1;
  for (const { segment } of segmentsOf(text.slice(at, at + REACH))) return at + segment.length;
  return text.length;
}

/** The offset of the grapheme that ends at `at`; 0 when there is none. */
export function previousGrapheme(text: string, at: number): number {
  if (at <= 0) return 0;
  if (isAlone(text, at - 1)) return at - 1;
  const from = Math.max(0, at - REACH);
  let start = from;
  for (const { index } of segmentsOf(text.slice(from, at))) start = from + index;
  return start;
}

const PLAIN = /^[\x20-\x7e]*$/;

/** Every character is one grapheme, one column wide, drawn as it is. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

export interface Cell {
  readonly text: string;
  /** Columns it takes. */
  readonly width: number;
}

const TAB_WIDTH = 4;

/**
 * What takes no place, turns the direction of the text around it, or looks like a blank and is none to SQL: it would be
 * edited without being seen.
 */
const UNSEEN = /^[\p{Cf}\u00a0\u1680\u2000-\u200a\u202f\u205f]/u;

/** How a grapheme is drawn in the editor: tabs as spaces, control characters as `^A`, unseen ones as `<202e>`. */
export function cellOf(grapheme: string): Cell {
  const code = grapheme.charCodeAt(0);
  if (grapheme.length === 1 && code >= 0x20 && code < 0x7f) return { text: grapheme, width: 1 };
  if (grapheme === "\t") return { text: " ".repeat(TAB_WIDTH), width: TAB_WIDTH };
  if (code < 0x20) return { text: `^${String.fromCharCode(code + 0x40)}`, width: 2 };
  if (code === 0x7f) return { text: "^?", width: 2 };
  if (code > 0x7f && code < 0xa0) return named(code);
  const width = widthOf(grapheme);
  if (UNSEEN.test(grapheme)) return named(grapheme.codePointAt(0) ?? 0);
  // An accent with nothing to stand on.
  return width === 0 ? { text: `◌${grapheme}`, width: 1 } : { text: grapheme, width };
}

function named(code: number): Cell {
  const text = `<${code.toString(16).padStart(4, "0")}>`;
  return { text, width: text.length };
}

/** A text as one line that holds nothing but what is seen. */
export function seenText(text: string): string {
  if (isPlain(text)) return text;
  return Array.from(graphemesOf(text, 0, text.length), ([, cell]) => cell.text).join("");
}

/** The graphemes between two offsets with their offsets. */
export function* graphemesOf(text: string, start: number, end: number): Generator<readonly [at: number, cell: Cell]> {
  for (let at = start; at < end;) {
    const next = Math.min(nextGrapheme(text, at), end);
    yield [at, cellOf(text.slice(at, next))];
    at = next;
  }
}
