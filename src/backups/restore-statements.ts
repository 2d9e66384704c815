// One entry of a dump as the statements that create it and those that take it away again.
import { lexSql, quoteIdentifier, quoteLiteral, splitStatements, unquoteIdentifier } from "../engines/sql.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import { isPublicSchema, isRemark, writtenName, type DumpGraph } from "./dump-graph.ts";
import { createTextFor, knownRights } from "./older-servers.ts";
import { describeEntry, type PlanReport } from "./restore-report.ts";

// pg_backup_archiver.c, _getObjectDescription: the types that ALTER … OWNER TO knows.
const OWNED: ReadonlySet<string> = new Set(
  (
    "AGGREGATE,COLLATION,CONVERSION,DOMAIN,EVENT TRIGGER,FOREIGN DATA WRAPPER,FOREIGN TABLE,FUNCTION,MATERIALIZED VIEW," +
    "OPERATOR,OPERATOR CLASS,OPERATOR FAMILY,PROCEDURAL LANGUAGE,PROCEDURE,PUBLICATION,SCHEMA,SEQUENCE,SERVER,STATISTICS," +
    "SUBSCRIPTION,TABLE,TEXT SEARCH CONFIGURATION,TEXT SEARCH DICTIONARY,TYPE,VIEW"
  ).split(","),
);
const TABLE_ACCESS_METHODS_SINCE = 120_000;
const DEFAULT_METHOD = "heap";

/** What the target has, as far as statements depend on it. */
export interface TargetFacts {
  /** server_version_num. */
  readonly versionNumber: number;
  readonly roles: ReadonlySet<string>;
  readonly tablespaces: ReadonlySet<string>;
}

export interface StatementOptions {
  /** Everything stays the restoring user's. */
  readonly noOwner?: boolean;
}

/** `ALTER … OWNER TO`, which a dump's CREATE text lacks; none for what has no owner, or one that does not exist here. */
export function ownerStatements(entry: DumpEntry, facts: TargetFacts, reports: PlanReport[]): readonly string[] {
  // pg_dump writes no DROP for the schema that every database has, by which others are named.
  const name = isPublicSchema(entry) ? "public" : writtenName(entry);
  if (entry.owner === "" || name === "" || !OWNED.has(entry.type)) return [];
  if (facts.roles.has(entry.owner)) return [`ALTER ${entry.type} ${name} OWNER TO ${quoteIdentifier(entry.owner)}`];
  const text = `role ${entry.owner} does not exist here: ${describeEntry(entry)} belongs to the restoring user`;
  reports.push({ kind: "owner", object: describeEntry(entry), text });
  return [];
}

/** Where and how an entry is stored: settings before its CREATE, and their end after it, as others may follow in the transaction. */
interface Placing {
  readonly before: string[];
  readonly after: string[];
}

function placing(entry: DumpEntry, facts: TargetFacts, reports: PlanReport[]): Placing {
  const [before, after]: [string[], string[]] = [[], []];
  if (entry.tablespace !== "" && facts.tablespaces.has(entry.tablespace)) {
    before.push(`SET LOCAL default_tablespace = ${quoteIdentifier(entry.tablespace)}`);
    after.push("SET LOCAL default_tablespace = ''");
  } else if (entry.tablespace !== "") {
    const text = `tablespace ${entry.tablespace} does not exist here: ${describeEntry(entry)} goes to the default one`;
    reports.push({ kind: "tablespace", object: describeEntry(entry), text });
  }
  const method = entry.accessMethod;
  if (method !== "" && method !== DEFAULT_METHOD && entry.relationKind !== "p" && hasMethods(facts)) {
    before.push(`SET LOCAL default_table_access_method = ${quoteIdentifier(method)}`);
    after.push(`SET LOCAL default_table_access_method = ${DEFAULT_METHOD}`);
  }
  return { before, after };
}

function hasMethods(facts: TargetFacts): boolean {
  return facts.versionNumber >= TABLE_ACCESS_METHODS_SINCE;
}

function createText(entry: DumpEntry, facts: TargetFacts): string {
  return createTextFor(entry, facts.versionNumber).replace(/;?\s*$/, "");
}

/** What creates an entry with its place, its owner and its remarks; to be run in one transaction. */
export function createStatements(
  entry: DumpEntry,
  remarks: readonly DumpEntry[],
  target: { readonly facts: TargetFacts; readonly options: StatementOptions; readonly reports: PlanReport[] },
): readonly string[] {
  const { facts, options, reports } = target;
  const place = placing(entry, facts, reports);
  // A partitioned table has no storage to choose by a setting; only what it hands down to its partitions.
  const handedDown =
    entry.relationKind === "p" && entry.accessMethod !== ""
      ? [`ALTER TABLE ${writtenName(entry)} SET ACCESS METHOD ${quoteIdentifier(entry.accessMethod)}`]
      : [];
  const owner = options.noOwner === true ? [] : ownerStatements(entry, facts, reports);
  const create = entry.create === "" ? [] : [createText(entry, facts)];
  return [
    ...place.before,
    ...create,
    ...place.after,
    ...handedDown,
    ...owner,
    ...remarks.map((remark) => createText(remark, facts)),
  ];
}

