// What a set of options will lose, said before anything is written.
import { isWrittenAsText } from "../formats/parquet-values.ts";
import { kindOf, type SourceColumn } from "../formats/source-column.ts";
import type { UnloadFormat } from "../plan/unload-plan.ts";
import type { PlanWarning } from "../plan/clauses.ts";

/** Characters that values of other types than text are written with. */
const IN_NUMBERS_AND_TIMES = /^[0-9a-zA-Z+\-.: ]$/;

export function lossWarnings(format: UnloadFormat, columns: readonly SourceColumn[]): readonly PlanWarning[] {
  const texts = columns.filter((column) => ["text", "padded", "json"].includes(kindOf(column)));
  const empties = columns.filter((column) => ["text", "padded", "bytes"].includes(kindOf(column)));
  switch (format.type) {
    case "text":
      return [...unescaped(format, texts), ...sameAsEmpty(format.nullText, empties)];
    case "csv":
      return sameAsEmpty(format.nullText, empties);
    case "fixed-width":
      return fixedWidth(format, texts, empties);
    case "json":
      return [];
    case "parquet":
      return columns.filter(isWrittenAsText).map(({ name }) => ({
        message: `column ${name} is numeric without a precision that PARQUET has, and is written as text`,
        hint: `cast it in the query: ${name}::numeric(38, 10)`,
      }));
  }
  return format satisfies never;
}

function unescaped(
  format: Extract<UnloadFormat, { readonly type: "text" }>,
  texts: readonly SourceColumn[],
): readonly PlanWarning[] {
  if (format.escape) return [];
  const delimiter = String.fromCharCode(format.delimiter);
  if (texts.length === 0 && !IN_NUMBERS_AND_TIMES.test(delimiter)) return [];
  const what = format.addQuotes
    ? "quotes and ends of lines"
    : `the delimiter ${JSON.stringify(delimiter)} and ends of lines`;
  return [
    {
      message: `without ESCAPE, ${what} in values${inColumns(texts)} tear rows and columns apart`,
      hint: "add ESCAPE, or use CSV",
    },
  ];
}

function sameAsEmpty(nullText: string, columns: readonly SourceColumn[]): readonly PlanWarning[] {
  if (nullText !== "" || columns.length === 0) return [];
  return [
    {
      message: `without NULL AS, NULL and the empty string${inColumns(columns)} become the same`,
      hint: "add NULL AS '\\N'",
    },
  ];
}

function fixedWidth(
  format: Extract<UnloadFormat, { readonly type: "fixed-width" }>,
  texts: readonly SourceColumn[],
  empties: readonly SourceColumn[],
): readonly PlanWarning[] {
  if (texts.length === 0) return [];
  const same = sameAsEmpty(format.nullText?.trim() ?? "", empties);
  const lost = "blanks at the end of values, and which of them were padding";
  const torn = format.escape ? "" : "; ends of lines in values tear rows apart";
  return [{ message: `FIXEDWIDTH loses ${lost}${inColumns(texts)}${torn}` }, ...same];
}

const SHOWN_MAX = 3;

function inColumns(columns: readonly SourceColumn[]): string {
  if (columns.length === 0) return "";
  const names = columns.slice(0, SHOWN_MAX).map(({ name }) => name);
  return ` of ${names.join(", ")}${columns.length > SHOWN_MAX ? ", …" : ""}`;
}
