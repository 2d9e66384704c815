import { ShellError } from "../../errors.ts";
import type { Column, Row } from "../../events.ts";
import { say, type CommandCall } from "../commands/command.ts";
import type { PictureName, ScriptEvents } from "../events.ts";
import { conditionsOf, parsePattern, parseTypePattern, type NamePattern, type PatternColumns } from "./pattern.ts";

/** What a listing is asked for. */
export interface Asked {
  readonly isRedshift: boolean;
  readonly versionNumber: number;
  readonly pattern: NamePattern | undefined;
  /** Those behind it, where a command takes more than one. */
  readonly more: readonly NamePattern[];
  /** `+` */
  readonly verbose: boolean;
  /** The command's name without its first letter: `dtS+` gives `tS+`. */
  readonly letters: string;
  /** `S`, or a pattern was given: system objects too. */
  readonly system: boolean;
}

interface Within {
  /** Makes a condition on other rows one of the listing. */
  readonly within?: (condition: string) => string;
}

export interface Query {
  readonly title: string;
  /** Heading and the SQL expression below it. */
  readonly columns: readonly (readonly [heading: string, expression: string])[];
  /** From FROM on, without WHERE. */
  readonly from: string;
  readonly where: readonly string[];
  /** Of several, the pattern matches any. */
  readonly matching: PatternColumns | readonly PatternColumns[];
  /** For the patterns behind the first. */
  readonly matchingMore?: readonly (PatternColumns & Within)[];
  readonly order: string;
  /** Plural, for "Did not find any …". */
  readonly objects: string;
  /** Lines below instead of the count of rows. */
  readonly footers?: readonly string[];
  /** Headings over numbers, which stand to the right. */
  readonly numeric?: ReadonlySet<string>;
  /** Said instead of a table without rows. */
  readonly nothing?: string;
}

/** What a command takes behind its name, if not one pattern. */
export interface Taking {
  readonly patternsMax?: number;
  /** Patterns behind the first are names of types. */
  readonly typesBehind?: true;
  /** What is listed has names of signs, of which only * and ? are wildcards. */
  readonly signsBelong?: true;
  /** What is listed has names with dots in them, and no schema. */
  readonly dotsBelong?: true;
}

export interface DescribeArguments {
  /** The patterns as they were typed. */
  readonly texts: readonly string[];
  readonly asked: Asked;
}

function patternTexts(call: CommandCall, patternsMax: number): string[] {
  const texts: string[] = [];
  while (texts.length < patternsMax) {
    const text = call.arguments.nextName();
    if (text === undefined) break;
    texts.push(text);
  }
  return texts;
}

/** Reads the letters behind the command's name and its pattern; opens the connection, whose version counts. */
export async function askedBy(call: CommandCall, taking: Taking = {}): Promise<DescribeArguments> {
  const description = await call.shell.session.connect(call.signal);
  const texts = patternTexts(call, taking.patternsMax ?? 1);
  const [pattern, ...more] = texts.map((text, at) => {
    if (taking.dotsBelong === true) return parsePattern(text.replaceAll(".", '"."'));
    return at > 0 && taking.typesBehind === true ? parseTypePattern(text) : parsePattern(text, taking.signsBelong);
  });
  if (pattern?.database !== undefined && pattern.database !== description.database) {
    throw new ShellError("engine/unsupported", `database ${pattern.database} is not the one connected to`, {
      hint: `\\c ${pattern.database} connects to it`,
    });
  }
  const flags = call.name.slice(1);
  return {
    texts,
    asked: {
      isRedshift: description.name === "redshift",
      versionNumber: description.versionNumber,
      pattern,
      more,
      letters: flags,
      verbose: flags.includes("+"),
      system: flags.includes("S") || pattern !== undefined,
    },
  };
}

/** Runs one listing and shows it. */
export async function* list(
  call: CommandCall,
  build: (asked: Asked, texts: readonly string[]) => Query,
  taking: Taking = {},
): ScriptEvents {
  const { texts, asked } = await askedBy(call, taking);
  const query = build(asked, texts);
  const parameters: string[] = [];
  const where = [...query.where, ...matchingConditions(query, asked, parameters)];
  const selected = query.columns.map(([, expression]) => expression).join(",\n  ");
  const condition = where.length === 0 ? "" : `\nWHERE ${where.join("\n  AND ")}`;
  const sql = `SELECT ${selected}\n${query.from}${condition}\nORDER BY ${query.order}`;
  const rows = await call.shell.session.rows(sql, parameters);
  if (rows.length === 0 && query.objects === "relations") {
    yield say(call, noneFound("relation", texts[0]), "stderr");
    return;
  }
  if (rows.length === 0 && query.nothing !== undefined) {
    yield say(call, query.nothing, "stderr");
    return;
  }
  const headings = query.columns.map(([heading]) => heading);
  const { title, footers, numeric } = query;
  yield* showTable(call, {
    title,
    headings,
    rows,
    followsExpanded: true,
    ...(footers === undefined ? {} : { footers }),
    ...(numeric === undefined ? {} : { numeric }),
  });
}

function matchingConditions(query: Query, { pattern, more }: Asked, parameters: string[]): string[] {
  const choices = [query.matching].flat().map((columns) => conditionsOf(pattern, columns, parameters));
  const chosen = choices.map((conditions) => (conditions.length === 0 ? "true" : conditions.join(" AND ")));
  const further = more.flatMap((one, at) => {
    const columns = query.matchingMore?.[at];
    if (columns === undefined) return [];
    const conditions = conditionsOf(one, columns, parameters);
    const { within } = columns;
    return within === undefined ? conditions : [within(["true", ...conditions].join(" AND "))];
  });
  return [...(choices.length > 1 ? [`(${chosen.join(" OR ")})`] : (choices[0] ?? [])), ...further];
}

/** What psql says of a pattern that nothing matches. */
export function noneFound(what: string, patternText: string | undefined): string {
  return `Did not find any ${patternText === undefined ? `${what}s` : `${what} named "${patternText}"`}.`;
}

export interface ShownTable {
  readonly title: string;
  readonly headings: readonly string[];
  /** Headings over numbers, which stand to the right. */
  readonly numeric?: ReadonlySet<string>;
  readonly rows: readonly Row[];
  /** Lines below instead of the count of rows. */
  readonly footers?: readonly string[];
  readonly picture?: PictureName;
  /** A listing follows `\x` as psql's do; what describes one object is confusing when it is expanded. */
  readonly followsExpanded?: boolean;
}

/** A table made here, drawn as a result is. */
export async function* showTable(call: CommandCall, table: ShownTable): ScriptEvents {
  const { state } = call.shell;
  const columns: Column[] = table.headings.map((name) => ({
    name,
    kind: table.numeric?.has(name) === true ? "number" : "text",
  }));
  const expanded = table.followsExpanded === true ? state.display.expanded : "off";
  const common = {
    type: "statement",
    display: { ...state.display, title: table.title, expanded, nullText: "", visibleNull: false },
    target: state.output,
    place: call.place,
    number: state.statements,
    ...(table.footers === undefined ? {} : { footers: table.footers }),
    ...(table.picture === undefined ? {} : { picture: table.picture }),
  } as const;
  yield { ...common, event: { type: "columns", columns } };
  yield { ...common, event: { type: "rows", rows: table.rows } };
  yield { ...common, event: { type: "finished", tag: `SELECT ${table.rows.length}`, elapsedMs: 0 } };
}
