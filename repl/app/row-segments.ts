// One row of the typed text in its colours, secrets hidden, the mistake underlined.
import type { HighlightSpan, Span } from "../../src/index.ts";
import { isPlain } from "../editor/graphemes.ts";
import { cellsBetween, type Row } from "../editor/viewport.ts";
import type { Insight } from "./insight.ts";
import type { Segment, Style } from "./style.ts";

export function rowSegments(text: string, { start, end }: Row, insight: Insight): readonly Segment[] {
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

interface PlainRow extends Span {
  readonly text: string;
  readonly first: HighlightSpan | undefined;
  readonly segments: readonly Segment[];
}

/** By their last span: most rows of a text are as they were before the key. */
const plainRows = new WeakMap<HighlightSpan, PlainRow>();

/** The same where a character is a column: cut where a style begins or ends. */
function plainSegments(text: string, start: number, end: number, insight: Insight): readonly Segment[] {
  const { highlights, diagnostic } = insight;
  const from = firstEndingAfter(highlights, start);
  let to = from;
  while ((highlights[to]?.start ?? end) < end) to++;
  const [first, last] = [highlights[from], to > from ? highlights[to - 1] : undefined];
  const isWrong = diagnostic !== undefined && diagnostic.start <= end && diagnostic.end >= start;
  if (last === undefined || isWrong) return cutSegments(text, { start, end }, highlights.slice(from, to), insight);
  const row = text.slice(start, end);
  const made = plainRows.get(last);
  if (made?.start === start && made.end === end && made.first === first && made.text === row) return made.segments;
  const segments = cutSegments(text, { start, end }, highlights.slice(from, to), insight);
  plainRows.set(last, { start, end, text: row, first, segments });
  return segments;
}

function cutSegments(
  text: string,
  { start, end }: Span,
  spans: readonly HighlightSpan[],
  insight: Insight,
): readonly Segment[] {
  const { diagnostic } = insight;
  const segments: Segment[] = [];
  const styleAt = stylesFrom(start, insight);
  const edges = diagnostic === undefined ? [] : [diagnostic.start, Math.max(diagnostic.end, diagnostic.start + 1)];
  for (const span of spans) edges.push(span.start, span.end);
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
