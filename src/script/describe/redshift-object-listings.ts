// What Redshift's pg_catalog, which is PostgreSQL 8.0's, has of the objects that are no relations.
import type { Asked, Query } from "./listing.ts";
import type { PatternColumns } from "./pattern.ts";
import { functions } from "./redshift-listings.ts";

function typeName(oid: string): string {
  return `pg_catalog.format_type(${oid}, NULL)`;
}

function typeMatching(type: string, schema: string): PatternColumns {
  return {
    schema: `${schema}.nspname`,
    name: `${type}.typname`,
    otherName: typeName(`${type}.oid`),
    visible: `pg_catalog.pg_type_is_visible(${type}.oid)`,
    withoutCollations: true,
  };
}

/** Its own alone: users cannot make any. */
export function aggregates(asked: Asked): Query {
  const all = functions(asked);
  const isAggregate = "EXISTS (SELECT 1 FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid)";
  return { ...all, title: "List of aggregate functions", objects: "aggregates", where: [...all.where, isAggregate] };
}

export function languages({ system }: Asked): Query {
  return {
    title: "List of languages",
    objects: "languages",
    columns: [
      ["Name", "l.lanname"],
      ["Trusted", "l.lanpltrusted"],
    ],
    from: "FROM pg_catalog.pg_language l",
    where: system ? [] : ["l.lanplcallfoid <> 0"],
    matching: { name: "l.lanname", withoutCollations: true },
    order: "1",
  };
}

export function casts(): Query {
  return {
    title: "List of casts",
    objects: "casts",
    columns: [
      ["Source type", typeName("c.castsource")],
      ["Target type", typeName("c.casttarget")],
      ["Function", "CASE WHEN c.castfunc = 0 THEN '(binary coercible)' ELSE p.proname END"],
      ["Implicit?", "CASE c.castcontext WHEN 'e' THEN 'no' WHEN 'a' THEN 'in assignment' ELSE 'yes' END"],
    ],
    from: `FROM pg_catalog.pg_cast c LEFT JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
  LEFT JOIN pg_catalog.pg_type s ON s.oid = c.castsource LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.typnamespace
  LEFT JOIN pg_catalog.pg_type t ON t.oid = c.casttarget LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace`,
    where: [],
    matching: [typeMatching("s", "sn"), typeMatching("t", "tn")],
    order: "1, 2",
  };
}

export function operators({ system, more }: Asked): Query {
  const isPrefix = more.length === 1;
  return {
    title: "List of operators",
    objects: "operators",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "o.oprname"],
      ["Left arg type", `CASE WHEN o.oprkind <> 'l' THEN ${typeName("o.oprleft")} END`],
      ["Right arg type", `CASE WHEN o.oprkind <> 'r' THEN ${typeName("o.oprright")} END`],
      ["Result type", typeName("o.oprresult")],
    ],
    from: `FROM pg_catalog.pg_operator o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  LEFT JOIN pg_catalog.pg_type l ON l.oid = o.oprleft LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.typnamespace
  LEFT JOIN pg_catalog.pg_type r ON r.oid = o.oprright LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.typnamespace`,
    where: [
      ...(system ? [] : ["n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"]),
      ...(isPrefix ? ["o.oprleft = 0"] : []),
    ],
    matching: {
      schema: "n.nspname",
      name: "o.oprname",
      visible: "pg_catalog.pg_operator_is_visible(o.oid)",
      withoutCollations: true,
    },
    matchingMore: isPrefix ? [typeMatching("r", "rn")] : [typeMatching("l", "ln"), typeMatching("r", "rn")],
    order: "1, 2, 3, 4",
  };
}

export function parameters(): Query {
  return {
    title: "List of configuration parameters",
    objects: "configuration parameters",
    columns: [
      ["Parameter", "s.name"],
      ["Value", "s.setting"],
    ],
    from: "FROM pg_catalog.pg_settings s",
    where: [],
    matching: { name: "lower(s.name)", withoutCollations: true },
    order: "1",
  };
}
