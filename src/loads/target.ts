// The table that rows go into, as its catalogue has it.
import type { Engine } from "../engines/engine.ts";
import { quoteQualified } from "../engines/sql.ts";
import { ShellError } from "../errors.ts";
import type { BinaryForm, ColumnKind, LoadColumn } from "../formats/columns/column.ts";

export interface LoadTarget {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly LoadColumn[];
  /** Whether text within COPY's binary form is UTF-8: unlike text as a whole, it has the session's encoding. */
  readonly takesUtf8: boolean;
}

export interface TargetChoice {
  /** `t`, `s.t` or `d.s.t`. */
  readonly table: readonly string[];
  readonly columns: readonly string[] | undefined;
  readonly explicitIds: boolean;
}

// A domain is read as the type it is made of, with the modifier that is nearest to the column.
const COLUMNS = `
WITH RECURSIVE base AS (
  SELECT a.attnum, t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod, t.typnotnull AS domain_not_null
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT b.attnum, t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype,
    CASE WHEN t.typtype = 'd' AND b.typmod = -1 THEN t.typtypmod ELSE b.typmod END, b.domain_not_null OR t.typnotnull
  FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype
  WHERE b.typtype = 'd'
)
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), b.typname, b.typmod::text, b.typcategory::text,
  a.attnotnull OR b.domain_not_null, a.attidentity::text, GENERATED, b.oid::text
FROM pg_catalog.pg_attribute a JOIN base b ON b.attnum = a.attnum
WHERE a.attrelid = $1::oid AND b.typtype <> 'd' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`;

/** Generated columns came with PostgreSQL 12. */
const GENERATED_SINCE = 120_000;

/** @throws ShellError `load/table` when there is no such table, it is none, or the column list does not fit it. */
export async function readTarget(engine: Engine, choice: TargetChoice): Promise<LoadTarget> {
  const shown = choice.table.join(".");
  const parts = choice.table.length === 3 ? inThisDatabase(engine, choice.table) : choice.table;
  const [schema, name] = parts.length === 2 ? parts : ["", parts[0]];
  const [found] = await engine.rows(
    `SELECT c.oid::text, n.nspname, c.relname, c.relkind::text, pg_catalog.current_setting('client_encoding')
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = pg_catalog.to_regclass($1)`,
    [quoteQualified(schema ?? "", name ?? "")],
  );
  if (found === undefined) {
    throw new ShellError("load/table", `Cannot COPY into nonexistent table ${shown}`, {
      hint: "create it first, or name its schema; names without double quotes are in lower case",
      note: "nothing was loaded",
    });
  }
  const [oid = null, inSchema, relation, kind, encoding] = found;
  if (!["r", "p", "f"].includes(kind ?? "")) {
    throw new ShellError("load/table", `Cannot COPY into ${shown}: it is not a table`, {
      hint: "COPY into the table that the view reads",
      note: "nothing was loaded",
    });
  }
  const hasGenerated = engine.description.versionNumber >= GENERATED_SINCE;
  const sql = COLUMNS.replace("GENERATED", hasGenerated ? "a.attgenerated <> ''" : "false");
  const columns = (await engine.rows(sql, [oid])).map(columnOf);
  return {
    schema: inSchema ?? "",
    name: relation ?? "",
    columns: chooseColumns(columns, choice, shown),
    takesUtf8: encoding === "UTF8",
  };
}

function inThisDatabase(engine: Engine, path: readonly string[]): readonly string[] {
  const [database, ...rest] = path;
  if (database === engine.description.database) return rest;
  throw new ShellError(
    "load/table",
    `Cannot COPY into ${path.join(".")}: this is the database ${engine.description.database}`,
    {
      hint: `connect to it first: \\c ${database}`,
      note: "nothing was loaded",
    },
  );
}

interface TableColumn extends LoadColumn {
  readonly identity: "" | "always" | "default";
  readonly isGenerated: boolean;
}

