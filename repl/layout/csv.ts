// RFC 4180, lines ended by a line feed, as psql --csv writes it.
import type { Column, Display } from "../../src/index.ts";
import type { Layout } from "./layout.ts";

export function createCsv(display: Display): Layout {
  const { csvSeparator, nullText, tuplesOnly } = display;
  const special = new RegExp(`[${csvSeparator.replace(/[\\\]^-]/g, "\\$&")}"\\r\\n]`);
  // A line of \. alone ends COPY data.
  const field = (text: string): string =>
    special.test(text) || text === "\\." ? `"${text.replaceAll('"', '""')}"` : text;
  const expanded = display.expanded === "on";
  let columns: readonly Column[] = [];
  return {
    begin(named) {
      columns = named;
      if (expanded || tuplesOnly) return "";
      return `${columns.map((column) => field(column.name)).join(csvSeparator)}\n`;
    },
    rows(more) {
      let text = "";
      for (const row of more) {
        // As in psql, and a reader would take an empty line for a row of one value.
        if (row.length === 0) continue;
        const fields = row.map((value) => field(value ?? nullText));
        if (expanded)
          text += fields.map((one, at) => `${field(columns[at]?.name ?? "")}${csvSeparator}${one}\n`).join("");
        else text += `${fields.join(csvSeparator)}\n`;
      }
      return text;
    },
    *end() {
      yield "";
    },
  };
}
