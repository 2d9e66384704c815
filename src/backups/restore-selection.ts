// Which entries of a dump a restore of some tables needs. What is chosen brings its parts (indexes, constraints,
// comments, rights) and what it is built on (schemas, types, functions, extensions). It does not bring other tables,
// views or sequences that are not its own: those are missing, and a statement says what is to become of them.
import { ShellError } from "../errors.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import { nearest } from "../std/nearest.ts";
import { isPublicSchema, isRelation, isRemark, type DumpGraph } from "./dump-graph.ts";
import { ExistingObjects, isShared } from "./existing-objects.ts";
import { describeEntry, type PlanReport } from "./restore-report.ts";

export interface ObjectPattern {
  readonly schema: string;
  /** Every object of the schema when absent. */
  readonly name?: string;
}

export type RestoreSelection =
  | { readonly kind: "database" }
  | { readonly kind: "objects"; readonly patterns: readonly ObjectPattern[] };

export interface SkipOptions {
  readonly skipMissingForeignKeys?: boolean;
  readonly skipMissingSequences?: boolean;
  readonly skipMissingSequenceOwners?: boolean;
  readonly skipMissingViews?: boolean;
  readonly skipMissingUdfs?: boolean;
}

export interface Selected {
  /** dumpIds of what is to be created. */
  readonly included: ReadonlySet<number>;
  /** dumpIds of what is needed, is there already and is left alone. */
  readonly reused: ReadonlySet<number>;
  readonly reports: readonly PlanReport[];
}

const ROUTINES: ReadonlySet<string> = new Set(["FUNCTION", "PROCEDURE", "AGGREGATE"]);
const PUBLICATION_PARTS: ReadonlySet<string> = new Set(["PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA"]);

type Lack = keyof SkipOptions | "required" | "partition" | "silent";

const OPTION_NAMES: Readonly<Record<keyof SkipOptions, string>> = {
  skipMissingForeignKeys: "skip_missing_foreign_keys",
  skipMissingSequences: "skip_missing_sequences",
  skipMissingSequenceOwners: "skip_missing_sequence_owners",
  skipMissingViews: "skip_missing_views",
  skipMissingUdfs: "skip_missing_udfs",
};

function matches(entry: DumpEntry, pattern: ObjectPattern): boolean {
  if (pattern.name !== undefined)
    return isRelation(entry) && entry.schema === pattern.schema && entry.tag === pattern.name;
  if (entry.type === "SCHEMA") return entry.tag === pattern.schema;
  return entry.schema === pattern.schema && !PUBLICATION_PARTS.has(entry.type);
}

function printPattern(pattern: ObjectPattern): string {
  return `${pattern.schema}.${pattern.name ?? "*"}`;
}

function notInBackup(graph: DumpGraph, pattern: ObjectPattern): ShellError {
  const names = graph.entries.filter(isRelation).map(({ schema, tag }) => `${schema}.${tag}`);
  const near = nearest(printPattern(pattern), names);
  return new ShellError("backup/target", `${printPattern(pattern)} is not in this backup`, {
    hint: near === undefined ? "SHOW BACKUP FROM … IN … lists what is" : `did you mean ${near}?`,
    note: "nothing was changed",
  });
}

/** An ordering that pg_dump asks for but that the statement itself does not need. */
function isSoft(graph: DumpGraph, entry: DumpEntry, dependency: DumpEntry): boolean {
  switch (entry.type) {
    case "TABLE":
      return graph.attachmentOf(entry)?.dependencies.includes(dependency.dumpId) ?? false;
    case "INDEX":
    case "CONSTRAINT":
      return dependency.type === "INDEX" || dependency.type === "CONSTRAINT";
    case "MATERIALIZED VIEW DATA":
      return dependency.type === "MATERIALIZED VIEW DATA";
    default:
      return isRemark(entry) && isRemark(dependency);
  }
}

class Selection {
  readonly included = new Set<number>();
  readonly reused = new Set<number>();
  readonly reports: PlanReport[] = [];
  readonly #graph: DumpGraph;
  readonly #existing: ExistingObjects;

