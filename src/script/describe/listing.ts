import { ShellError } from "../../errors.ts";
import type { Column, Row } from "../../events.ts";
import type { CommandCall } from "../commands/command.ts";
import type { PictureName, ScriptEvents } from "../events.ts";
import { conditionsOf, parsePattern, type NamePattern, type PatternColumns } from "./pattern.ts";

/** What a listing is asked for. */
export interface Asked {
  readonly isRedshift: boolean;
  readonly versionNumber: number;
  readonly pattern: NamePattern | undefined;
  /** `+` */
  readonly verbose: boolean;
  /** The command's name without its first letter: `dtS+` gives `tS+`. */
  readonly letters: string;
  /** `S`, or a pattern was given: system objects too. */
  readonly system: boolean;
}

export interface Query {
  readonly title: string;
  /** Heading and the SQL expression below it. */
  readonly columns: readonly (readonly [heading: string, expression: string])[];
  /** From FROM on, without WHERE. */
  readonly from: string;
  readonly where: readonly string[];
  readonly matching: PatternColumns;
  readonly order: string;
  /** Plural, for "Did not find any …". */
  readonly objects: string;
  /** Lines below instead of the count of rows. */
  readonly footers?: readonly string[];
}

export interface DescribeArguments {
  readonly patternText: string | undefined;
  readonly asked: Asked;
}

/** Reads the letters behind the command's name and its pattern; opens the connection, whose version counts. */
export async function askedBy(call: CommandCall): Promise<DescribeArguments> {
  const description = await call.shell.session.connect(call.signal);
  const patternText = call.arguments.nextName();
  const pattern = patternText === undefined ? undefined : parsePattern(patternText);
  if (pattern?.database !== undefined && pattern.database !== description.database) {
    throw new ShellError("engine/unsupported", `database ${pattern.database} is not the one connected to`, {
      hint: `\\c ${pattern.database} connects to it`,
    });
  }
  const flags = call.name.slice(1);
  return {
    patternText,
    asked: {
      isRedshift: description.name === "redshift",
      versionNumber: description.versionNumber,
      pattern,
      letters: flags,
      verbose: flags.includes("+"),
      system: flags.includes("S") || pattern !== undefined,
    },
  };
}

/** Runs one listing and shows it. */
export async function* list(call: CommandCall, build: (asked: Asked) => Query): ScriptEvents {
  const { patternText, asked } = await askedBy(call);
  const query = build(asked);
  const parameters: string[] = [];
  const where = [...query.where, ...conditionsOf(asked.pattern, query.matching, parameters)];
  const selected = query.columns.map(([, expression]) => expression).join(",\n  ");
  const condition = where.length === 0 ? "" : `\nWHERE ${where.join("\n  AND ")}`;
  const sql = `SELECT ${selected}\n${query.from}${condition}\nORDER BY ${query.order}`;
  const rows = await call.shell.session.rows(sql, parameters);
  if (rows.length === 0 && query.objects === "relations") {
    const named = patternText === undefined ? "relations" : `relation named "${patternText}"`;
    yield { type: "text", channel: "stderr", text: `Did not find any ${named}.\n`, target: call.shell.state.output };
    return;
  }
  const headings = query.columns.map(([heading]) => heading);
  const { title, footers } = query;
  yield* showTable(call, { title, headings, rows, ...(footers === undefined ? {} : { footers }) });
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
}

/** A table made here, drawn as a result is. */
export async function* showTable(call: CommandCall, table: ShownTable): ScriptEvents {
  const { state } = call.shell;
  const columns: Column[] = table.headings.map((name) => ({
    name,
    kind: table.numeric?.has(name) === true ? "number" : "text",
  }));
  const common = {
    type: "statement",
    display: { ...state.display, title: table.title, expanded: "off", nullText: "", visibleNull: false },
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
