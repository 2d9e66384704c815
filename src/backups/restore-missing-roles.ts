// Policies and user mappings name roles in their CREATE text. Where a role does not exist, what is restored must not
// give anybody more than the source did, neither now nor when somebody makes the role later:
// - a user mapping is left out;
// - a permissive policy is restored for those of its roles that exist, and left out when none does: without it fewer
//   rows are seen, never more;
// - a restrictive policy is refused: without it a role that is made later would see more.
import { lexSqlSpans, unquoteIdentifier, type SqlElement } from "../engines/sql.ts";
import { ShellError } from "../errors.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import { describeEntry, type PlanReport } from "./restore-report.ts";

/** What becomes of an entry that names roles which do not exist. */
export interface Unfit {
  readonly entry: DumpEntry;
  readonly missing: readonly string[];
  /** The entry for the roles that exist; absent when there are none. */
  readonly fitting?: DumpEntry;
  readonly isRefused: boolean;
}

/** The entries that name roles which do not exist, by dumpId. */
export function findUnfit(entries: readonly DumpEntry[], roles: ReadonlySet<string>): ReadonlyMap<number, Unfit> {
  const found = new Map<number, Unfit>();
  for (const entry of entries) {
    const unfit = entry.type === "POLICY" ? unfitPolicy(entry, roles) : unfitMapping(entry, roles);
    if (unfit !== undefined) found.set(entry.dumpId, unfit);
  }
  return found;
}

function isMissing({ text }: SqlElement, roles: ReadonlySet<string>): boolean {
  return text.toUpperCase() !== "PUBLIC" && !roles.has(unquoteIdentifier(text));
}

/** `CREATE USER MAPPING FOR role SERVER …`, as pg_dump writes it. */
function unfitMapping(entry: DumpEntry, roles: ReadonlySet<string>): Unfit | undefined {
  if (entry.type !== "USER MAPPING") return undefined;
  const words = lexSqlSpans(entry.create);
  const role = words[words.findIndex(({ text }) => text === "FOR") + 1];
  if (role === undefined || !isMissing(role, roles)) return undefined;
  return { entry, missing: [unquoteIdentifier(role.text)], isRefused: false };
}

/** `CREATE POLICY name ON table [AS RESTRICTIVE] [FOR command] [TO role, …] [USING …] [WITH CHECK …]`, as pg_dump writes it. */
function unfitPolicy(entry: DumpEntry, roles: ReadonlySet<string>): Unfit | undefined {
  const words = lexSqlSpans(entry.create);
  // pg_dump quotes a name that is written like a keyword: the bare words are the clauses.
  const end = words.findIndex(({ text }) => text === "USING" || text === "WITH" || text === ";");
  const head = words.slice(0, end === -1 ? words.length : end);
  const to = head.findIndex(({ text }) => text === "TO");
  const named = to === -1 ? [] : head.slice(to + 1).filter(({ text }) => text !== ",");
  const missing = named.filter((role) => isMissing(role, roles));
  const [first, last] = [named[0], named.at(-1)];
  if (missing.length === 0 || first === undefined || last === undefined) return undefined;
  const kept = named.filter((role) => !missing.includes(role)).map(({ text }) => text);
  const create = entry.create.slice(0, first.start) + kept.join(", ") + entry.create.slice(last.end);
  return {
    entry,
    missing: missing.map(({ text }) => unquoteIdentifier(text)),
    isRefused: head.some(({ text }) => text === "RESTRICTIVE"),
    ...(kept.length === 0 ? {} : { fitting: { ...entry, create } }),
  };
}

/**
 * What to say of the entries a restore would make.
 * @throws ShellError `restore/dependency` for restrictive policies.
 */
export function reportUnfit(unfit: readonly Unfit[]): readonly PlanReport[] {
  const refused = unfit.filter(({ isRefused }) => isRefused);
  if (refused.length > 0) throw refusal(refused);
  return unfit.map(({ entry, missing, fitting }) => {
    const object = describeEntry(entry);
    const roles = missing.length === 1 ? `role ${missing[0]} does` : `roles ${missing.join(", ")} do`;
    const outcome = fitting === undefined ? `${object} is left out` : `${object} is restored without`;
    return { kind: "left-out", object, text: `${roles} not exist here: ${outcome}` };
  });
}

function refusal(refused: readonly Unfit[]): ShellError {
  const roles = [...new Set(refused.flatMap(({ missing }) => missing))];
  return new ShellError("restore/dependency", "restrictive policies name roles that do not exist here", {
    detail: refused.map(({ entry, missing }) => `${describeEntry(entry)} restricts ${missing.join(", ")}`),
    hint: `create them first (CREATE ROLE …): ${roles.join(", ")}; without the policies they would later see more than they may`,
    note: "nothing was changed",
  });
}
