import { ShellError } from "../../errors.ts";
import type { Session } from "../../session.ts";
import { nearest } from "../../std/nearest.ts";

/** That nothing is named so fails the command, as in psql; listings of nothing do not. */
export async function noRelation(session: Session, pattern: string): Promise<ShellError> {
  const message = `Did not find any relation named "${pattern}"`;
  const near = /^\w+$/.test(pattern) ? nearest(pattern, await relationNames(session)) : undefined;
  return new ShellError("shell/command", message, near === undefined ? {} : { hint: `did you mean ${near}?` });
}

async function relationNames(session: Session): Promise<readonly string[]> {
  const rows = await session.rows(
    `SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'`,
  );
  return rows.map(([name]) => name ?? "");
}
