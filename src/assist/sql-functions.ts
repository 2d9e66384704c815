// Functions as they may be written at a place: called, told apart by what they take, or read from.
import { PROCEDURE, type Catalogue, type CatalogueFunction } from "./catalogue.ts";
import type { Candidate } from "./sql-candidates.ts";

/** What is wanted of a function: `rows` to read from, `called` by CALL, `named` with what it takes. */
export type FunctionUse = "any" | "rows" | "called" | "named";

export interface FunctionsWanted {
  readonly typed: string;
  readonly write: (name: string) => string;
  /** What stands before a function's name. */
  readonly prefixOf: (one: CatalogueFunction) => string;
  /** Of this schema alone. */
  readonly schema?: string;
}

/** Of each kind at the most: what fits best of many names. */
const FOUND_MAX = 200;
const RANK = 6;

export function* functionCandidates(
  use: FunctionUse,
  catalogue: Catalogue,
  wanted: FunctionsWanted,
): Generator<Candidate> {
  const { typed, schema } = wanted;
  // The database's own are thousands: where nothing has been typed, only those that somebody made.
  const all =
    typed === "" && schema === undefined ? catalogue.functions.values() : catalogue.functions.find(typed, FOUND_MAX);
  for (const one of all) {
    if (schema !== undefined && one.schema !== schema) continue;
    if (typed === "" && (isSystem(one) || (schema === undefined && use !== "called" && use !== "named"))) continue;
    if (isUsable(one, use)) yield functionCandidate(one, use, wanted);
  }
}

function isSystem({ schema }: CatalogueFunction): boolean {
  return schema === "pg_catalog" || schema === "information_schema";
}

function isUsable({ result, rows }: CatalogueFunction, use: FunctionUse): boolean {
  if (use === "named") return true;
  if (use === "called") return result === PROCEDURE;
  return result !== PROCEDURE && (use === "any" || rows);
}

function functionCandidate(one: CatalogueFunction, use: FunctionUse, { write, prefixOf }: FunctionsWanted): Candidate {
  const { name, parameters, result } = one;
  const prefix = prefixOf(one);
  // count(*): an aggregate without parameters.
  const rest = use === "named" ? `${parameters})` : parameters === "*" ? "*)" : parameters === "" ? ")" : "";
  const strict = one.schema === "pg_catalog" ? true : "words";
  const label = `${prefix}${name}(${parameters})`;
  return {
    match: name,
    insert: `${prefix}${write(name)}(${rest}`,
    label,
    kind: "function",
    detail: result,
    rank: RANK,
    strict,
  };
}

/** The schema, of what is not found without it. */
export function schemaPrefix(
  { searchPath }: Catalogue,
  write: (name: string) => string,
): (one: CatalogueFunction) => string {
  return ({ schema }) => (schema === "pg_catalog" || searchPath.includes(schema) ? "" : `${write(schema)}.`);
}
