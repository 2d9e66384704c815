// What the prompt asks of its neighbours, and what it does without one of them.
import type { Assistant, Span } from "../../src/index.ts";
import { tokens } from "../../src/index.ts";
import { completenessOf } from "../editor/line-states.ts";
import type { ConfirmationFor, Profile } from "../guard/guard.ts";
import type { FindSecretReferences, HistoryEntry, HistoryStore, SearchHistory } from "../history/history.ts";

export interface Neighbours {
  readonly history: HistoryStore;
  readonly search: SearchHistory;
  readonly findSecretReferences: FindSecretReferences;
  readonly confirmationFor: ConfirmationFor;
  readonly profile: Profile | undefined;
}

/** History of this session alone, and no questions. */
export function createNeighbours(): Neighbours {
  const entries: HistoryEntry[] = [];
  return {
    history: {
      entries,
      problem: undefined,
      append: (entry) => {
        if (!entry.text.startsWith(" ") && entries.at(-1)?.text !== entry.text) entries.push(entry);
        return Promise.resolve();
      },
    },
    search: searchPlainly,
    findSecretReferences: () => [],
    confirmationFor: () => Promise.resolve(undefined),
    profile: undefined,
  };
}

/** Entries that hold the query's words, newest first. */
export const searchPlainly: SearchHistory = (entries, query) => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return entries.toReversed().flatMap((entry) => {
    const text = entry.text.toLowerCase();
    const found = words.map((word) => ({ at: text.indexOf(word), length: word.length }));
    if (found.some(({ at }) => at < 0)) return [];
    const matched = found.flatMap(({ at, length }) => Array.from({ length }, (_, index) => at + index));
    return [{ entry, matched: matched.toSorted((a, b) => a - b) }];
  });
};

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
