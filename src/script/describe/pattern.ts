// psql's object patterns: * and ? are wildcards, "…" keeps case, a dot parts schema from name. Source: PostgreSQL
// documentation of psql, "Patterns".

import { ShellError } from "../../errors.ts";

/** Regular expressions of the server, anchored; a part that is not asked for is absent. */
export interface NamePattern {
  readonly schema?: string;
  readonly name?: string;
  /** A schema was named, if only as `*`: objects that others hide are meant too. */
  readonly anywhere?: true;
  /** The first of three parts: a name, not a pattern. */
  readonly database?: string;
}

/** With `escaped` only * and ? are wildcards: names of operators and types have the other signs in them. */
export function parsePattern(text: string, escaped = false): NamePattern {
  const parts = [""];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      // A doubled quote inside quotes is one of the name's own.
      if (quoted && text[at + 1] === '"') {
        parts.push(`${parts.pop() ?? ""}"`);
        at += 1;
      } else quoted = !quoted;
    } else if (character === "." && !quoted) parts.push("");
    else parts.push((parts.pop() ?? "") + regexOf(character, quoted, escaped));
  }
  if (parts.length > 3) {
    throw new ShellError("shell/command", `improper qualified name (too many dotted names): ${text}`);
  }
  const name = anchored(parts.pop() ?? "");
  const anywhere = parts.length > 0;
  const schema = anywhere ? anchored(parts.pop() ?? "") : undefined;
  const database = parts.pop()?.replace(/\\(.)/g, "$1");
  return {
    ...(name === undefined ? {} : { name }),
    ...(schema === undefined ? {} : { schema }),
    ...(anywhere ? { anywhere } : {}),
    ...(database === undefined ? {} : { database }),
  };
}

const SPECIAL = /[|*+?()[\]{}.^\\]/;

/** SQL's names for types that the server calls otherwise. */
const TYPE_ALIASES: Readonly<Record<string, string>> = {
  decimal: "numeric",
  float: "double precision",
  int: "integer",
};

/** A pattern for the name of a type, where `[]` means an array. */
export function parseTypePattern(text: string): NamePattern {
  const [, element = "", brackets = ""] = /^(.*?)((?:\[\])*)$/.exec(text) ?? [];
  const name = TYPE_ALIASES[element.toLowerCase()] ?? element;
  return parsePattern(name + brackets, true);
}

function regexOf(character: string, quoted: boolean, escaped: boolean): string {
  if (character === "$") return "\\$";
  if (quoted) return SPECIAL.test(character) ? `\\${character}` : character;
  if (character === "*") return ".*";
  if (character === "?") return ".";
  return escaped && SPECIAL.test(character) ? `\\${character}` : character.toLowerCase();
}

/** `.*` matches all, so nothing need be asked. */
function anchored(regex: string): string | undefined {
  return regex === "" || regex === ".*" ? undefined : `^(${regex})$`;
}

export interface PatternColumns {
  readonly schema?: string;
  readonly name: string;
  /** An expression that may match the name instead. */
  readonly otherName?: string;
  /** True of what can be named without its schema. */
  readonly visible?: string;
  /** The server has no collations: Redshift. */
  readonly withoutCollations?: true;
}

/** SQL conditions for a pattern, with $n parameters appended to `parameters`. Columns are ours, never the user's text. */
export function conditionsOf(
  pattern: NamePattern | undefined,
  columns: PatternColumns,
  parameters: string[],
): string[] {
  const conditions: string[] = [];
  const matches = (column: string, regex: string, other?: string): void => {
    parameters.push(regex);
    const collation = columns.withoutCollations === true ? "" : ' COLLATE pg_catalog."default"';
    const [first = "", ...alternatives] = [column, ...(other === undefined ? [] : [other])].map(
      (name) => `${name} OPERATOR(pg_catalog.~) $${parameters.length}${collation}`,
    );
    conditions.push(alternatives.length === 0 ? first : `(${[first, ...alternatives].join(" OR ")})`);
  };
  if (pattern?.name !== undefined) matches(columns.name, pattern.name, columns.otherName);
  if (pattern?.schema !== undefined && columns.schema !== undefined) matches(columns.schema, pattern.schema);
  else if (pattern?.anywhere !== true && columns.visible !== undefined) conditions.push(columns.visible);
  return conditions;
}
