// What to ask before a statement that destroys much runs, and what to complain of where nobody can be asked.
import { hazardsOf, ShellError, type Hazard, type NamePath, type Session } from "../../src/index.ts";
import { estimateContents, estimateRows, isDatabaseThere, type Contents } from "./estimates.ts";
import type { ConfirmationFor, GuardQuestion, Profile } from "./guard.ts";

/** What is known of what a hazard would destroy. */
export interface Estimate {
  /** Absent when the catalogue has no figure. */
  readonly rows?: number;
  /** Of the whole database, for RESTORE. */
  readonly contents?: Contents;
}

export const confirmationFor: ConfirmationFor = async (text, profile, session) => {
  if (profile?.asks === false) return undefined;
  const hazards = hazardsOf(text, { backslashEscapes: session.describe()?.name === "redshift" });
  const questions: string[] = [];
  for (const hazard of hazards) {
    const question = questionOf(hazard, await estimateOf(hazard, session), session.describe()?.database ?? "");
    if (question !== undefined) questions.push(question);
  }
  const [first, ...others] = questions;
  return first === undefined
    ? undefined
    : { question: first, detail: detailOf(others, profile, session), answer: answerOf(profile, session) };
};

async function estimateOf(hazard: Hazard, session: Session): Promise<Estimate> {
  if (hazard.kind === "restore") {
    if (goesElsewhere(hazard, session)) return (await isDatabaseThere(hazard.database ?? "", session)) ? {} : NOTHING;
    const contents = await estimateContents(session);
    return contents === undefined ? {} : { contents };
  }
  const rows = await estimateRows(tablesOf(hazard), session);
  return rows === undefined ? {} : { rows };
}

const NOTHING: Estimate = { contents: { tables: 0, rows: 0 } };

/** Whether a RESTORE goes into another database than the one that is connected to; the embedded one is all there is. */
function goesElsewhere({ database }: Extract<Hazard, { kind: "restore" }>, session: Session): boolean {
  const connected = session.describe();
  return database !== undefined && connected?.name !== "embedded" && database !== connected?.database;
}

const HOLDS_ROWS = new Set(["table", "foreign table", "materialized view"]);

function tablesOf(hazard: Exclude<Hazard, { kind: "restore" }>): readonly NamePath[] {
  if (hazard.kind === "truncate") return hazard.tables;
  if (hazard.kind === "drop") return HOLDS_ROWS.has(hazard.object) ? hazard.names : [];
  return hazard.kind === "drop-attribute" ? [] : [hazard.table];
}

/** One line; undefined when there is nothing to lose: RESTORE into an empty database. */
export function questionOf(hazard: Hazard, { rows, contents }: Estimate, database: string): string | undefined {
  const about = rows === undefined ? undefined : printRows(rows);
  switch (hazard.kind) {
    case "delete":
      return `DELETE FROM ${printName(hazard.table)} has no WHERE: delete ${about ?? "all its rows"}?`;
    case "update":
      return `UPDATE ${printName(hazard.table)} has no WHERE: change ${about ?? "all its rows"}?`;
    case "truncate":
      return `TRUNCATE ${printNames(hazard.tables)}: delete ${about ?? "all rows"}?`;
    case "drop": {
      const dependents = hazard.cascade ? " and all that depends on it" : "";
      const names = NAMELESS.has(hazard.object) ? hazard.names.join() : printNames(hazard.names);
      const what = `DROP ${hazard.object.toUpperCase()} ${names}${dependents}`;
      return about === undefined ? `${what}?` : `${what}, ${about}?`;
    }
    case "drop-column":
      return `ALTER TABLE ${printName(hazard.table)} drops column ${hazard.column}${about === undefined ? "" : ` of ${about}`}: go on?`;
    case "drop-attribute":
      return `ALTER TYPE ${printName(hazard.type)} drops attribute ${hazard.attribute}, and the column of tables of the type: go on?`;
    case "restore":
      return hazard.database === undefined || hazard.database === database
        ? restoreQuestion(contents, database)
        : elsewhereQuestion(contents, hazard.database);
  }
}

/** What is told by what it is of. */
const NAMELESS = new Set(["cast", "operator"]);

function elsewhereQuestion(contents: Contents | undefined, database: string): string | undefined {
  return contents?.tables === 0 ? undefined : `RESTORE into ${database}, a database that is there already: go on?`;
}

function restoreQuestion(contents: Contents | undefined, database: string): string | undefined {
  if (contents === undefined) return `RESTORE into ${database || "the database"}: go on?`;
  if (contents.tables === 0) return undefined;
  const tables = contents.tables === 1 ? "1 table" : `${printCount(contents.tables)} tables`;
  const rows = contents.rows === 0 ? "" : ` with ${printRows(contents.rows)}`;
  return `RESTORE into ${database}, which holds ${tables}${rows}: go on?`;
}

function detailOf(others: readonly string[], profile: Profile | undefined, session: Session): readonly string[] {
  const lines = others.map((question) => `and: ${question}`);
  if (session.transaction === "open") lines.push("a transaction is open: ROLLBACK would undo it");
  const description = session.describe();
  if (profile !== undefined && description !== undefined) {
    lines.push(`profile ${profile.name}: database ${description.database} at ${description.location}`);
  }
  return lines;
}

function answerOf(profile: Profile | undefined, session: Session): GuardQuestion["answer"] {
  const database = session.describe()?.database;
  return profile?.production === true && database !== undefined ? { kind: "word", word: database } : { kind: "yes" };
}

/** The complaint of a script, which is never asked; undefined when there is nothing to ask. */
export function unconfirmed(text: string, profile: Profile): ShellError | undefined {
  const [hazard] = hazardsOf(text);
  if (hazard === undefined) return undefined;
  const question = questionOf(hazard, {}, "") ?? "";
  return new ShellError(
    "statement/unconfirmed",
    `${question.replace(/(?:, a database that is there already)?[:?].*$/, "")}, and profile ${profile.name} is for production`,
    {
      hint: "--yes says that it is meant",
      note: "it was not run",
    },
  );
}

function printRows(rows: number): string {
  return `about ${printCount(rows)} ${rows === 1 ? "row" : "rows"}`;
}

/** `4,100,000`, rounded to two digits from a thousand on: it is an estimate. */
function printCount(count: number): string {
  const size = count < 1000 ? 1 : 10 ** (Math.floor(Math.log10(count)) - 1);
  return (Math.round(count / size) * size).toLocaleString("en-US");
}

function printName(path: NamePath): string {
  return path.map((part) => (/^[a-z_][\w$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join(".");
}

function printNames(paths: readonly NamePath[]): string {
  const shown = paths.slice(0, 5).map(printName);
  return paths.length > shown.length ? `${shown.join(", ")} and ${paths.length - shown.length} more` : shown.join(", ");
}
