// What a database is besides its objects, and the statements that make another one like it. PostgreSQL 10 to 18.
import type { Engine } from "./engine.ts";
import { ShellError } from "../errors.ts";
import { printSetting } from "./settings-text.ts";
import { quoteIdentifier, quoteLiteral } from "./sql.ts";

export interface DatabaseGrant {
  /** Empty for PUBLIC. */
  readonly role: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Plain values: stored in a manifest as they are. */
export interface DatabaseDefinition {
  readonly provider: "libc" | "icu" | "builtin";
  readonly collate: string;
  readonly ctype: string;
  /** ICU or built-in locale; null with libc. */
  readonly locale: string | null;
  readonly icuRules: string | null;
  /** -1 is unlimited. */
  readonly connectionLimit: number;
  readonly isTemplate: boolean;
  readonly comment: string | null;
  /** `name=value`, as the catalogue keeps them. */
  readonly settings: readonly string[];
  readonly roleSettings: readonly { readonly role: string; readonly setting: string }[];
  /** Null when nobody ever granted or revoked anything. */
  readonly grants: readonly DatabaseGrant[] | null;
  /** Every new database has a schema `public`; this one may have dropped it. */
  readonly hasPublic: boolean;
  /** How many large objects (pg_largeobject) it has. */
  readonly largeObjects: number;
}

export interface DatabaseFacts {
  readonly name: string;
  readonly encoding: string;
  readonly owner: string;
  readonly definition: DatabaseDefinition;
  /** What makes such a database on a server of the same version, for people to read. */
  readonly statements: readonly { readonly what: string; readonly sql: string }[];
}

const PROVIDER_SINCE = 150_000;
const ICU_RULES_SINCE = 160_000;
const BUILTIN_SINCE = 170_000;
const PROVIDERS: Readonly<Record<string, DatabaseDefinition["provider"]>> = { c: "libc", i: "icu", b: "builtin" };

function definitionQuery(version: number): string {
  const provider = version >= PROVIDER_SINCE ? "d.datlocprovider" : "'c'";
  const laterLocale = version >= PROVIDER_SINCE ? "d.daticulocale" : "NULL";
  const locale = version >= BUILTIN_SINCE ? "d.datlocale" : laterLocale;
  return `SELECT d.datname, pg_catalog.pg_encoding_to_char(d.encoding), pg_catalog.pg_get_userbyid(d.datdba), ${provider},
    d.datcollate, d.datctype, ${locale}, ${version >= ICU_RULES_SINCE ? "d.daticurules" : "NULL"}, d.datconnlimit,
    d.datistemplate, pg_catalog.shobj_description(d.oid, 'pg_database'), d.datacl IS NULL,
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public'),
    (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata)
  FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;
}

const SETTINGS = `SELECT r.rolname, s.setting
FROM pg_catalog.pg_db_role_setting c JOIN pg_catalog.pg_database d ON d.oid = c.setdatabase
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = c.setrole,
  pg_catalog.unnest(c.setconfig) WITH ORDINALITY AS s (setting, place)
WHERE d.datname = pg_catalog.current_database() AND (c.setrole = 0 OR r.rolname IS NOT NULL) ORDER BY 1, s.place`;

const GRANTS = `SELECT coalesce(r.rolname, ''), a.privilege_type, a.is_grantable
FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE d.datname = pg_catalog.current_database() ORDER BY 1, 2`;

function isTrue(value: string | null | undefined): boolean {
  return value === "t" || value === "true";
}

/** Reads the facts of the connected database. */
export async function readDatabaseFacts(engine: Pick<Engine, "rows" | "description">): Promise<DatabaseFacts> {
  const { versionNumber } = engine.description;
  const [row] = await engine.rows(definitionQuery(versionNumber));
  if (row === undefined) throw new ShellError("bug/invariant", "the connected database is not in pg_database");
  const settings = await engine.rows(SETTINGS);
  const grants = await engine.rows(GRANTS);
  const [name, encoding, owner, provider, collate, ctype, locale, icuRules, limit, isTemplate, comment] = row;
  const definition: DatabaseDefinition = {
    provider: PROVIDERS[provider ?? "c"] ?? "libc",
    collate: collate ?? "C",
    ctype: ctype ?? "C",
    locale: locale ?? null,
    icuRules: icuRules ?? null,
    connectionLimit: Number(limit ?? -1),
    isTemplate: isTrue(isTemplate),
    comment: comment ?? null,
    settings: settings.filter(([role]) => role === null).map(([, setting]) => setting ?? ""),
    roleSettings: settings.flatMap(([role, setting]) =>
      typeof role === "string" ? [{ role, setting: setting ?? "" }] : [],
    ),
    grants: isTrue(row[11])
      ? null
      : grants.map(([role, privilege, grantable]) => ({
          role: role ?? "",
          privilege: privilege ?? "",
          grantable: isTrue(grantable),
        })),
    hasPublic: isTrue(row[12]),
    largeObjects: Number(row[13] ?? 0),
  };
  const facts = { name: name ?? "", encoding: encoding ?? "UTF8", owner: owner ?? "", definition };
  const plan = planDatabase(facts, { name: facts.name, versionNumber });
  const statements = [plan.create, ...plan.first, ...plan.last].map((sql) => ({ what: `database ${facts.name}`, sql }));
  return { ...facts, statements };
}

export interface DatabaseTarget {
  /** The new database's name. */
  readonly name: string;
  readonly versionNumber: number;
  /** Roles that are there; all are believed to be when absent. */
  readonly roles?: ReadonlySet<string>;
}

export interface DatabasePlan {
  /** Outside of a transaction, connected to another database. */
  readonly create: string;
  /** Says of the new database that it is not whole. */
  readonly mark: string;
  /** Says that it is; before `last`, which may give it to an owner who alone may do so. */
  readonly unmark: string;
  /** Connected to the new database, before its objects are made. */
  readonly first: readonly string[];
  /** After everything else: a setting such as default_transaction_read_only would stop the restore. */
  readonly last: readonly string[];
  /** Outside of a transaction, connected to another database. */
  readonly undo: string;
  /** Roles that are not there: what is theirs is left out. */
  readonly missingRoles: readonly string[];
}

function localeClauses(definition: DatabaseDefinition, version: number): readonly string[] {
  const clauses = [`LC_COLLATE = ${quoteLiteral(definition.collate)}`, `LC_CTYPE = ${quoteLiteral(definition.ctype)}`];
  const { provider, locale, icuRules } = definition;
  const needed = { libc: 0, icu: PROVIDER_SINCE, builtin: BUILTIN_SINCE }[provider];
  if (version < needed) {
    throw new ShellError("engine/unsupported", `locale provider ${provider} is not known to this server`, {
      hint: "create the database yourself and restore into it WITH into_db",
      note: "nothing was changed",
    });
  }
  // Said even for libc: a server may have been set up with another provider in its templates.
  if (version >= PROVIDER_SINCE) clauses.unshift(`LOCALE_PROVIDER = ${provider}`);
  if (locale !== null) clauses.push(`${provider === "icu" ? "ICU" : "BUILTIN"}_LOCALE = ${quoteLiteral(locale)}`);
  if (icuRules !== null) clauses.push(`ICU_RULES = ${quoteLiteral(icuRules)}`);
  return clauses;
}

function grantStatements(facts: Omit<DatabaseFacts, "statements">, database: string): readonly string[] {
  const { grants } = facts.definition;
  if (grants === null) return [];
  const on = `ON DATABASE ${database}`;
  const owner = quoteIdentifier(facts.owner);
  return [
    `REVOKE ALL ${on} FROM PUBLIC`,
    `REVOKE ALL ${on} FROM ${owner}`,
    ...grants.map(({ role, privilege, grantable }) => {
      const to = role === "" ? "PUBLIC" : quoteIdentifier(role);
      return `GRANT ${privilege} ${on} TO ${to}${grantable ? " WITH GRANT OPTION" : ""}`;
    }),
  ];
}

/** The comment on a database until its objects are restored: a process that is killed can take nothing back. */
export const UNFINISHED = "unfinished: a RESTORE by Sealift made this database and has not ended";

/** The statements for a database like the one described. Throws `engine/unsupported` for a locale the server cannot have. */
export function planDatabase(facts: Omit<DatabaseFacts, "statements">, target: DatabaseTarget): DatabasePlan {
  const { definition } = facts;
  const database = quoteIdentifier(target.name);
  const isThere = (role: string): boolean => role === "" || (target.roles?.has(role) ?? true);
  const grants = definition.grants?.filter(({ role }) => isThere(role)) ?? null;
  const alter = `ALTER DATABASE ${database}`;
  const ownerIsThere = isThere(facts.owner);
  const comment = (text: string | null): string =>
    `COMMENT ON DATABASE ${database} IS ${text === null ? "NULL" : quoteLiteral(text)}`;
  const last = [
    ...(ownerIsThere ? [`${alter} OWNER TO ${quoteIdentifier(facts.owner)}`] : []),
    ...(ownerIsThere ? grantStatements({ ...facts, definition: { ...definition, grants } }, database) : []),
    ...definition.settings.map((setting) => `${alter} ${printSetting(setting)}`),
    ...definition.roleSettings
      .filter(({ role }) => isThere(role))
      .map(
        ({ role, setting }) => `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${database} ${printSetting(setting)}`,
      ),
    ...(definition.connectionLimit === -1 ? [] : [`${alter} WITH CONNECTION LIMIT ${definition.connectionLimit}`]),
    ...(definition.isTemplate ? [`${alter} WITH IS_TEMPLATE true`] : []),
    ...(definition.comment === null ? [] : [comment(definition.comment)]),
  ];
  const named = [
    facts.owner,
    ...(definition.grants ?? []).map(({ role }) => role),
    ...definition.roleSettings.map(({ role }) => role),
  ];
  const clauses = ["TEMPLATE = template0", `ENCODING = ${quoteLiteral(facts.encoding)}`];
  return {
    create: `CREATE DATABASE ${database} WITH ${[...clauses, ...localeClauses(definition, target.versionNumber)].join(" ")}`,
    first: definition.hasPublic ? [] : ["DROP SCHEMA public"],
    last,
    mark: comment(UNFINISHED),
    unmark: comment(definition.comment),
    undo: `DROP DATABASE IF EXISTS ${database}`,
    missingRoles: [...new Set(named)].filter((role) => !isThere(role)),
  };
}
