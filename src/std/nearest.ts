/**
 * The candidate a mistyped word most likely meant, whatever its case; `undefined` when none is near. Near is two
 * edits (a swap of neighbours counts as one), or one edit for every four letters of a long word.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestEdits = Math.max(2, Math.floor(typed.length / 4)) + 1;
  for (const candidate of candidates) {
    const edits = countEdits(typed, candidate.toLowerCase());
    // A short word shares most of its letters with everything: two edits of three letters mean nothing.
    if (edits >= bestEdits || edits * 2 > candidate.length) continue;
    best = candidate;
    bestEdits = edits;
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const substituted = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const isSwap = column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Infinity;
      line.push(Math.min(substituted, (last[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, swapped));
    }
    beforeLast = last;
    last = line;
  }
  return last[to.length] ?? from.length;
}
