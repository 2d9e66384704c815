// Secrets of a text that is too long to be read at every key: those in the part that can be seen.
import type { Span } from "../../src/index.ts";

export interface SeenPart {
  readonly cursor: number;
  /** Characters that the screen has room for. */
  readonly room: number;
}

/** The part may begin inside a string, which cannot be told from it: it is read both ways, and what either hides is hidden. */
export function secretsNear(
  text: string,
  { cursor, room }: SeenPart,
  secretSpans: (text: string) => readonly Span[],
): readonly Span[] {
  const start = Math.max(0, cursor - room);
  const part = text.slice(start, cursor + room);
  const readings = start === 0 ? [""] : ["", "'"];
  const spans = readings.flatMap((before) =>
    secretSpans(before + part).map((span) => shifted(span, start - before.length)),
  );
  return spans.toSorted((a, b) => a.start - b.start);
}

function shifted({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}
