/** Insertions, deletions and substitutions that turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of a.split("").entries()) {
    const above = row;
    row = [i + 1];
    for (const [j, other] of b.split("").entries()) {
      const substituted = (above[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min(substituted, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
