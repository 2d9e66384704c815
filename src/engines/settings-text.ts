// Settings stored with a role or a database (pg_db_role_setting.setconfig: `name=value` each) as ALTER … SET.
import { quoteIdentifier, quoteLiteral } from "./sql.ts";

// Settings whose stored value is a list of quoted names (GUC_LIST_QUOTE; pg_dump's variable_is_guc_list_quote).
const NAME_LISTS: ReadonlySet<string> = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** The names in a stored list: `"$user", public` is `$user` and `public`. */
export function parseNameList(value: string): readonly string[] {
  const names: string[] = [];
  for (const [, quoted, bare] of value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^\s",][^,]*?))\s*(?:,|$)/g)) {
    names.push(quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"'));
  }
  return names;
}

/** `SET name TO value`, from what the catalogue keeps. */
export function printSetting(stored: string): string {
  const cut = stored.indexOf("=");
  const [name, value] = [stored.slice(0, cut), stored.slice(cut + 1)];
  // A name of an extension's setting has a dot, which is no part of either name.
  const written = name.split(".").map(quoteIdentifier).join(".");
  const values = NAME_LISTS.has(name.toLowerCase()) ? parseNameList(value) : [value];
  // An empty list is one empty string.
  return `SET ${written} TO ${(values.length === 0 ? [""] : values).map(quoteLiteral).join(", ")}`;
}