const IDENTITIES: Readonly<Record<string, TableColumn["identity"]>> = { a: "always", d: "default" };

function columnOf(row: readonly (string | null)[]): TableColumn {
  const [name, typeName, type, typmod, category, notNull, identity, generated, oid] = row;
  const binary = BINARY_FORMS[oid ?? ""];
  return {
    name: name ?? "",
    typeName: typeName ?? "",
    kind: kindOf(type ?? "", Number(typmod), category ?? ""),
    notNull: notNull === "t",
    identity: IDENTITIES[identity ?? ""] ?? "",
    isGenerated: generated === "t",
    ...(binary === undefined ? {} : { binary }),
  };
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  int2: { type: "integer", bytes: 2 },
  int4: { type: "integer", bytes: 4 },
  int8: { type: "integer", bytes: 8 },
  float4: { type: "float" },
  float8: { type: "float" },
  bool: { type: "boolean" },
  date: { type: "date" },
  timestamp: { type: "timestamp", zone: false },
  timestamptz: { type: "timestamp", zone: true },
  bytea: { type: "bytes" },
  json: { type: "json" },
  jsonb: { type: "json" },
};

/** By the numbers that types have on every server (pg_type.dat). What is text with a rule of its own is left out. */
const BINARY_FORMS: Readonly<Record<string, BinaryForm>> = {
  16: "bool",
  20: "int8",
  21: "int2",
  23: "int4",
  25: "text",
  114: "text",
  700: "float4",
  701: "float8",
  1042: "text",
  1043: "text",
  1082: "date",
  1114: "timestamp",
  1184: "timestamptz",
  1700: "numeric",
  3802: "jsonb",
};

/** Modifiers count from 4: a header that values no longer have. */
const TYPMOD_OFFSET = 4;

function kindOf(type: string, typmod: number, category: string): ColumnKind {
  const known = KINDS[type];
  if (known !== undefined) return known;
  const modifier = typmod - TYPMOD_OFFSET;
  if (type === "numeric") {
    if (typmod < 0) return { type: "numeric" };
    // The scale is 11 bits with a sign since PostgreSQL 15, and was never above them before.
    const scale = ((modifier & 0x7ff) ^ 0x400) - 0x400;
    return { type: "numeric", precision: (modifier >> 16) & 0xffff, scale };
  }
  if (type === "bpchar") return typmod < 0 ? { type: "char" } : { type: "char", length: modifier };
  if (type === "varchar" && typmod >= 0) return { type: "varchar", length: modifier };
  return category === "S" ? { type: "varchar" } : { type: "other" };
}

function chooseColumns(columns: readonly TableColumn[], choice: TargetChoice, table: string): readonly LoadColumn[] {
  const { columns: names, explicitIds } = choice;
  if (names === undefined) {
    return columns.filter(({ isGenerated, identity }) => !isGenerated && (explicitIds || identity !== "always"));
  }
  const chosen = names.map((name) => {
    const column = columns.find((one) => one.name === name);
    if (column === undefined)
      throw badColumn(`column "${name}" of ${table} does not exist`, "name columns of the table");
    if (column.isGenerated)
      throw badColumn(`column "${name}" of ${table} is generated`, "leave it out: the database computes it");
    return column;
  });
  const identity = chosen.find((column) => column.identity === "always");
  if (identity !== undefined && !explicitIds) {
    throw badColumn(
      `"${identity.name}" of ${table} is an identity column`,
      "add EXPLICIT_IDS, or leave the column out",
    );
  }
  const missing = columns.find((column) => column.identity === "always" && !chosen.includes(column));
  if (explicitIds && missing !== undefined) {
    throw badColumn(`EXPLICIT_IDS needs "${missing.name}" in the column list`, "add it, or leave out EXPLICIT_IDS");
  }
  return chosen;
}

function badColumn(message: string, hint: string): ShellError {
  return new ShellError("load/table", message, { hint, note: "nothing was loaded" });
}
