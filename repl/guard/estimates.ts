// Figures for questions, from the catalogue alone: nothing is counted. The queries cannot fail on PostgreSQL, so they
// do no harm inside a transaction; where they are not understood there is no figure.
import type { NamePath, Session } from "../../src/index.ts";

/** What a database holds, without the system's own. */
export interface Contents {
  readonly tables: number;
  readonly rows: number;
}

/** pg_class.reltuples of a table and all its parts; what was never analysed counts nothing. */
const ROWS = `WITH RECURSIVE parts(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = $1 AND CASE WHEN $2 = '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
  UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN parts p ON i.inhparent = p.oid)
SELECT sum(CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples > 0 THEN c.reltuples ELSE 0 END)
FROM parts p JOIN pg_catalog.pg_class c ON c.oid = p.oid`;

const CONTENTS = `SELECT count(*), sum(CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE 0 END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** About how many rows the tables hold together; undefined when there is no figure. */
export async function estimateRows(tables: readonly NamePath[], session: Session): Promise<number | undefined> {
  let sum = 0;
  for (const table of tables) {
    const [name = "", schema = ""] = table.toReversed();
    const [row] = await answers(session, ROWS, [name, schema]);
    sum += numberOf(row?.[0]);
  }
  return sum > 0 ? sum : undefined;
}

export async function estimateContents(session: Session): Promise<Contents | undefined> {
  const [row] = await answers(session, CONTENTS, []);
  return row === undefined ? undefined : { tables: numberOf(row[0]), rows: numberOf(row[1]) };
}

/** True as well where it cannot be found out. */
export async function isDatabaseThere(name: string, session: Session): Promise<boolean> {
  const [row] = await answers(session, "SELECT count(*) FROM pg_catalog.pg_database WHERE datname = $1", [name]);
  return row?.[0] !== "0";
}

async function answers(
  session: Session,
  sql: string,
  parameters: readonly string[],
): Promise<readonly (readonly (string | null)[])[]> {
  if (session.transaction === "failed") return [];
  try {
    const { versionNumber } = await session.connect();
    // Before it had recursive queries a server would fail, and a transaction with it.
    return versionNumber < 90_000 ? [] : await session.rows(sql, parameters);
  } catch {
    return [];
  }
}

function numberOf(text: string | null | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? Math.round(value) : 0;
}
