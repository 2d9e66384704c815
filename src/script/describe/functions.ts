// \df: functions, by kind, name and the types of their arguments.
import { comment, privileges, USER_SCHEMAS } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";
import { typeMatching } from "./object-listings.ts";
import type { PatternColumns } from "./pattern.ts";

/** As many arguments as a function can have. */
export const ARGUMENTS_MAX = 100;
/** Stands for an argument that is not there. */
const NONE = "-";

function joinArgument(at: number): string {
  return `
  LEFT JOIN pg_catalog.pg_type t${at} ON t${at}.oid = p.proargtypes[${at}]
  LEFT JOIN pg_catalog.pg_namespace nt${at} ON nt${at}.oid = t${at}.typnamespace`;
}

function argumentMatching(at: number, texts: readonly string[]): PatternColumns {
  return texts[at + 1] === NONE ? { name: `'${NONE}'::pg_catalog.text` } : typeMatching(`t${at}`, `nt${at}`);
}

function ends(texts: readonly string[]): readonly string[] {
  return texts.slice(1).flatMap((text, at) => (text === NONE ? [`t${at}.oid IS NULL`] : []));
}

/** Letters of \df that choose kinds, as pg_proc.prokind has them; a trigger is a function of its own result type. */
function functionKinds(letters: string, versionNumber: number): readonly string[] {
  const trigger = "p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype";
  const kinds: Readonly<Record<string, string>> =
    versionNumber >= 110_000
      ? {
          a: "p.prokind = 'a'",
          n: `p.prokind = 'f' AND NOT ${trigger}`,
          p: "p.prokind = 'p'",
          t: trigger,
          w: "p.prokind = 'w'",
        }
      : {
          a: "p.proisagg",
          n: `NOT p.proisagg AND NOT p.proiswindow AND NOT ${trigger}`,
          p: "false",
          t: trigger,
          w: "p.proiswindow",
        };
  const chosen = Array.from(letters).flatMap((letter) => kinds[letter] ?? []);
  return chosen.length === 0 ? [] : [`(${chosen.map((condition) => `(${condition})`).join(" OR ")})`];
}

export function functions({ verbose, system, versionNumber, letters, more }: Asked, texts: readonly string[]): Query {
  // pg_proc.prokind came with version 11.
  const kind =
    versionNumber >= 110_000
      ? "CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END"
      : `CASE WHEN p.proisagg THEN 'agg' WHEN p.proiswindow THEN 'window'
    WHEN p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype THEN 'trigger' ELSE 'func' END`;
  return {
    title: "List of functions",
    objects: "functions",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "p.proname"],
      ["Result data type", "pg_catalog.pg_get_function_result(p.oid)"],
      ["Argument data types", "pg_catalog.pg_get_function_arguments(p.oid)"],
      ["Type", kind],
      ...(verbose
        ? ([
            ["Volatility", "CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END"],
            ["Parallel", "CASE p.proparallel WHEN 'r' THEN 'restricted' WHEN 's' THEN 'safe' ELSE 'unsafe' END"],
            ["Owner", "pg_catalog.pg_get_userbyid(p.proowner)"],
            ["Security", "CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END"],
            ["Access privileges", privileges("p.proacl")],
            ["Language", "l.lanname"],
            ["Source code", "p.prosrc"],
            ["Description", comment("pg_proc", "p.oid")],
          ] as const)
        : []),
    ],
    from: `FROM pg_catalog.pg_proc p
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang${more.map((_, at) => joinArgument(at)).join("")}`,
    where: [...functionKinds(letters, versionNumber), ...(system ? [] : [USER_SCHEMAS]), ...ends(texts)],
    matching: { schema: "n.nspname", name: "p.proname", visible: "pg_catalog.pg_function_is_visible(p.oid)" },
    matchingMore: more.map((_, at) => argumentMatching(at, texts)),
    order: "1, 2, 4",
  };
}
