import type { HighlightSpan, LiveDiagnostic, Span } from "../../src/index.ts";

/** What is known about the text. */
export interface Insight {
  readonly highlights: readonly HighlightSpan[];
  readonly diagnostic: LiveDiagnostic | undefined;
  readonly secrets: readonly Span[];
}

export const NO_INSIGHT: Insight = { highlights: [], diagnostic: undefined, secrets: [] };
