// Roles belong to the whole server and are in no dump of a database. PostgreSQL 10 to 18.
import { Secret } from "../std/secret.ts";
import type { Engine } from "./engine.ts";
import { printSetting } from "./settings-text.ts";
import { quoteIdentifier, quoteLiteral } from "./sql.ts";

/** A statement that recreates a part of a role. */
export interface RoleStatement {
  /** `role app`, `password of role app`. */
  readonly what: string;
  readonly sql: string;
  readonly kind: "role" | "password" | "comment" | "setting" | "membership";
  /** Whose it is: the member's, for a membership. */
  readonly role: string;
  /** `sql` holds a password's hash: it may be kept only where nobody can read it. */
  readonly secret?: true;
}

const MEMBERSHIP_OPTIONS_SINCE = 160_000;

type RoleSource = Pick<Engine, "rows" | "description">;

function aggregated(option: string): string {
  return `pg_catalog.bool_or(m.${option})`;
}

const ROLES = `SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
  r.rolbypassrls, r.rolconnlimit,
  CASE WHEN r.rolvaliduntil IN ('infinity', '-infinity') THEN r.rolvaliduntil::text
    ELSE pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00') END,
  pg_catalog.shobj_description(r.oid, 'pg_authid')
FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname`;

const PASSWORDS = `SELECT rolname, rolpassword FROM pg_catalog.pg_authid
WHERE rolpassword IS NOT NULL AND rolname !~ '^pg_' ORDER BY rolname`;

const SETTINGS = `SELECT r.rolname, s.setting FROM pg_catalog.pg_db_role_setting d
JOIN pg_catalog.pg_roles r ON r.oid = d.setrole, pg_catalog.unnest(d.setconfig) WITH ORDINALITY AS s (setting, place)
WHERE d.setdatabase = 0 AND r.rolname !~ '^pg_' ORDER BY r.rolname, s.place`;

function membershipQuery(version: number): string {
  const later = version >= MEMBERSHIP_OPTIONS_SINCE;
  return `SELECT g.rolname, u.rolname, ${aggregated("admin_option")}, u.rolinherit,
    ${later ? `${aggregated("inherit_option")}, ${aggregated("set_option")}` : "u.rolinherit, true"}
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    JOIN pg_catalog.pg_roles u ON u.oid = m.member
  WHERE u.rolname !~ '^pg_' GROUP BY g.rolname, u.rolname, u.rolinherit ORDER BY u.rolname, g.rolname`;
}

// Names of the attributes in the order ROLES asks for them.
const ATTRIBUTES = ["SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "LOGIN", "REPLICATION", "BYPASSRLS"] as const;

function isTrue(value: string | null | undefined): boolean {
  return value === "t" || value === "true";
}

function describeRole(row: readonly (string | null)[]): readonly RoleStatement[] {
  const [name, ...rest] = row;
  const role = name ?? "";
  const attributes = ATTRIBUTES.map((attribute, index) => `${isTrue(rest[index]) ? "" : "NO"}${attribute}`);
  const [limit, validUntil, comment] = rest.slice(ATTRIBUTES.length);
  if (limit !== "-1" && limit !== null && limit !== undefined) attributes.push(`CONNECTION LIMIT ${Number(limit)}`);
  if (typeof validUntil === "string") attributes.push(`VALID UNTIL ${quoteLiteral(validUntil)}`);
  const quoted = quoteIdentifier(role);
  const create = `CREATE ROLE ${quoted} WITH ${attributes.join(" ")}`;
  const statements: RoleStatement[] = [{ what: `role ${role}`, kind: "role", role, sql: create }];
  if (typeof comment === "string") {
    const sql = `COMMENT ON ROLE ${quoted} IS ${quoteLiteral(comment)}`;
    statements.push({ what: `comment on role ${role}`, kind: "comment", role, sql });
  }
  return statements;
}

function describePassword([name, hash]: readonly (string | null)[]): RoleStatement {
  const [role, secret] = [name ?? "", new Secret(hash ?? "")];
  const sql = `ALTER ROLE ${quoteIdentifier(role)} PASSWORD ${quoteLiteral(secret.reveal())}`;
  return { what: `password of role ${role}`, kind: "password", role, sql, secret: true };
}

function describeSetting([name, setting]: readonly (string | null)[]): RoleStatement {
  const role = name ?? "";
  const sql = `ALTER ROLE ${quoteIdentifier(role)} ${printSetting(setting ?? "")}`;
  return { what: `setting of role ${role}`, kind: "setting", role, sql };
}

function describeMembership(row: readonly (string | null)[]): RoleStatement {
  const [group, member, admin, byDefault, inherit, set] = row;
  const options: string[] = [];
  if (isTrue(inherit) !== isTrue(byDefault)) options.push(`INHERIT ${isTrue(inherit) ? "TRUE" : "FALSE"}`);
  if (!isTrue(set)) options.push("SET FALSE");
  // Said as every version understands it, unless there is more to say, which older ones cannot do.
  if (isTrue(admin)) options.unshift(options.length === 0 ? "ADMIN OPTION" : "ADMIN TRUE");
  const grant = `GRANT ${quoteIdentifier(group ?? "")} TO ${quoteIdentifier(member ?? "")}`;
  const sql = options.length === 0 ? grant : `${grant} WITH ${options.join(", ")}`;
  return { what: `membership of ${member} in ${group}`, kind: "membership", role: member ?? "", sql };
}

/**
 * Every role of the server but the built-in ones, as statements in an order they can be run in. Passwords only when
 * the session may read them, as a superuser may. Who granted a membership is not kept.
 */
export async function readRoles(engine: RoleSource): Promise<readonly RoleStatement[]> {
  const { superuser, versionNumber } = engine.description;
  const roles = await engine.rows(ROLES);
  const passwords = superuser ? await engine.rows(PASSWORDS) : [];
  const settings = await engine.rows(SETTINGS);
  const memberships = await engine.rows(membershipQuery(versionNumber));
  return [
    ...roles.flatMap(describeRole),
    ...passwords.map(describePassword),
    ...settings.map(describeSetting),
    ...memberships.map(describeMembership),
  ];
}

export interface RolePlan {
  readonly statements: readonly RoleStatement[];
  /** Roles that are there already: nothing about them is changed. */
  readonly kept: readonly string[];
  /** DROP ROLE for what `statements` create, in the order to run them in. */
  readonly undo: readonly string[];
}

/** Which of the statements to run where `existing` roles are there. */
export function planRoles(statements: readonly RoleStatement[], existing: ReadonlySet<string>): RolePlan {
  const wanted = statements.filter(({ role }) => !existing.has(role));
  const created = wanted.filter(({ kind }) => kind === "role").map(({ role }) => role);
  const kept = statements.filter(({ kind, role }) => kind === "role" && existing.has(role)).map(({ role }) => role);
  return {
    statements: wanted,
    kept,
    undo: created.toReversed().map((role) => `DROP ROLE IF EXISTS ${quoteIdentifier(role)}`),
  };
}
