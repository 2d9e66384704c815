// \da, \dc, \dC, \dL, \do, \dO and \dX: what statements name besides relations. They run on PostgreSQL 10 to 18.
import { comment, privileges, roleName, typeName, USER_SCHEMAS, when, yesOrNo } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";
import type { PatternColumns } from "./pattern.ts";

function unlessSystem({ system }: Asked): readonly string[] {
  return system ? [] : [USER_SCHEMAS];
}

export function typeMatching(type: string, schema: string): PatternColumns {
  return {
    schema: `${schema}.nspname`,
    name: `${type}.typname`,
    otherName: typeName(`${type}.oid`),
    visible: `pg_catalog.pg_type_is_visible(${type}.oid)`,
  };
}

export function aggregates(asked: Asked): Query {
  return {
    title: "List of aggregate functions",
    objects: "aggregate functions",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "p.proname"],
      ["Result data type", typeName("p.prorettype")],
      ["Argument data types", "CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_arguments(p.oid) END"],
      ["Description", comment("pg_proc", "p.oid")],
    ],
    from: "FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace",
    where: [asked.versionNumber >= 110_000 ? "p.prokind = 'a'" : "p.proisagg", ...unlessSystem(asked)],
    matching: { schema: "n.nspname", name: "p.proname", visible: "pg_catalog.pg_function_is_visible(p.oid)" },
    order: "1, 2, 4",
  };
}

export function conversions(asked: Asked): Query {
  return {
    title: "List of conversions",
    objects: "conversions",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.conname"],
      ["Source", "pg_catalog.pg_encoding_to_char(c.conforencoding)"],
      ["Destination", "pg_catalog.pg_encoding_to_char(c.contoencoding)"],
      ["Default?", yesOrNo("c.condefault")],
      ...when(asked.verbose, ["Description", comment("pg_conversion", "c.oid")]),
    ],
    from: "FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace",
    where: unlessSystem(asked),
    matching: { schema: "n.nspname", name: "c.conname", visible: "pg_catalog.pg_conversion_is_visible(c.oid)" },
    order: "1, 2",
  };
}

export function casts({ verbose, versionNumber }: Asked): Query {
  const how = "CASE c.castmethod WHEN 'b' THEN '(binary coercible)' WHEN 'i' THEN '(with inout)' ELSE p.proname END";
  return {
    title: "List of casts",
    objects: "casts",
    columns: [
      ["Source type", typeName("c.castsource")],
      ["Target type", typeName("c.casttarget")],
      ["Function", how],
      ["Implicit?", "CASE c.castcontext WHEN 'e' THEN 'no' WHEN 'a' THEN 'in assignment' ELSE 'yes' END"],
      ...when(verbose && versionNumber >= 180_000, ["Leakproof?", yesOrNo("p.proleakproof")]),
      ...when(verbose, ["Description", comment("pg_cast", "c.oid")]),
    ],
    from: `FROM pg_catalog.pg_cast c LEFT JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
  LEFT JOIN pg_catalog.pg_type s ON s.oid = c.castsource LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.typnamespace
  LEFT JOIN pg_catalog.pg_type t ON t.oid = c.casttarget LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace`,
    where: [],
    matching: [typeMatching("s", "sn"), typeMatching("t", "tn")],
    order: "1, 2",
  };
}

export function languages({ verbose, system }: Asked): Query {
  return {
    title: "List of languages",
    objects: "languages",
    columns: [
      ["Name", "l.lanname"],
      ["Owner", roleName("l.lanowner")],
      ["Trusted", "l.lanpltrusted"],
      ...when(
        verbose,
        ["Internal language", "NOT l.lanispl"],
        ["Call handler", "l.lanplcallfoid::pg_catalog.regprocedure"],
        ["Validator", "l.lanvalidator::pg_catalog.regprocedure"],
        ["Inline handler", "l.laninline::pg_catalog.regprocedure"],
        ["Access privileges", privileges("l.lanacl")],
      ),
      ["Description", comment("pg_language", "l.oid")],
    ],
    from: "FROM pg_catalog.pg_language l",
    where: system ? [] : ["l.lanplcallfoid <> 0"],
    matching: { name: "l.lanname" },
    order: "1",
  };
}

