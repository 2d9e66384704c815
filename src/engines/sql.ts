// The one place where names and values become SQL text.
import type { TableName } from "./engine.ts";

/** A name as SQL, always quoted: what is a keyword differs between servers. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTable({ schema, name }: TableName): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** A string constant that means the same whatever standard_conforming_strings says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** A parenthesised column list, empty for a table without columns, for which SQL has none. */
export function columnList(columns: readonly string[]): string {
  return columns.length === 0 ? "" : ` (${columns.map(quoteName).join(", ")})`;
}

/** Holds tables until the end of the transaction so that nobody drops, truncates or rewrites them. */
export function lockForReading(tables: readonly TableName[]): string {
  return `LOCK TABLE ${tables.map((table) => `ONLY ${quoteTable(table)}`).join(", ")} IN ACCESS SHARE MODE`;
}
