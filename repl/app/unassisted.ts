// What the prompt does where nothing helps with what is typed.
import { tokens, type Assistant, type Span } from "../../src/index.ts";
import { completenessOf } from "../editor/line-states.ts";

/** What the text alone tells: nothing is proposed, but secrets are hidden all the same. */
export function createUnassisted(): Assistant {
  return {
    highlight: () => [],
    diagnose: () => undefined,
    completeness: completenessOf,
    complete: (_text, cursor) => Promise.resolve({ span: { start: cursor, end: cursor }, items: [] }),
    secretSpans,
    help: () => undefined,
    noteSchemaChanged: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function secretSpans(text: string): readonly Span[] {
  const literals = tokens(text).filter(({ kind }) => kind === "secret");
  return literals.map(({ span }) => ({
    start: span.start + 1,
    end: span.end - (span.end > span.start + 1 && text[span.end - 1] === text[span.start] ? 1 : 0),
  }));
}
