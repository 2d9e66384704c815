// UNLOAD's query, checked as far as SQL can be without knowing the engine's grammar.
import { checkQuery, spanInQuery, type QueryProblem, type UnloadQuery } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Reading } from "./reading.ts";

const SUBQUERY = "put it into a subquery: SELECT * FROM (SELECT … LIMIT n)";
const LIMIT = "Limit clause is not supported in the outermost select of an UNLOAD statement";

const PROBLEMS: Readonly<Record<QueryProblem["kind"], readonly [message: string, hint: string]>> = {
  empty: ["the query is empty", "write a SELECT between the parentheses"],
  "not-select": ["the query is not a SELECT", "it begins with SELECT or WITH"],
  unclosed: ["a string, comment or quoted name in the query is not closed", "close it inside the query"],
  unbalanced: ["a parenthesis of the query has no partner", "open and close it inside the query"],
  several: ["the query is more than one statement", "leave one SELECT"],
  limit: [LIMIT, SUBQUERY],
  top: [`${LIMIT}, nor is TOP`, SUBQUERY],
};

/** Where the query stands in the statement, so that what the database says of it can be shown there. */
export interface QueryPlace {
  readonly query: UnloadQuery;
  /** Of the query in the node's text. */
  readonly offset: number;
}

export interface PlannedQuery {
  readonly sql: string;
  readonly place: QueryPlace;
}

/** An error whose span is in the query, with its span in the statement. */
export function inStatement(error: ShellError, { query, offset }: QueryPlace): ShellError {
  const { span } = error;
  if (span === undefined) return error;
  // What a variable holds stands nowhere in the statement.
  if (query.kind === "variable") return error.with({ span: query.span });
  return error.with({ span: spanInQuery(query, span.start + offset, span.end + offset) });
}

/**
 * The one SELECT that UNLOAD is about, without its trailing semicolon; it may end in a comment.
 * Throws `syntax/unexpected` where in the query it is not one.
 */
export function planQuery(query: UnloadQuery, reading: Reading, backslashEscapes: boolean): PlannedQuery {
  if (query.kind === "variable") return { sql: reading.text(query), place: { query, offset: 0 } };
  const checked = checkQuery(query.text, backslashEscapes);
  if (checked.ok) return { sql: checked.sql, place: { query, offset: query.text.indexOf(checked.sql) } };
  const { kind, start, end } = checked.problem;
  const [message, hint] = PROBLEMS[kind];
  throw new ShellError("syntax/unexpected", message, {
    hint,
    note: "nothing was changed",
    span: spanInQuery(query, start, end),
  });
}
