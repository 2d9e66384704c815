// The typed text as lines to draw: prompts, colours, hidden secrets, the mistake underlined.
import type { HighlightSpan, LiveDiagnostic, Span } from "../../src/index.ts";
import { lineStatesOf } from "../editor/line-states.ts";
import { isPlain } from "../editor/graphemes.ts";
import { cellsBetween, viewportOf, type Row } from "../editor/viewport.ts";
import type { Buffer } from "../editor/buffer.ts";
import { promptSegments, widthOfSegments, type PromptFacts } from "./prompt-line.ts";
import type { Segment, Style, StyledLine } from "./style.ts";

/** What is known about the text. */
export interface Insight {
  readonly highlights: readonly HighlightSpan[];
  readonly diagnostic: LiveDiagnostic | undefined;
  readonly secrets: readonly Span[];
}

export const NO_INSIGHT: Insight = { highlights: [], diagnostic: undefined, secrets: [] };

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
  const first = promptSegments(facts, "=", widthMax);
  const indent = widthOfSegments(first);
  const { secrets } = insight;
  const room = Math.max(8, columns - indent - 1);
  const { rows, cursor, isCutAbove, isCutBelow } = viewportOf(buffer, { columns: room, height, secrets });
  const { markAt } = lineStatesOf(buffer.text);
  const lines = rows.map((row): StyledLine => {
    const prompt = row.isLineStart
      ? rightAligned(row.start === 0 ? first : promptSegments(facts, markAt(row.start), widthMax), indent)
      : [{ text: " ".repeat(indent), style: "plain" as const }];
    return [...prompt, ...rowSegments(buffer.text, row, insight)];
  });
  const cut = (at: number, isCut: boolean): void => {
    if (isCut && lines.length > 1) lines[at] = [...(lines[at] ?? []), { text: "…", style: "dim" }];
  };
  cut(0, isCutAbove);
  cut(lines.length - 1, isCutBelow);
  return { lines, cursor: { x: indent + cursor.x, y: cursor.y } };
}

/** Prompts of one statement end in the same column. */
function rightAligned(prompt: readonly Segment[], width: number): readonly Segment[] {
  const space = width - widthOfSegments(prompt);
  return space > 0 ? [{ text: " ".repeat(space), style: "plain" }, ...prompt] : prompt;
}

function rowSegments(text: string, { start, end }: Row, insight: Insight): readonly Segment[] {
  const isHidden = insight.secrets.some((secret) => secret.start < end && secret.end > start);
  if (!isHidden && isPlain(text.slice(start, end))) return plainSegments(text, start, end, insight);
  const segments: Segment[] = [];
  const styleAt = stylesFrom(start, insight);
  let pending = "";
  let style: Style = "plain";
  for (const [at, cell] of cellsBetween(text, start, end, insight.secrets)) {
    const next = cell.text === "•" && text[at] !== "•" ? "secret" : styleAt(at);
    if (next !== style && pending !== "") {
      segments.push({ text: pending, style });
      pending = "";
    }
    style = next;
    pending += cell.text;
  }
  if (pending !== "") segments.push({ text: pending, style });
  return segments;
}

/** The same where a character is a column: cut where a style begins or ends. */
function plainSegments(text: string, start: number, end: number, insight: Insight): readonly Segment[] {
  const segments: Segment[] = [];
  const { highlights, diagnostic } = insight;
  const styleAt = stylesFrom(start, insight);
  const edges = diagnostic === undefined ? [] : [diagnostic.start, Math.max(diagnostic.end, diagnostic.start + 1)];
  for (let at = firstEndingAfter(highlights, start); at < highlights.length; at++) {
    const span = highlights[at];
    if (span === undefined || span.start >= end) break;
    edges.push(span.start, span.end);
  }
  let from = start;
  for (const edge of [...edges.toSorted((a, b) => a - b), end]) {
    if (edge <= from) continue;
    const to = Math.min(edge, end);
    segments.push({ text: text.slice(from, to), style: styleAt(from) });
    if (to === end) break;
    from = to;
  }
  return segments;
}

/** The style of ascending offsets. */
function stylesFrom(start: number, { highlights, diagnostic }: Insight): (at: number) => Style {
  let next = firstEndingAfter(highlights, start);
  return (at) => {
    if (diagnostic !== undefined && at >= diagnostic.start && at < Math.max(diagnostic.end, diagnostic.start + 1)) {
      return "wrong";
    }
    while ((highlights[next]?.end ?? Number.POSITIVE_INFINITY) <= at) next++;
    const span = highlights[next];
    return span !== undefined && at >= span.start ? span.kind : "plain";
  };
}

function firstEndingAfter(spans: readonly Span[], at: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
