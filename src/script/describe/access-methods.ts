// \dA and its family: access methods, and what they know of types. They run on PostgreSQL 10 to 18.
import { comment, nameWhereSeen, roleName, typeName, when, yesOrNo } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";
import type { PatternColumns } from "./pattern.ts";

const METHOD: PatternColumns = { name: "am.amname" };

/** Families are found in every schema. */
const FAMILY: PatternColumns = { schema: "fn.nspname", name: "f.opfname" };

const TYPE: PatternColumns = {
  schema: "tn.nspname",
  name: "t.typname",
  otherName: typeName("t.oid"),
  visible: "pg_catalog.pg_type_is_visible(t.oid)",
};

const FAMILY_NAME = nameWhereSeen("pg_catalog.pg_opfamily_is_visible(f.oid)", "fn.nspname", "f.opfname");

export function accessMethods({ verbose }: Asked): Query {
  return {
    title: "List of access methods",
    objects: "access methods",
    columns: [
      ["Name", "am.amname"],
      ["Type", "CASE am.amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END"],
      ...when(verbose, ["Handler", "am.amhandler"], ["Description", comment("pg_am", "am.oid")]),
    ],
    from: "FROM pg_catalog.pg_am am",
    where: [],
    matching: METHOD,
    order: "1",
  };
}

export function operatorClasses({ verbose }: Asked): Query {
  const storage = `CASE WHEN c.opckeytype NOT IN (0, c.opcintype) THEN ${typeName("c.opckeytype")} END`;
  return {
    title: "List of operator classes",
    objects: "operator classes",
    columns: [
      ["AM", "am.amname"],
      ["Input type", typeName("c.opcintype")],
      ["Storage type", storage],
      ["Operator class", nameWhereSeen("pg_catalog.pg_opclass_is_visible(c.oid)", "n.nspname", "c.opcname")],
      ["Default?", yesOrNo("c.opcdefault")],
      ...when(verbose, ["Operator family", FAMILY_NAME], ["Owner", roleName("c.opcowner")]),
    ],
    from: `FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod
  JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
  JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
  JOIN pg_catalog.pg_type t ON t.oid = c.opcintype JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace`,
    where: [],
    matching: METHOD,
    matchingMore: [TYPE],
    order: "1, 2, 4",
  };
}

export function operatorFamilies({ verbose }: Asked): Query {
  const types = `(SELECT pg_catalog.string_agg(${typeName("c.opcintype")}, ', ')
    FROM pg_catalog.pg_opclass c WHERE c.opcfamily = f.oid)`;
  const ofType = (condition: string): string => `EXISTS (SELECT 1 FROM pg_catalog.pg_opclass c
    JOIN pg_catalog.pg_type t ON t.oid = c.opcintype JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    WHERE c.opcfamily = f.oid AND ${condition})`;
  return {
    title: "List of operator families",
    objects: "operator families",
    columns: [
      ["AM", "am.amname"],
      ["Operator family", FAMILY_NAME],
      ["Applicable types", types],
      ...when(verbose, ["Owner", roleName("f.opfowner")]),
    ],
    from: `FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod
  JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace`,
    where: [],
    matching: METHOD,
    matchingMore: [{ ...TYPE, within: ofType }],
    order: "1, 2",
  };
}

/** What operates on values of one type stands before what takes two. */
function inFamily(left: string, right: string, number: string): string {
  return `1, 2, ${left} = ${right} DESC, ${typeName(left)}, ${typeName(right)}, ${number}`;
}

export function familyOperators({ verbose, versionNumber }: Asked): Query {
  const sorting = "(SELECT s.opfname FROM pg_catalog.pg_opfamily s WHERE s.oid = o.amopsortfamily)";
  const leakproof = `(SELECT ${yesOrNo("p.proleakproof")} FROM pg_catalog.pg_operator op
    JOIN pg_catalog.pg_proc p ON p.oid = op.oprcode WHERE op.oid = o.amopopr)`;
  return {
    title: "List of operators of operator families",
    objects: "operators",
    numeric: new Set(["Strategy"]),
    columns: [
      ["AM", "am.amname"],
      ["Operator family", FAMILY_NAME],
      ["Operator", "o.amopopr::pg_catalog.regoperator"],
      ["Strategy", "o.amopstrategy"],
      ["Purpose", "CASE o.amoppurpose WHEN 'o' THEN 'ordering' WHEN 's' THEN 'search' END"],
      ...when(verbose, ["Sort opfamily", sorting]),
      ...when(verbose && versionNumber >= 180_000, ["Leakproof?", leakproof]),
    ],
    from: `FROM pg_catalog.pg_amop o JOIN pg_catalog.pg_opfamily f ON f.oid = o.amopfamily
  JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace`,
    where: [],
    matching: METHOD,
    matchingMore: [FAMILY],
    order: inFamily("o.amoplefttype", "o.amoprighttype", "o.amopstrategy"),
  };
}

export function familyFunctions({ verbose }: Asked): Query {
  const name = "(SELECT p.proname FROM pg_catalog.pg_proc p WHERE p.oid = a.amproc)";
  return {
    title: "List of support functions of operator families",
    objects: "support functions",
    numeric: new Set(["Number"]),
    columns: [
      ["AM", "am.amname"],
      ["Operator family", FAMILY_NAME],
      ["Registered left type", typeName("a.amproclefttype")],
      ["Registered right type", typeName("a.amprocrighttype")],
      ["Number", "a.amprocnum"],
      ["Function", verbose ? "a.amproc::pg_catalog.oid::pg_catalog.regprocedure" : name],
    ],
    from: `FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_opfamily f ON f.oid = a.amprocfamily
  JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace`,
    where: [],
    matching: METHOD,
    matchingMore: [FAMILY],
    order: inFamily("a.amproclefttype", "a.amprocrighttype", "a.amprocnum"),
  };
}