  constructor(graph: DumpGraph, existing: ExistingObjects) {
    this.#graph = graph;
    this.#existing = existing;
  }

  addEverything(): void {
    for (const entry of this.#graph.entries) {
      if (isShared(entry) && this.#existing.find(entry) !== undefined) this.reused.add(entry.dumpId);
      else this.included.add(entry.dumpId);
    }
    for (const entry of this.#graph.entries) {
      const whole = this.#graph.wholeOf(entry);
      if (whole === undefined || !this.reused.has(whole.dumpId) || isPublicSchema(whole)) continue;
      this.included.delete(entry.dumpId);
    }
  }

  add(patterns: readonly ObjectPattern[]): void {
    for (const pattern of patterns) {
      const found = this.#graph.entries.filter((entry) => matches(entry, pattern));
      if (found.length === 0) throw notInBackup(this.#graph, pattern);
      for (const entry of found) this.#include(entry, true);
    }
    // Casts and transforms live in no schema: they come with their types and functions.
    for (const entry of this.#graph.entries) {
      if (entry.type !== "CAST" && entry.type !== "TRANSFORM") continue;
      const needed = this.#graph.dependenciesOf(entry);
      if (needed.length > 0 && needed.every(({ dumpId }) => this.included.has(dumpId))) this.#include(entry, true);
    }
  }

  #include(first: DumpEntry, chosen: boolean): void {
    const waiting: { readonly entry: DumpEntry; readonly chosen: boolean }[] = [{ entry: first, chosen }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { entry } = next;
      if (this.included.has(entry.dumpId) || this.reused.has(entry.dumpId)) continue;
      if ((isShared(entry) || !next.chosen) && this.#existing.hasSame(entry)) {
        this.reused.add(entry.dumpId);
        continue;
      }
      this.included.add(entry.dumpId);
      const parts = [...this.#graph.partsOf(entry), ...this.#graph.partitionsOf(entry)];
      waiting.push(...parts.map((part) => ({ entry: part, chosen: next.chosen })));
      const bases = this.#graph.dependenciesOf(entry).filter((base) => this.#isBase(base));
      waiting.push(...bases.map((base) => ({ entry: base, chosen: false })));
    }
  }

  #isBase(entry: DumpEntry): boolean {
    return !isRelation(entry) && this.#graph.wholeOf(entry) === undefined;
  }

  #isThere(entry: DumpEntry): boolean {
    if (this.included.has(entry.dumpId) || this.reused.has(entry.dumpId)) return true;
    const root = this.#graph.rootOf(entry);
    return this.#existing.find(isRelation(entry) || root === entry ? entry : root) !== undefined;
  }

  #missing(entry: DumpEntry): readonly DumpEntry[] {
    const needed = this.#graph.dependenciesOf(entry).filter((dependency) => !isSoft(this.#graph, entry, dependency));
    return needed.filter((dependency) => !this.#isThere(dependency));
  }

  #judge(entry: DumpEntry, missing: readonly DumpEntry[]): Lack {
    const whole = this.#graph.wholeOf(entry);
    if (entry.type === "TABLE ATTACH") return "partition";
    if (entry.type === "SEQUENCE" && whole !== undefined) return "skipMissingSequenceOwners";
    if (entry.type === "INDEX ATTACH" || PUBLICATION_PARTS.has(entry.type)) return "silent";
    if (whole !== undefined && !this.#isThere(whole)) return "silent";
    if (entry.type === "FK CONSTRAINT") return "skipMissingForeignKeys";
    if (entry.type === "VIEW" || entry.type === "MATERIALIZED VIEW") return "skipMissingViews";
    if (entry.type === "RULE" && entry.tag.endsWith(" _RETURN")) return "skipMissingViews";
    if (entry.type === "DEFAULT" && missing.some(({ type }) => type === "SEQUENCE")) return "skipMissingSequences";
    if (ROUTINES.has(entry.type)) return "skipMissingUdfs";
    const onlyRoutines = missing.every(({ type }) => ROUTINES.has(type));
    return onlyRoutines && (entry.type === "DEFAULT" || entry.type === "TRIGGER") ? "skipMissingUdfs" : "required";
  }

