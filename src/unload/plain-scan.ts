// The queries that are nothing but a table: `SELECT * | column, … FROM table [alias]`. Only their rows can be read in any
// order by several connections and still be the query's.

export interface PlainScan {
  /** As names are looked up: unquoted ones in lower case; one to three. */
  readonly table: readonly string[];
  /** `undefined` for `*`. */
  readonly columns: readonly string[] | undefined;
  /** Those without quotes: reserved words among them are no names. */
  readonly bareNames: readonly string[];
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const LIST = String.raw`\*|${NAME}(?:\s*,\s*${NAME})*`;
const PATH = String.raw`${NAME}(?:\.${NAME}){0,2}`;
const QUERY = new RegExp(String.raw`^\s*select\s+(${LIST})\s+from\s+(${PATH})(?:\s+(?:as\s+)?${NAME})?\s*$`, "iu");

/** `undefined` for any other query, and where a comment stands in it. */
export function plainScanOf(query: string): PlainScan | undefined {
  const [, list, path] = QUERY.exec(query) ?? [];
  if (list === undefined || path === undefined) return undefined;
  const names = (text: string): readonly string[] => text.match(new RegExp(NAME, "giu")) ?? [];
  const all = list === "*" ? names(path) : [...names(list), ...names(path)];
  return {
    table: names(path).map(folded),
    columns: list === "*" ? undefined : names(list).map(folded),
    bareNames: all.filter((name) => !name.startsWith('"')).map(folded),
  };
}

function folded(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}
