// What constrains a relation and what runs when it changes: queries with the relation's oid as $1, one line a row.
import type { Asked } from "./listing.ts";

export function checkConstraints(): string {
  return `SELECT '"' || conname || '" ' || pg_catalog.pg_get_constraintdef(oid, true)
  FROM pg_catalog.pg_constraint WHERE conrelid = $1::pg_catalog.oid AND contype = 'c' ORDER BY conname`;
}

/** The relation itself and what it is a partition of: a constraint is shown where it was declared, not where it was copied. */
const ITSELF_AND_ABOVE = `SELECT $1::pg_catalog.oid UNION ALL
    SELECT relid FROM pg_catalog.pg_partition_ancestors($1::pg_catalog.oid::pg_catalog.regclass)`;

function declared(column: string, versionNumber: number): string {
  if (versionNumber >= 120_000) return `${column} IN (${ITSELF_AND_ABOVE}) AND conparentid = 0`;
  return `${column} = $1::pg_catalog.oid${versionNumber >= 110_000 ? " AND conparentid = 0" : ""}`;
}

const UNQUOTED_TABLE = "pg_catalog.replace(conrelid::pg_catalog.regclass::pg_catalog.text, '\"', '')";

export function foreignKeys({ versionNumber }: Asked): string {
  return `SELECT CASE WHEN conrelid = $1::pg_catalog.oid THEN '' ELSE 'TABLE "' || ${UNQUOTED_TABLE} || '" CONSTRAINT ' END
    || '"' || conname || '" ' || pg_catalog.pg_get_constraintdef(oid, true)
  FROM pg_catalog.pg_constraint WHERE contype = 'f' AND ${declared("conrelid", versionNumber)}
  ORDER BY conrelid = $1::pg_catalog.oid DESC, conname`;
}

export function referencedBy({ versionNumber }: Asked): string {
  return `SELECT 'TABLE "' || ${UNQUOTED_TABLE} || '" CONSTRAINT "' || conname || '" '
    || pg_catalog.pg_get_constraintdef(oid, true)
  FROM pg_catalog.pg_constraint WHERE contype = 'f' AND ${declared("confrelid", versionNumber)} ORDER BY conname`;
}

/** They have names since version 18. */
export function notNullConstraints({ verbose, versionNumber }: Asked): string | undefined {
  if (!verbose || versionNumber < 180_000) return undefined;
  return `SELECT '"' || c.conname || '" NOT NULL "' || a.attname || '"'
    || CASE WHEN c.connoinherit THEN ' NO INHERIT' WHEN c.conislocal AND c.coninhcount > 0 THEN ' (local, inherited)'
      WHEN c.coninhcount > 0 THEN ' (inherited)' ELSE '' END
    || CASE WHEN c.convalidated THEN '' ELSE ' NOT VALID' END
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  WHERE c.contype = 'n' AND c.conrelid = $1::pg_catalog.oid ORDER BY a.attnum`;
}

/** With a heading that says whether they apply; without policies, whether the lack of them bars everyone. */
export const POLICIES = `SELECT line FROM (SELECT 0 AS place, NULL::pg_catalog.name AS name,
    'Policies' || CASE WHEN NOT c.relrowsecurity THEN ' (row security disabled):'
      WHEN c.relforcerowsecurity THEN ' (forced row security enabled):'
      WHEN p.some THEN ':' ELSE ' (row security enabled):' END || CASE WHEN p.some THEN '' ELSE ' (none)' END AS line
  FROM pg_catalog.pg_class c
    CROSS JOIN (SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_policy WHERE polrelid = $1::pg_catalog.oid)) p("some")
  WHERE c.oid = $1::pg_catalog.oid AND (c.relrowsecurity OR p.some)
  UNION ALL SELECT 1, polname, '    POLICY "' || polname || '"'
    || CASE WHEN NOT polpermissive THEN ' AS RESTRICTIVE' ELSE '' END
    || CASE polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
      WHEN 'd' THEN ' FOR DELETE' ELSE '' END
    || CASE WHEN polroles = '{0}' THEN '' ELSE E'\\n      TO ' || pg_catalog.array_to_string(ARRAY(SELECT rolname
      FROM pg_catalog.pg_roles WHERE oid = ANY (polroles) ORDER BY 1), ',') END
    || coalesce(E'\\n      USING (' || pg_catalog.pg_get_expr(polqual, polrelid) || ')', '')
    || coalesce(E'\\n      WITH CHECK (' || pg_catalog.pg_get_expr(polwithcheck, polrelid) || ')', '')
  FROM pg_catalog.pg_policy WHERE polrelid = $1::pg_catalog.oid) lines ORDER BY place, name`;

const RULE =
  "pg_catalog.regexp_replace(trim(trailing ';' from pg_catalog.pg_get_ruledef(oid, true)), '^CREATE RULE ', '')";

export function rules(enabled: string): string {
  return `SELECT ${RULE} FROM pg_catalog.pg_rewrite
  WHERE ev_class = $1::pg_catalog.oid AND rulename <> '_RETURN' AND ev_enabled = '${enabled}' ORDER BY rulename`;
}

/** Of a view all stand together, whether they are enabled or not. */
export const RULES_OF_VIEW = `SELECT ' ' || ${RULE} FROM pg_catalog.pg_rewrite
  WHERE ev_class = $1::pg_catalog.oid AND rulename <> '_RETURN' ORDER BY rulename`;

/** What made a trigger of a partition: copies count as internal before version 15, and know their origin since 13. */
function isUsers(versionNumber: number): string {
  if (versionNumber >= 150_000 || versionNumber < 110_000) return "NOT t.tgisinternal";
  return `(NOT t.tgisinternal OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = t.oid
      AND d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_trigger'::pg_catalog.regclass))`;
}

const ORIGIN = `coalesce((WITH RECURSIVE above(oid, parent, tgrelid) AS (
      SELECT u.oid, u.tgparentid, u.tgrelid FROM pg_catalog.pg_trigger u WHERE u.oid = t.tgparentid
      UNION ALL SELECT u.oid, u.tgparentid, u.tgrelid FROM pg_catalog.pg_trigger u JOIN above ON u.oid = above.parent)
    SELECT ', ON TABLE ' || above.tgrelid::pg_catalog.regclass FROM above WHERE above.parent = 0), '')`;

function triggersWhere(condition: string, versionNumber: number): string {
  return `SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid, true), '^CREATE (CONSTRAINT )?TRIGGER ', '')
    ${versionNumber >= 130_000 ? `|| ${ORIGIN}` : ""}
  FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1::pg_catalog.oid AND ${condition} ORDER BY t.tgname`;
}

export function triggers(enabled: string): (asked: Asked) => string {
  return ({ versionNumber }) =>
    triggersWhere(`${isUsers(versionNumber)} AND t.tgenabled = '${enabled}'`, versionNumber);
}

export function disabledInternalTriggers({ versionNumber }: Asked): string {
  return triggersWhere(`NOT ${isUsers(versionNumber)} AND t.tgenabled = 'D'`, versionNumber);
}
