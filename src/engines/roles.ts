// Roles belong to the whole server and are in no dump of a database. PostgreSQL 10 to 18.
import { Secret } from "../std/secret.ts";
import type { Engine } from "./engine.ts";
import {
  grantedBy,
  membershipObstacle,
  PARAMETER_RIGHTS_SINCE,
  readMemberships,
  readParameterRights,
} from "./role-grants.ts";
import type { RoleStatement } from "./role-statement.ts";
import { printSetting } from "./settings-text.ts";
import { quoteIdentifier, quoteLiteral } from "./sql.ts";

type RoleSource = Pick<Engine, "rows" | "description">;

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

/**
 * Every role of the server but the built-in ones, as statements in an order they can be run in. Passwords only when
 * the session may read them, as a superuser may.
 */
export async function readRoles(engine: RoleSource): Promise<readonly RoleStatement[]> {
  const { superuser, versionNumber } = engine.description;
  const roles = await engine.rows(ROLES);
  const passwords = superuser ? await engine.rows(PASSWORDS) : [];
  const settings = await engine.rows(SETTINGS);
  const memberships = await readMemberships(engine, versionNumber);
  const rights = await readParameterRights(engine, versionNumber);
  return [
    ...roles.flatMap(describeRole),
    ...passwords.map(describePassword),
    ...settings.map(describeSetting),
    ...memberships,
    ...rights,
  ];
}

export interface RoleTarget {
  readonly versionNumber: number;
  readonly roles: ReadonlySet<string>;
  /** Rights on parameters that the server has given already, as `readParameterRights` tells them. */
  readonly rights: readonly RoleStatement[];
}

export interface RolePlan {
  readonly statements: readonly RoleStatement[];
  /** Roles that are there already: nothing about them is changed. */
  readonly kept: readonly string[];
  /** What the user should know besides. */
  readonly reports: readonly string[];
  /** What takes back what `statements` make, in the order to run it in. */
  readonly undo: readonly string[];
}

/** Which of the statements to run on a server that has some of the roles. */
export function planRoles(statements: readonly RoleStatement[], target: RoleTarget): RolePlan {
  const { roles, rights, versionNumber } = target;
  const there = new Set(rights.map(({ sql }) => sql));
  const wanted = statements.filter(({ role, sql }) => !roles.has(role) && !there.has(sql));
  const created = wanted.filter(({ kind }) => kind === "role").map(({ role }) => role);
  const future = { versionNumber, roles: new Set([...roles, ...created]) };
  const obstacles = wanted.map((statement) => membershipObstacle(statement, future));
  const possible = wanted.filter((_, index) => obstacles[index] === undefined);
  const known = possible.filter(({ kind }) => kind !== "parameter" || versionNumber >= PARAMETER_RIGHTS_SINCE);
  const granted = known.map((statement) => withPossibleGrantor(statement, roles));
  const undo = granted.map((statement) => statement.undo).filter((sql) => sql !== undefined);
  return {
    statements: granted,
    kept: statements.filter(({ kind, role }) => kind === "role" && roles.has(role)).map(({ role }) => role),
    reports: [
      ...obstacles.filter((obstacle) => obstacle !== undefined),
      ...(known.length === possible.length ? [] : ["this server knows no rights on parameters: they are left out"]),
      ...known
        .filter((statement, index) => granted[index] !== statement)
        .map(({ what, grantor }) => `role ${grantor} is left as it is: the ${what} is granted by the restoring user`),
    ],
    undo: [...undo.toReversed(), ...created.toReversed().map((role) => `DROP ROLE IF EXISTS ${quoteIdentifier(role)}`)],
  };
}

/** A grantor that was there before may lack the right to grant, which only what was kept of it in the backup would give it. */
function withPossibleGrantor(statement: RoleStatement, roles: ReadonlySet<string>): RoleStatement {
  const { grantor, ...rest } = statement;
  if (grantor === undefined || !roles.has(grantor)) return statement;
  const by = grantedBy(grantor);
  const { sql, undo } = statement;
  return { ...rest, sql: sql.replace(by, ""), ...(undo === undefined ? {} : { undo: undo.replace(by, "") }) };
}
