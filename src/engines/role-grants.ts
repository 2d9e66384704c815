// What roles were granted that belongs to no database: memberships in other roles, with their options and grantors as
// PostgreSQL 16 and later keep them, and rights on configuration parameters, which PostgreSQL 15 and later have.
import type { Engine } from "./engine.ts";
import type { RoleStatement } from "./role-statement.ts";
import { lexSql, quoteIdentifier, unquoteIdentifier } from "./sql.ts";

type Query = Pick<Engine, "rows">;
type Row = readonly (string | null)[];

/** Since then a membership has options of its own, and one for each grantor. */
const MEMBERSHIP_OPTIONS_SINCE = 160_000;
export const PARAMETER_RIGHTS_SINCE = 150_000;
/** The superuser that initdb made (pg_authid.dat), whatever its name is: nobody granted it what it has. */
const BOOTSTRAP_OID = 10;

/** The grantor is empty when it is the bootstrap superuser, which every server has. */
const MEMBERSHIPS = `SELECT g.rolname, u.rolname, m.admin_option, u.rolinherit, m.inherit_option, m.set_option,
    CASE WHEN m.grantor = ${BOOTSTRAP_OID} THEN '' ELSE pg_catalog.pg_get_userbyid(m.grantor) END
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    JOIN pg_catalog.pg_roles u ON u.oid = m.member
  WHERE u.rolname !~ '^pg_' ORDER BY u.rolname, g.rolname, 7`;

/** Before, the grantor may be a role that is gone, and says nothing about what may be done. */
const OLDER_MEMBERSHIPS = `SELECT g.rolname, u.rolname, pg_catalog.bool_or(m.admin_option), u.rolinherit, u.rolinherit, true, ''
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    JOIN pg_catalog.pg_roles u ON u.oid = m.member
  WHERE u.rolname !~ '^pg_' GROUP BY g.rolname, u.rolname, u.rolinherit ORDER BY u.rolname, g.rolname`;

const PARAMETER_RIGHTS = `SELECT p.parname, CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
    a.privilege_type, a.is_grantable,
    CASE WHEN a.grantor = ${BOOTSTRAP_OID} THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantor) END
  FROM pg_catalog.pg_parameter_acl p, pg_catalog.aclexplode(p.paracl) a
  WHERE a.grantee <> ${BOOTSTRAP_OID} ORDER BY p.parname, 2, a.privilege_type DESC, 5`;

function isTrue(value: string | null | undefined): boolean {
  return value === "t" || value === "true";
}

/** A role, or a privilege on a parameter, that one role gave another. */
interface Grant {
  readonly subject: string;
  readonly grantee: string;
  /** Empty for the bootstrap superuser, who needs nobody's leave. */
  readonly grantor: string;
  readonly mayGrant: boolean;
  readonly statement: RoleStatement;
}

function describeMembership(row: Row): Grant {
  const [group = "", member = "", admin, byDefault, inherit, set, grantor = ""] = row.map((cell) => cell ?? "");
  const options: string[] = [];
  if (isTrue(inherit) !== isTrue(byDefault)) options.push(`INHERIT ${isTrue(inherit) ? "TRUE" : "FALSE"}`);
  if (!isTrue(set)) options.push("SET FALSE");
  // Said as every version understands it, unless there is more to say, which older ones cannot do.
  if (isTrue(admin)) options.unshift(options.length === 0 ? "ADMIN OPTION" : "ADMIN TRUE");
  const by = grantor === "" ? "" : grantedBy(grantor);
  const grant = `GRANT ${quoteIdentifier(group)} TO ${quoteIdentifier(member)}`;
  const statement: RoleStatement = {
    what: `membership of ${member} in ${group}`,
    kind: "membership",
    role: member,
    sql: (options.length === 0 ? grant : `${grant} WITH ${options.join(", ")}`) + by,
    ...(grantor === ""
      ? {}
      : { grantor, undo: `REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(member)}${by} CASCADE` }),
  };
  return { subject: group, grantee: member, grantor, mayGrant: isTrue(admin), statement };
}

/** How `sql` of a statement with a grantor ends. */
export function grantedBy(grantor: string): string {
  return ` GRANTED BY ${quoteIdentifier(grantor)}`;
}

/** A grantor must have been given the right to grant before it can. */
function inOrder(grants: readonly Grant[]): readonly RoleStatement[] {
  const ordered: Grant[] = [];
  const key = (subject: string, role: string): string => JSON.stringify([subject, role]);
  const granters = new Set<string>();
  let waiting = grants;
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    const ready = waiting.filter(({ subject, grantor }) => grantor === "" || granters.has(key(subject, grantor)));
    for (const { subject, grantee, mayGrant } of ready) if (mayGrant) granters.add(key(subject, grantee));
    ordered.push(...ready);
    waiting = waiting.filter((grant) => !ready.includes(grant));
  }
  return [...ordered, ...waiting].map(({ statement }) => statement);
}

/** Memberships in an order they can be granted in. */
export async function readMemberships(engine: Query, versionNumber: number): Promise<readonly RoleStatement[]> {
  const rows = await engine.rows(versionNumber >= MEMBERSHIP_OPTIONS_SINCE ? MEMBERSHIPS : OLDER_MEMBERSHIPS);
  return inOrder(rows.map(describeMembership));
}

/** Why a server that will have these roles cannot grant a membership as it was. In part it would give more than there was. */
export function membershipObstacle(
  { kind, sql, what }: RoleStatement,
  { versionNumber, roles }: { readonly versionNumber: number; readonly roles: ReadonlySet<string> },
): string | undefined {
  if (kind !== "membership") return undefined;
  const words = lexSql(sql);
  const group = unquoteIdentifier(words[1] ?? "");
  if (!roles.has(group)) return `role ${group} does not exist here: the ${what} is left out`;
  const hasOptions = words.includes("INHERIT") || words.includes("SET");
  if (!hasOptions || versionNumber >= MEMBERSHIP_OPTIONS_SINCE) return undefined;
  return `this server knows no options of memberships: the ${what} is left out`;
}

/** GRANT SET and ALTER SYSTEM ON PARAMETER, in an order they can be granted in. */
export async function readParameterRights(engine: Query, versionNumber: number): Promise<readonly RoleStatement[]> {
  if (versionNumber < PARAMETER_RIGHTS_SINCE) return [];
  return inOrder((await engine.rows(PARAMETER_RIGHTS)).map(describeParameterRight));
}

function describeParameterRight(row: Row): Grant {
  const [parameter = "", grantee = "", privilege = "", grantable, grantor = ""] = row.map((cell) => cell ?? "");
  const role = grantee === "" ? "PUBLIC" : quoteIdentifier(grantee);
  // A name of several parts is written as several names.
  const on = `ON PARAMETER ${parameter.split(".").map(quoteIdentifier).join(".")}`;
  const statement: RoleStatement = {
    what: `right of ${grantee === "" ? "PUBLIC" : grantee} on parameter ${parameter}`,
    kind: "parameter",
    role: grantee,
    sql: `GRANT ${privilege} ${on} TO ${role}${isTrue(grantable) ? " WITH GRANT OPTION" : ""}`,
    undo: `REVOKE ${privilege} ${on} FROM ${role} CASCADE`,
    ...(grantor === "" ? {} : { grantor }),
  };
  return { subject: `${privilege} ${parameter}`, grantee, grantor, mayGrant: isTrue(grantable), statement };
}
