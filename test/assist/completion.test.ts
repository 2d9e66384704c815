import { completeSql } from "../../src/assist/complete-sql.ts";
import type { Completions } from "../../src/assist/assistant.ts";
import { shopCatalogue } from "../harness/shop-catalogue.ts";
import { runVectors } from "../harness/vectors.ts";

const catalogue = shopCatalogue();
/** What a popup has room for. */
const SHOWN = 10;

/** What is replaced, and the first candidates. */
function show(text: string, { span, items }: Completions): string {
  const replaced = text.slice(span.start, span.end);
  const lines = items.slice(0, SHOWN).map(({ insert, kind, detail }) => {
    return `${insert} (${kind}${detail === undefined ? "" : `: ${detail}`})`;
  });
  if (items.length > SHOWN) lines.push("…");
  return [...(replaced === "" ? [] : [`for ${replaced}`]), ...(lines.length === 0 ? ["nothing"] : lines)].join("\n");
}

runVectors("completion", {
  sql: (input) => {
    const cursor = input.indexOf("|");
    const text = input.replace("|", "");
    return show(text, completeSql(text, cursor, catalogue));
  },
});
