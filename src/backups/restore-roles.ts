import type { Engine } from "../engines/engine.ts";
import { readParameterRights } from "../engines/role-grants.ts";
import type { RoleStatement } from "../engines/role-statement.ts";
import { planRoles } from "../engines/roles.ts";
import { quoteIdentifier } from "../engines/sql.ts";
import { asShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import { takeBack } from "./restore-run.ts";

/** Roles that a restore made, with the way back. */
export interface RestoredRoles {
  /** No role was made. */
  readonly isUntouched: boolean;
  /** Returns statements that failed. */
  takeBack(): Promise<readonly string[]>;
}

/** Makes the roles that are not there; those that are stay as they are. All in one transaction. */
export async function* restoreRoles(
  statements: readonly RoleStatement[],
  engine: Engine,
): AsyncGenerator<Event, RestoredRoles> {
  const existing = await engine.rows("SELECT rolname FROM pg_catalog.pg_roles");
  const { versionNumber } = engine.description;
  const plan = planRoles(statements, {
    versionNumber,
    roles: new Set(existing.map(([name]) => name ?? "")),
    rights: await readParameterRights(engine, versionNumber),
  });
  if (plan.kept.length > 0) {
    yield {
      type: "notice",
      severity: "NOTICE",
      message: `roles that are there already are left as they are: ${plan.kept.join(", ")}`,
    };
  }
  for (const message of plan.reports) yield { type: "notice", severity: "NOTICE", message };
  await engine.rows("BEGIN");
  try {
    for (const statement of plan.statements) await runRoleStatement(engine, statement);
    await engine.rows("COMMIT");
  } catch (thrown) {
    await engine.rows("ROLLBACK");
    throw thrown;
  }
  return {
    isUntouched: plan.undo.length === 0,
    // The log is taken back from its end, the plan has the statements in order.
    takeBack: async () => takeBack(engine, [plan.undo]),
  };
}

async function runRoleStatement(engine: Engine, statement: RoleStatement): Promise<void> {
  // GRANTED BY is for memberships alone; whoever else's right it is, is who grants it.
  const as = statement.kind === "parameter" ? statement.grantor : undefined;
  try {
    if (as !== undefined) await engine.rows(`SET LOCAL ROLE ${quoteIdentifier(as)}`);
    await engine.rows(statement.sql);
    if (as !== undefined) await engine.rows("SET LOCAL ROLE NONE");
  } catch (thrown) {
    throw asShellError(thrown).with({ detail: [`while restoring the ${statement.what}`] });
  }
}
