// Rows as JSON objects: an array of them, or one a line. Numbers and booleans stay what they are; numbers that JSON
// cannot write (NaN, Infinity) and all else are strings. Digits are never rounded: they are not read as numbers here.
import type { Column } from "../../src/index.ts";
import type { Layout } from "./layout.ts";

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

export function createJson(format: "json" | "ndjson"): Layout {
  let names: readonly string[] = [];
  let columns: readonly Column[] = [];
  let first = true;
  return {
    begin(named) {
      columns = named;
      names = distinct(named.map((column) => column.name)).map((name) => JSON.stringify(name));
      return format === "json" ? "[" : "";
    },
    rows(more) {
      let text = "";
      for (const row of more) {
        const fields = row.map((value, at) => `${names[at]}:${jsonOf(value, columns[at]?.kind ?? "text")}`);
        const lead = format === "ndjson" ? "" : first ? "\n" : ",\n";
        text += `${lead}{${fields.join(",")}}${format === "ndjson" ? "\n" : ""}`;
        first = false;
      }
      return text;
    },
    *end() {
      if (format === "json") yield first ? "]\n" : "\n]\n";
    },
  };
}

function jsonOf(value: string | null, kind: Column["kind"]): string {
  if (value === null) return "null";
  if (kind === "number" && NUMBER.test(value)) return value;
  if (kind === "boolean") return value === "t" || value === "true" ? "true" : "false";
  // A line end can stand only between the tokens of a JSON text, never inside its strings.
  if (kind === "json") return value.replace(/[\r\n]+/g, " ");
  return JSON.stringify(value);
}

/** An object cannot hold a name twice: the second `id` becomes `id_2`. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}_${number}`;
    taken.add(unique);
    return unique;
  });
}
