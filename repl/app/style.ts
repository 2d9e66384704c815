// Styled text and its form for a terminal. Sixteen colours, bold and dim only, so that every theme holds.
import type { HighlightKind } from "../../src/index.ts";

export type Style =
  | HighlightKind
  | "plain"
  | "dim"
  | "strong"
  | "prompt"
  | "alarm"
  | "success"
  | "selected"
  | "match"
  | "secret"
  /** One of the terminal's colours, bold, by its SGR parameter. */
  | `ink-${number}`
  /** Where the text cannot be right. */
  | "wrong";

export interface Segment {
  readonly text: string;
  readonly style: Style;
}

export type StyledLine = readonly Segment[];

/** Select Graphic Rendition parameters (ECMA-48, 8.3.117): what begins a style and what ends it. */
const CODES: Readonly<Record<string, readonly [begin: string, end: string] | undefined>> = {
  plain: undefined,
  identifier: undefined,
  operator: undefined,
  keyword: ["1;34", "22;39"],
  function: ["36", "39"],
  type: ["36", "39"],
  string: ["32", "39"],
  number: ["35", "39"],
  comment: ["2", "22"],
  variable: ["33", "39"],
  command: ["1;36", "22;39"],
  dim: ["2", "22"],
  strong: ["1", "22"],
  prompt: ["1", "22"],
  alarm: ["1;31", "22;39"],
  success: ["32", "39"],
  selected: ["7", "27"],
  match: ["1;33", "22;39"],
  secret: ["2", "22"],
  wrong: ["4;31", "24;39"],
};

/** Without colour only what is selected is marked. */
export function paintLine(line: StyledLine, colour: boolean): string {
  let painted = "";
  for (const { text, style } of line) {
    const codes = colour || style === "selected" ? codesOf(style) : undefined;
    painted += codes === undefined ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
  }
  return painted;
}

function codesOf(style: Style): readonly [begin: string, end: string] | undefined {
  return style.startsWith("ink-") ? [`1;${style.slice(4)}`, "22;39"] : CODES[style];
}

export function textOfLine(line: StyledLine): string {
  return line.map(({ text }) => text).join("");
}

/**
 * Without blanks at the end. The frame's library does not write plain ones, and coloured ones it does: whoever counts
 * the rows of a wrapped line would count what is not there.
 */
export function trimmedLine(line: StyledLine): StyledLine {
  const last = line.findLastIndex(({ text, style }) => style === "selected" || text.trimEnd() !== "");
  const end = line[last];
  if (end === undefined) return [];
  return [...line.slice(0, last), end.style === "selected" ? end : { ...end, text: end.text.trimEnd() }];
}