  /** Leaves out what lacks something, as far as the options allow, until nothing lacks anything. */
  settle(options: SkipOptions): void {
    const refused: { readonly text: string; readonly lack: Lack }[] = [];
    for (let changed = true; changed && refused.length === 0;) {
      changed = false;
      for (const entry of this.#graph.entries) {
        if (!this.included.has(entry.dumpId)) continue;
        const missing = this.#missing(entry);
        if (missing.length === 0) continue;
        const lack = this.#judge(entry, missing);
        const text = `${describeEntry(entry)} needs ${missing.map(describeEntry).join(", ")}`;
        if (lack === "required" || (lack in OPTION_NAMES && options[lack as keyof SkipOptions] !== true)) {
          refused.push({ text, lack });
        } else changed = this.#leaveOut(entry, lack, text) || changed;
      }
    }
    if (refused.length > 0) throw dependencyError(refused);
  }

  #leaveOut(entry: DumpEntry, lack: Lack, text: string): boolean {
    if (lack === "skipMissingSequenceOwners" && entry.drop !== "") {
      const owned = this.#graph.partsOf(entry).find(({ type }) => type === "SEQUENCE OWNED BY");
      if (owned === undefined || !this.included.delete(owned.dumpId)) return false;
      this.reports.push({ kind: "left-out", object: describeEntry(owned), text });
      return true;
    }
    const whole = this.#graph.wholeOf(entry);
    // A view split in two (pg_dump breaks circles so) is left out as one.
    const gone = entry.type === "RULE" && lack === "skipMissingViews" && whole !== undefined ? whole : entry;
    this.included.delete(entry.dumpId);
    this.included.delete(gone.dumpId);
    if (lack !== "silent") this.reports.push({ kind: "left-out", object: describeEntry(gone), text });
    return true;
  }
}

function dependencyError(refused: readonly { readonly text: string; readonly lack: Lack }[]): ShellError {
  const options = new Set(refused.map(({ lack }) => OPTION_NAMES[lack as keyof SkipOptions]));
  const skippable = [...options].filter((name) => name !== undefined);
  const all = skippable.length === options.size;
  return new ShellError("restore/dependency", "what was chosen needs objects that are neither chosen nor there", {
    detail: refused.map(({ text }) => text),
    hint: all ? `choose them too, or leave out what needs them WITH ${skippable.join(", ")}` : "choose them too",
    note: "nothing was changed",
  });
}

/**
 * Chooses the entries to create. Throws `backup/target` for a pattern that matches nothing, `restore/dependency` when
 * something lacks what the options do not allow it to lack.
 */
export function selectEntries(
  graph: DumpGraph,
  selection: RestoreSelection,
  existing: ExistingObjects,
  options: SkipOptions,
): Selected {
  const chosen = new Selection(graph, existing);
  if (selection.kind === "database") chosen.addEverything();
  else {
    chosen.add(selection.patterns);
    chosen.settle(options);
  }
  return { included: chosen.included, reused: chosen.reused, reports: chosen.reports };
}

/** What a selection comes to in the database it was made in. */
export interface Closure {
  readonly included: ReadonlySet<number>;
  /** What `included` refers to without bringing it: the other table of a foreign key, the tables of a view. */
  readonly mentioned: ReadonlySet<number>;
}

/** The entries that a backup of these objects keeps. Throws `backup/target` for a pattern that matches nothing. */
export function closureOf(graph: DumpGraph, patterns: readonly ObjectPattern[]): Closure {
  const chosen = new Selection(graph, new ExistingObjects([], []));
  chosen.add(patterns);
  const mentioned = new Set<number>();
  for (const entry of graph.entries) {
    if (!chosen.included.has(entry.dumpId)) continue;
    for (const { dumpId } of graph.dependenciesOf(entry)) if (!chosen.included.has(dumpId)) mentioned.add(dumpId);
  }
  return { included: chosen.included, mentioned };
}
