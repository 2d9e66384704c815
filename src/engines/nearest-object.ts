// The server proposes columns that were meant; tables, views and functions are looked up here. Nothing is asked inside a
// transaction: it has failed, and answers nothing any more.
import type { Engine } from "./engine.ts";
import type { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";

const UNDEFINED_TABLE = "42P01";
const UNDEFINED_FUNCTION = "42883";
const NAMES_MAX = 10_000;

const RELATIONS = `SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') LIMIT ${NAMES_MAX}`;
const FUNCTIONS = `SELECT n.nspname, p.proname, pg_catalog.pg_function_is_visible(p.oid)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace LIMIT ${NAMES_MAX}`;

interface Known {
  readonly schema: string;
  readonly name: string;
  readonly isVisible: boolean;
}

/** The error with the table or function that was likely meant, where there is one. Never throws. */
export async function withNearestObject(
  error: ShellError,
  engine: Pick<Engine, "rows" | "transaction">,
): Promise<ShellError> {
  const isFunction = error.sqlState === UNDEFINED_FUNCTION;
  if (engine.transaction !== "idle" || (!isFunction && error.sqlState !== UNDEFINED_TABLE)) return error;
  // relation "s.t" does not exist; function s.f(integer) does not exist: in whatever language.
  const said = (isFunction ? /([^\s("«„“]+)\(/ : /["«„“]([^"»“”]+)["»“”]/).exec(error.message)?.[1];
  if (said === undefined) return error;
  try {
    const rows = await engine.rows(isFunction ? FUNCTIONS : RELATIONS);
    const known = rows.map(([schema, name, visible]) => ({
      schema: schema ?? "",
      name: name ?? "",
      isVisible: visible === "t",
    }));
    const meant = meantBy(said, known);
    if (meant === undefined) return error;
    // Of a function that is not there the server says that the types of its arguments may be wrong.
    const detail = error.hint === undefined ? error.detail : [...error.detail, error.hint];
    return error.with({ hint: `did you mean ${meant}?`, detail });
  } catch {
    return error;
  }
}

function meantBy(said: string, known: readonly Known[]): string | undefined {
  const [name = "", schema] = said.split(".").toReversed();
  const there = known.filter((one) => (schema === undefined ? one.isVisible : one.schema === schema));
  // The name is right, and something else is wrong.
  if (there.some((one) => one.name === name)) return undefined;
  const near = nearest(
    name,
    there.map((one) => one.name),
  );
  if (near !== undefined) return schema === undefined ? near : `${schema}.${near}`;
  const elsewhere = known.find((one) => one.name === name && !/^(?:pg_|information_schema$)/.test(one.schema));
  return elsewhere === undefined ? undefined : `${elsewhere.schema}.${elsewhere.name}`;
}
