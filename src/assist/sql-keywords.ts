import type { Candidate } from "./sql-candidates.ts";
import type { SqlNode, SqlWord } from "./sql-tree.ts";

const KEYWORD_RANK = 5;

/** Keywords in the case of what has been typed; where nothing has, in that of the statement's first word. */
export function* keywordCandidates(
  words: readonly string[],
  { text }: SqlWord,
  nodes: readonly SqlNode[],
): Generator<Candidate> {
  const isLower = text === "" ? isWrittenLower(nodes) : text === text.toLowerCase();
  for (const word of words) {
    if (!/^\w/.test(word) && text !== "") continue;
    yield {
      match: word,
      insert: isLower ? word.toLowerCase() : word,
      kind: "keyword",
      rank: KEYWORD_RANK,
      strict: true,
    };
  }
}

function isWrittenLower(nodes: readonly SqlNode[]): boolean {
  const first = nodes.find((node): node is SqlWord => node.kind === "word");
  return first?.written !== undefined && first.written === first.written.toLowerCase();
}
