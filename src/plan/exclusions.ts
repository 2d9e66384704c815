// Tables of what excludes and what needs what: the statements' own tables are data, held against the documentation.
import type { Span } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import { conflict } from "./reading.ts";

/** The clauses a statement has, by the name that messages call them, and where they stand. */
export type Present = ReadonlyMap<string, Span>;

/** `option` excludes each of `not`, or everything but `only`. */
export type Exclusion = {
  readonly option: string;
  readonly hint?: string;
  /** The engine's own words for it. */
  readonly message?: (option: string, other: string) => string;
} & ({ readonly not: readonly string[] } | { readonly only: readonly string[] });

/** `option`, where `beside` stands with it, needs at least one of `needs`. */
export interface Requirement {
  readonly option: string;
  readonly beside?: string;
  readonly needs: readonly string[];
  readonly hint?: string;
  /** A template may bring what is needed. */
  readonly templateMayHave?: true;
}

/** Rows for names that exclude each other. */
export function atMostOne(names: readonly string[]): readonly Exclusion[] {
  return names.slice(0, -1).map((option, at) => ({ option, not: names.slice(at + 1) }));
}

/** Throws `option/conflict` for the first row that is broken, at the later of the two clauses. */
export function checkExclusions(present: Present, rows: readonly Exclusion[]): void {
  for (const row of rows) {
    const span = present.get(row.option);
    if (span === undefined) continue;
    for (const [other, otherSpan] of present) {
      const isExcluded = "not" in row ? row.not.includes(other) : other !== row.option && !row.only.includes(other);
      if (!isExcluded) continue;
      const message = row.message?.(row.option, other) ?? `${row.option} is not compatible with ${other}`;
      throw conflict(message, otherSpan.start > span.start ? otherSpan : span, row.hint ?? "leave one of them out");
    }
  }
}

/** Throws `option/missing` for the first row that is not met. */
export function checkRequirements(present: Present, rows: readonly Requirement[]): void {
  const hasTemplate = present.has("USING TEMPLATE");
  for (const { option, beside, needs, hint, templateMayHave } of rows) {
    const span = present.get(option);
    if (span === undefined || (hasTemplate && templateMayHave === true)) continue;
    if ((beside !== undefined && !present.has(beside)) || needs.some((name) => present.has(name))) continue;
    const what = beside === undefined ? option : `${option} with ${beside}`;
    throw new ShellError("option/missing", `${what} needs ${listed(needs)}`, {
      hint: hint ?? `add ${needs[0] ?? ""}`,
      note: "nothing was changed",
      span,
    });
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}
