/** What came of one exchange with a peer. */
export interface Line {
  readonly name: string;
  readonly version: string;
  readonly what: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Counts, or the reason. */
  readonly note: string;
}

/** A table with a heading, one line an exchange, and a last line that counts them. */
export function tableOf(lines: readonly Line[], first = "peer"): string {
  const cells = [
    [first, "version", "what ran", "outcome", ""],
    ...lines.map(({ name, version, what, outcome, note }) => [name, version, what, outcome, note]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = cells.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const count = (outcome: Line["outcome"]): number => lines.filter((line) => line.outcome === outcome).length;
  return [
    ...table,
    `exchanges: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
  ].join("\n");
}
