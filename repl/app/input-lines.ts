// The typed text as lines to draw: prompts, colours, hidden secrets, the mistake underlined.
import { lineStatesOf } from "../editor/line-states.ts";
import { viewportOf } from "../editor/viewport.ts";
import type { Buffer } from "../editor/buffer.ts";
import type { Insight } from "./insight.ts";
import { promptSegments, widthOfSegments, type PromptFacts } from "./prompt-line.ts";
import { rowSegments } from "./row-segments.ts";
import type { Segment, StyledLine } from "./style.ts";

export interface InputView {
  readonly facts: PromptFacts;
  readonly insight: Insight;
  readonly columns: number;
  readonly height: number;
}

export interface InputLines {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly x: number; readonly y: number };
}

export function inputLines(buffer: Buffer, { facts, insight, columns, height }: InputView): InputLines {
  const widthMax = Math.floor(columns / 2);
  const prompts = promptsOf(facts, widthMax);
  const { first, indent } = prompts;
  const { secrets } = insight;
  const room = Math.max(8, columns - indent - 1);
  const { rows, cursor, isCutAbove, isCutBelow } = viewportOf(buffer, { columns: room, height, secrets });
  const { markAt } = lineStatesOf(buffer.text);
  const lines = rows.map((row): StyledLine => {
    const prompt = row.isLineStart ? (row.start === 0 ? first : prompts.at(markAt(row.start))) : prompts.none;
    return joined(prompt, rowSegments(buffer.text, row, insight));
  });
  const cut = (at: number, isCut: boolean): void => {
    if (isCut && lines.length > 1) lines[at] = [...(lines[at] ?? []), { text: "…", style: "dim" }];
  };
  cut(0, isCutAbove);
  cut(lines.length - 1, isCutBelow);
  return { lines, cursor: { x: indent + cursor.x, y: cursor.y } };
}

/** The prompts of a statement's lines, which end in the same column; the same objects while they say the same. */
interface Prompts {
  readonly first: readonly Segment[];
  readonly indent: number;
  /** Before a line with this mark. */
  readonly at: (mark: string) => readonly Segment[];
  /** Before a row that goes on with a line. */
  readonly none: readonly Segment[];
}

let known: { readonly facts: PromptFacts; readonly widthMax: number; readonly prompts: Prompts } | undefined;

function promptsOf(facts: PromptFacts, widthMax: number): Prompts {
  if (known !== undefined && known.widthMax === widthMax && isSame(known.facts, facts)) return known.prompts;
  const first = promptSegments(facts, "=", widthMax);
  const indent = widthOfSegments(first);
  const made = new Map<string, readonly Segment[]>();
  const at = (mark: string): readonly Segment[] => {
    const prompt = made.get(mark) ?? rightAligned(promptSegments(facts, mark, widthMax), indent);
    made.set(mark, prompt);
    return prompt;
  };
  const prompts = { first, indent, at, none: [{ text: " ".repeat(indent), style: "plain" as const }] };
  known = { facts, widthMax, prompts };
  return prompts;
}

function isSame(one: PromptFacts, other: PromptFacts): boolean {
  return (
    one.database === other.database &&
    one.superuser === other.superuser &&
    one.transaction === other.transaction &&
    one.profile === other.profile &&
    one.badge === other.badge &&
    one.isSkipping === other.isSkipping
  );
}

function rightAligned(prompt: readonly Segment[], width: number): readonly Segment[] {
  const space = width - widthOfSegments(prompt);
  return space > 0 ? [{ text: " ".repeat(space), style: "plain" }, ...prompt] : prompt;
}

const lineOf = new WeakMap<readonly Segment[], { readonly prompt: readonly Segment[]; readonly line: StyledLine }>();

/** The same line for the same prompt and the same row, so that it is painted once. */
function joined(prompt: readonly Segment[], row: readonly Segment[]): StyledLine {
  const made = lineOf.get(row);
  if (made?.prompt === prompt) return made.line;
  const line = [...prompt, ...row];
  lineOf.set(row, { prompt, line });
  return line;
}