function isMissing(role: string | undefined, facts: TargetFacts): boolean {
  if (role === undefined || role.toUpperCase() === "PUBLIC") return false;
  return !facts.roles.has(unquoteIdentifier(role));
}

/** The roles that a statement of an ACL or DEFAULT ACL entry names. */
function rolesOf(statement: string): readonly (string | undefined)[] {
  const words = lexSql(statement);
  const preposition = Math.max(words.lastIndexOf("TO"), words.lastIndexOf("FROM"));
  const grantee = preposition === -1 ? undefined : words[preposition + 1];
  const forRole = words.indexOf("ROLE");
  const grantor = words[0] === "ALTER" && forRole !== -1 ? words[forRole + 1] : undefined;
  return [grantee, grantor];
}

/**
 * Somebody else's grants are made in that role. pg_dump changes the session's user for it, which only a superuser may
 * and which the embedded engine cannot take back.
 */
function asRole(role: string | undefined): string | undefined {
  return role === undefined ? undefined : `SET LOCAL ROLE ${role}`;
}

/** The grants of an ACL or DEFAULT ACL entry, without those of roles that do not exist and rights that are not known. */
export function accessStatements(entry: DumpEntry, facts: TargetFacts, reports: PlanReport[]): readonly string[] {
  const kept: string[] = [];
  const skipped = new Set<string>();
  let [skipping, unknown] = [false, false];
  for (const statement of splitStatements(entry.create)) {
    const session = /^SET SESSION AUTHORIZATION ([\s\S]+)$/.exec(statement)?.[1];
    if (session !== undefined) skipping = isMissing(session, facts);
    const missing = [session, ...rolesOf(statement)].filter((role) => isMissing(role, facts));
    for (const role of missing) if (role !== undefined) skipped.add(unquoteIdentifier(role));
    const ends = statement === "RESET SESSION AUTHORIZATION";
    const known = knownRights(statement, facts.versionNumber);
    unknown ||= known !== statement;
    if (!skipping && missing.length === 0 && known !== undefined) {
      kept.push(ends ? "SET LOCAL ROLE NONE" : (asRole(session) ?? known));
    }
    if (ends) skipping = false;
  }
  if (unknown) {
    const text = `this server does not know the right MAINTAIN: it is left out of the rights on ${entry.tag}`;
    reports.push({ kind: "rights", object: describeEntry(entry), text });
  }
  for (const role of skipped) {
    const text = `role ${role} does not exist here: its rights on ${entry.tag} are left out`;
    reports.push({ kind: "rights", object: describeEntry(entry), text });
  }
  return kept;
}

/** pg_restore's `--if-exists`, applied to the DROP text that pg_dump wrote. */
function dropIfExists(entry: DumpEntry): string {
  const text = entry.drop.replace(/;?\s*$/, "");
  if (text.startsWith("ALTER TABLE ")) {
    const constraint = text.replace(/ DROP CONSTRAINT (?!IF EXISTS)/, " DROP CONSTRAINT IF EXISTS ");
    return constraint.replace(/^ALTER TABLE (?!IF EXISTS)/, "ALTER TABLE IF EXISTS ");
  }
  const start = `DROP ${entry.type} `;
  return text.startsWith(start) ? `${start}IF EXISTS ${text.slice(start.length)}` : text;
}

function dropSubscription(entry: DumpEntry): readonly string[] {
  const name = writtenName(entry);
  // Without a slot to give back, DROP SUBSCRIPTION does not try to connect. There is no IF EXISTS for ALTER.
  const body = `ALTER SUBSCRIPTION ${name} DISABLE; ALTER SUBSCRIPTION ${name} SET (slot_name = NONE); DROP SUBSCRIPTION ${name};`;
  return [`DO ${quoteLiteral(`BEGIN ${body} EXCEPTION WHEN undefined_object THEN NULL; END`)}`];
}

/** What takes an entry away, whether or not it was created; to be run in the opposite order of creation. */
export function undoStatements(entry: DumpEntry, graph: DumpGraph): readonly string[] {
  if (entry.drop === "" || isRemark(entry)) return [];
  // An attached partition's index or key cannot be dropped by itself: it goes with the parent's or with its table.
  if ((entry.type === "CONSTRAINT" || entry.type === "INDEX") && graph.attachmentOf(entry) !== undefined) return [];
  if (entry.drop.startsWith("ALTER DOMAIN ")) return [];
  if (entry.type === "SUBSCRIPTION") return dropSubscription(entry);
  return [dropIfExists(entry)];
}
