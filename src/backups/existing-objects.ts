import { lexSql, unquoteIdentifier } from "../engines/sql.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import { isRelation, isRemark, writtenName, type DumpGraph } from "./dump-graph.ts";

const ROUTINES: ReadonlySet<string> = new Set(["FUNCTION", "PROCEDURE", "AGGREGATE"]);
const TYPES: ReadonlySet<string> = new Set(["TYPE", "DOMAIN", "SHELL TYPE"]);
/** What a restore shares with whatever else lives in the database. */
const SHARED: ReadonlySet<string> = new Set(["SCHEMA", "EXTENSION", "PROCEDURAL LANGUAGE"]);

export function isShared(entry: DumpEntry): boolean {
  return SHARED.has(entry.type);
}

/** The index that a primary key, a unique or an exclusion constraint makes bears the constraint's name. */
function constraintIndex(entry: DumpEntry): string | undefined {
  const words = lexSql(entry.create);
  const at = words.indexOf("CONSTRAINT");
  const [name, kind] = [words[at + 1], words[at + 2] ?? ""];
  if (at === -1 || name === undefined || !["PRIMARY", "UNIQUE", "EXCLUDE"].includes(kind)) return undefined;
  return unquoteIdentifier(name);
}

/** Names that two objects of one database cannot both have. Empty for what lives inside of another object. */
function namesOf(entry: DumpEntry): readonly string[] {
  const name = (space: string, text: string): string => JSON.stringify([space, entry.schema, text]);
  if (entry.type === "SEQUENCE" || entry.type === "INDEX") return [name("relation", entry.tag)];
  // Every relation with columns has a row type of its name.
  if (isRelation(entry)) return [name("relation", entry.tag), name("type", entry.tag)];
  if (TYPES.has(entry.type)) {
    const composite = entry.create.startsWith(`CREATE TYPE ${writtenName(entry)} AS (`);
    return composite ? [name("relation", entry.tag), name("type", entry.tag)] : [name("type", entry.tag)];
  }
  if (ROUTINES.has(entry.type)) return [name("routine", entry.tag)];
  if (entry.type === "CONSTRAINT") {
    const index = constraintIndex(entry);
    return index === undefined ? [] : [name("relation", index)];
  }
  return [];
}

/** What a database holds already, to be found by name. */
export class ExistingObjects {
  readonly #byName = new Map<string, DumpEntry>();
  readonly #byDrop = new Map<string, DumpEntry>();
  readonly #schemas: ReadonlySet<string>;

  /** `entries` as a dump of that database gives them; `schemas` also names those that no dump mentions: `public`. */
  constructor(entries: readonly DumpEntry[], schemas: Iterable<string>) {
    this.#schemas = new Set(schemas);
    for (const entry of entries) {
      for (const name of namesOf(entry)) this.#byName.set(name, entry);
      if (entry.drop !== "") this.#byDrop.set(`${entry.type} ${entry.drop}`, entry);
    }
  }

  hasSchema(name: string): boolean {
    return this.#schemas.has(name);
  }

  /** The object whose place `entry` would take. */
  find(entry: DumpEntry): DumpEntry | undefined {
    if (entry.type === "SCHEMA") return this.#schemas.has(entry.tag) ? entry : undefined;
    for (const name of namesOf(entry)) {
      const found = this.#byName.get(name);
      if (found !== undefined) return found;
    }
    // Operators, casts, servers and the like: the DROP text names them in full.
    return entry.drop === "" ? undefined : this.#byDrop.get(`${entry.type} ${entry.drop}`);
  }

  /** Whether `entry` needs not be made because the very same is there. */
  hasSame(entry: DumpEntry): boolean {
    const found = this.find(entry);
    return found !== undefined && (isShared(entry) || (found.type === entry.type && found.create === entry.create));
  }
}

/** Entries of a restore whose names are taken. */
export function findConflicts(
  graph: DumpGraph,
  included: ReadonlySet<number>,
  existing: ExistingObjects,
): readonly DumpEntry[] {
  return graph.entries.filter((entry) => {
    if (!included.has(entry.dumpId) || isShared(entry) || isRemark(entry)) return false;
    const whole = graph.wholeOf(entry);
    // A part is no conflict of its own when the whole is one, and cannot be one except by its index's name.
    if (whole !== undefined && entry.type !== "SEQUENCE" && namesOf(entry).length === 0) return false;
    if (whole !== undefined && existing.find(whole) !== undefined) return false;
    return existing.find(entry) !== undefined;
  });
}
