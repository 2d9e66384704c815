// psql's unaligned text: values between separators, nothing quoted.
import type { Column, Display, Row } from "../../src/index.ts";
import { escapeControls } from "./cells.ts";
import { footerLines, type Layout, type Surface } from "./layout.ts";

export function createUnaligned(display: Display, surface: Surface): Layout {
  const { fieldSeparator, recordSeparator, nullText, tuplesOnly } = display;
  const expanded = display.expanded === "on";
  const shown = surface.escapes ? escapeControls : (text: string): string => text;
  let columns: readonly Column[] = [];
  let count = 0;
  let written = false;
  // A separator stands before every record but the first, so that the last one is followed by a line end only.
  const record = (text: string): string => {
    const lead = written ? recordSeparator : "";
    written = true;
    return lead + text;
  };
  const wide = (row: Row): string => record(row.map((value) => shown(value ?? nullText)).join(fieldSeparator));
  const tall = (row: Row): string => {
    const fields = row.map(
      (value, index) => `${columns[index]?.name ?? ""}${fieldSeparator}${shown(value ?? nullText)}`,
    );
    const gap = count > 0 ? record("") : "";
    return gap + fields.map(record).join("");
  };
  return {
    begin(named) {
      columns = named;
      if (tuplesOnly) return "";
      const title = display.title === undefined ? "" : record(display.title);
      return expanded ? title : title + record(columns.map((column) => column.name).join(fieldSeparator));
    },
    rows(more) {
      let text = "";
      for (const row of more) {
        if (row.length > 0) text += expanded ? tall(row) : wide(row);
        count += 1;
      }
      return text;
    },
    *end() {
      const footers = expanded ? (tuplesOnly ? [] : (surface.footers ?? [])) : footerLines(display, surface, count);
      let text = expanded && footers.length > 0 ? record("") : "";
      for (const footer of footers) text += record(footer);
      if (written) text += recordSeparator === "\0" ? recordSeparator : "\n";
      yield text;
    },
  };
}