/** With one type, operators before a value of it; with two, those between values of both. */
export function operators(asked: Asked): Query {
  const isPrefix = asked.more.length === 1;
  const described = `coalesce(${comment("pg_operator", "o.oid")}, ${comment("pg_proc", "o.oprcode")})`;
  const leakproof = `(SELECT ${yesOrNo("p.proleakproof")} FROM pg_catalog.pg_proc p WHERE p.oid = o.oprcode)`;
  return {
    title: "List of operators",
    objects: "operators",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "o.oprname"],
      ["Left arg type", `CASE WHEN o.oprkind <> 'l' THEN ${typeName("o.oprleft")} END`],
      ["Right arg type", `CASE WHEN o.oprkind <> 'r' THEN ${typeName("o.oprright")} END`],
      ["Result type", typeName("o.oprresult")],
      ...when(asked.verbose, ["Function", "o.oprcode"]),
      ...when(asked.verbose && asked.versionNumber >= 180_000, ["Leakproof?", leakproof]),
      ["Description", described],
    ],
    from: `FROM pg_catalog.pg_operator o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  LEFT JOIN pg_catalog.pg_type l ON l.oid = o.oprleft LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.typnamespace
  LEFT JOIN pg_catalog.pg_type r ON r.oid = o.oprright LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.typnamespace`,
    where: [...unlessSystem(asked), ...(isPrefix ? ["o.oprleft = 0"] : [])],
    matching: { schema: "n.nspname", name: "o.oprname", visible: "pg_catalog.pg_operator_is_visible(o.oid)" },
    matchingMore: isPrefix ? [typeMatching("r", "rn")] : [typeMatching("l", "ln"), typeMatching("r", "rn")],
    order: "1, 2, 3, 4",
  };
}

export function collations(asked: Asked): Query {
  const { verbose, versionNumber } = asked;
  const provider = `CASE c.collprovider WHEN 'd' THEN 'default' WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc'
    WHEN 'i' THEN 'icu' END`;
  const locale = versionNumber >= 170_000 ? "colllocale" : versionNumber >= 150_000 ? "colliculocale" : "collcollate";
  const deterministic = versionNumber >= 120_000 ? yesOrNo("c.collisdeterministic") : "'yes'";
  const isNew = versionNumber >= 160_000;
  return {
    title: "List of collations",
    objects: "collations",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.collname"],
      ...when(isNew, ["Provider", provider]),
      ["Collate", "c.collcollate"],
      ["Ctype", "c.collctype"],
      [versionNumber >= 170_000 ? "Locale" : "ICU Locale", `c.${locale}`],
      ...when(isNew, ["ICU Rules", "c.collicurules"]),
      ...when(!isNew, ["Provider", provider]),
      ["Deterministic?", deterministic],
      ...when(verbose, ["Description", comment("pg_collation", "c.oid")]),
    ],
    from: "FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace",
    where: [
      "c.collencoding IN (-1, pg_catalog.pg_char_to_encoding(pg_catalog.getdatabaseencoding()))",
      ...unlessSystem(asked),
    ],
    matching: { schema: "n.nspname", name: "c.collname", visible: "pg_catalog.pg_collation_is_visible(c.oid)" },
    order: "1, 2",
  };
}

/** Before version 14 statistics were of columns only. */
export function extendedStatistics({ versionNumber }: Asked): Query {
  const columns =
    versionNumber >= 140_000
      ? "pg_catalog.pg_get_statisticsobjdef_columns(s.oid)"
      : `(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ') FROM pg_catalog.unnest(s.stxkeys) k(attnum)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k.attnum AND NOT a.attisdropped)`;
  const kind = (letter: string): string => `CASE WHEN '${letter}' = ANY (s.stxkind) THEN 'defined' END`;
  return {
    title: "List of extended statistics",
    objects: "extended statistics",
    columns: [
      ["Schema", "s.stxnamespace::pg_catalog.regnamespace::pg_catalog.text"],
      ["Name", "s.stxname"],
      ["Definition", `${columns} || ' FROM ' || s.stxrelid::pg_catalog.regclass`],
      ["Ndistinct", kind("d")],
      ["Dependencies", kind("f")],
      ...when(versionNumber >= 120_000, ["MCV", kind("m")]),
    ],
    from: "FROM pg_catalog.pg_statistic_ext s",
    where: [],
    matching: {
      schema: "s.stxnamespace::pg_catalog.regnamespace::pg_catalog.text",
      name: "s.stxname",
      visible: "pg_catalog.pg_statistics_obj_is_visible(s.oid)",
    },
    order: "1, 2",
  };
}
