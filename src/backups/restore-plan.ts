// What a restore does to a database, as text: pure. The order is pg_restore's: definitions, rows, sequence values,
// then what is cheaper or only possible with the rows there, then rights, then materialized views, and last, in one
// transaction, what changes objects that this restore did not make and so could not be undone.
import type { SequenceValue, TableInfo, TableName } from "../engines/engine.ts";
import { ShellError } from "../errors.ts";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "../engines/sql.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import { DumpGraph, isLargeObject, isPublicSchema, isRemark } from "./dump-graph.ts";
import { ExistingObjects, findConflicts } from "./existing-objects.ts";
import { findUnfit, reportUnfit, type Unfit } from "./restore-missing-roles.ts";
import { planParallel, type ParallelStep, type RestoreStep } from "./restore-order.ts";
import { describeEntry, type PlanReport } from "./restore-report.ts";
import { sessionSettings } from "./restore-session.ts";
import { selectEntries, type RestoreSelection, type Selected, type SkipOptions } from "./restore-selection.ts";
import {
  accessStatements,
  createStatements,
  ownerStatements,
  undoStatements,
  type StatementOptions,
  type TargetFacts,
} from "./restore-statements.ts";

export interface RestoreTarget extends TargetFacts {
  /** A dump of the target, empty for a database just created. */
  readonly entries: readonly DumpEntry[];
  readonly schemas: ReadonlySet<string>;
}

/** A table of a manifest, as far as planning looks at it. */
export type StoredTable = TableName & Pick<TableInfo, "columns">;

export interface RestoreRequest<T extends StoredTable> {
  /** What complaints call the database. */
  readonly database?: string;
  readonly entries: readonly DumpEntry[];
  readonly tables: readonly T[];
  readonly sequences: readonly SequenceValue[];
  readonly selection: RestoreSelection;
  readonly options: SkipOptions & StatementOptions & { readonly schemaOnly?: boolean };
  readonly target: RestoreTarget;
}

export interface TableLoad<T extends StoredTable> {
  readonly table: T;
  /** Made by this restore, so that nobody else can have seen it. False for an extension's own table. */
  readonly created: boolean;
  /** Of its definition; absent where that is an extension's. */
  readonly dumpId?: number;
}

export interface RestorePlan<T extends StoredTable> {
  /** For every connection that runs a part of this plan, before anything else. */
  readonly session: readonly string[];
  /** In this order, on one connection. */
  readonly preData: readonly RestoreStep[];
  readonly loads: readonly TableLoad<T>[];
  readonly sequences: readonly string[];
  /** On any number of connections; see ReadyQueue. */
  readonly postData: readonly ParallelStep[];
  /** GRANT and REVOKE on what this restore made. One transaction. */
  readonly access: readonly string[];
  /** REFRESH MATERIALIZED VIEW, in this order. */
  readonly refresh: readonly string[];
  /** One transaction, the last one: default privileges, event triggers, rights on objects that were there before. */
  readonly finish: readonly string[];
  readonly reports: readonly PlanReport[];
  /** Everything that will be there after it, besides what is there now. */
  readonly makes: readonly DumpEntry[];
}

/** Until then PUBLIC could create objects in the schema `public`. */
const PUBLIC_CLOSED_SINCE = 150_000;

function conflictError(conflicts: readonly DumpEntry[], database: string | undefined): ShellError {
  const where = database === undefined ? "the database" : `database "${database}"`;
  return new ShellError("restore/conflict", `${where} has objects of these names already`, {
    detail: conflicts.map(describeEntry),
    hint: "restore into another database (WITH new_db_name or into_db), or drop or rename what is there",
    note: "nothing was changed",
  });
}

class Planner<T extends StoredTable> {
  readonly #request: RestoreRequest<T>;
  readonly #graph: DumpGraph;
  readonly #selected: Selected;
  readonly #reports: PlanReport[];

  constructor(request: RestoreRequest<T>, graph: DumpGraph, selected: Selected) {
    this.#request = request;
    this.#graph = graph;
    this.#selected = selected;
    this.#reports = [...selected.reports];
  }

  plan(): RestorePlan<T> {
    const { options, target, entries } = this.#request;
    const chosen = this.#graph.entries.filter(({ dumpId }) => this.#selected.included.has(dumpId));
    const last = chosen.filter((entry) => this.#comesLast(entry));
    const objects = chosen.filter((entry) => !isRemark(entry) && !last.includes(entry));
    const rights = chosen.filter((entry) => entry.type === "ACL" && !last.includes(entry));
    const isRefresh = ({ type }: DumpEntry): boolean => type === "MATERIALIZED VIEW DATA";
    const post = objects.filter((entry) => entry.section === "post-data" && !isRefresh(entry));
    this.#reportReused();
    if (this.#request.selection.kind === "database" && entries.some(isLargeObject)) {
      const text = "the contents of large objects are not in this backup: they are not restored";
      this.#reports.push({ kind: "large-objects", object: "LARGE OBJECTS", text });
    }
    return {
      session: sessionSettings(entries, target),
      preData: [
        ...this.#missingSchemas(chosen),
        ...objects.filter((entry) => entry.section === "pre-data").flatMap((entry) => this.#steps(entry)),
      ],
      loads: options.schemaOnly === true ? [] : this.#loads(chosen),
      sequences: options.schemaOnly === true ? [] : this.#sequenceStatements(chosen),
      postData: planParallel(this.#graph, post, (entry) => this.#steps(entry)),
      access: rights.flatMap((entry) => this.#access(entry)),
      refresh: options.schemaOnly === true ? [] : objects.filter(isRefresh).map((entry) => trimmed(entry.create)),
      finish: [...this.#publicSchema(), ...last.flatMap((entry) => this.#finish(entry))],
      reports: this.#reports,
      makes: chosen,
    };
  }

  /** What cannot be undone by dropping something, and what would interfere with the steps before it. */
  #comesLast(entry: DumpEntry): boolean {
    if (entry.type === "DEFAULT ACL" || entry.type === "EVENT TRIGGER") return true;
    if (!isRemark(entry)) return false;
    const whole = this.#graph.wholeOf(entry);
    if (whole !== undefined && this.#selected.reused.has(whole.dumpId)) return true;
    return whole === undefined || (isRemark(whole) ? this.#comesLast(whole) : whole.type === "EVENT TRIGGER");
  }

  #finish(entry: DumpEntry): readonly string[] {
    if (entry.type === "ACL" || entry.type === "DEFAULT ACL") return this.#access(entry);
    if (isRemark(entry)) return [trimmed(entry.create)];
    return this.#create(entry, []);
  }

  /** The owner a dump says, and the rights it takes for granted: those that initdb gives since PostgreSQL 15. */
  #publicSchema(): readonly string[] {
    const { selection, options, target } = this.#request;
    if (selection.kind !== "database" || !target.schemas.has("public")) return [];
    const older = target.versionNumber < PUBLIC_CLOSED_SINCE;
    const revoke = older ? ["REVOKE CREATE ON SCHEMA public FROM PUBLIC"] : [];
    const { reused } = this.#selected;
    const schema = this.#graph.entries.find((entry) => isPublicSchema(entry) && reused.has(entry.dumpId));
    if (schema === undefined || options.noOwner === true) return revoke;
    return [...revoke, ...ownerStatements(schema, target, this.#reports)];
  }

  #access(entry: DumpEntry): readonly string[] {
    return accessStatements(entry, this.#request.target, this.#reports);
  }

  #create(entry: DumpEntry, remarks: readonly DumpEntry[]): readonly string[] {
    const { target, options } = this.#request;
    return createStatements(entry, remarks, { facts: target, options, reports: this.#reports });
  }

  #steps(entry: DumpEntry): readonly RestoreStep[] {
    const parts = this.#graph.partsOf(entry).filter(({ dumpId }) => this.#selected.included.has(dumpId));
    const remarks = parts.filter((part) => isRemark(part) && part.type !== "ACL");
    const statements = this.#create(entry, remarks);
    return [{ title: describeEntry(entry), statements, undo: undoStatements(entry, this.#graph) }];
  }

  /** pg_dump takes a schema that initdb makes for granted; a target may have dropped it. */
  #missingSchemas(chosen: readonly DumpEntry[]): readonly RestoreStep[] {
    const made = new Set(this.#graph.entries.filter(({ type }) => type === "SCHEMA").map(({ tag }) => tag));
    const needed = new Set(chosen.map(({ schema }) => schema).filter((schema) => schema !== "" && !made.has(schema)));
    const missing = [...needed].filter((schema) => !this.#request.target.schemas.has(schema));
    return missing.map((schema) => ({
      title: `SCHEMA ${schema}`,
      statements: [`CREATE SCHEMA ${quoteIdentifier(schema)}`],
      undo: [`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)}`],
    }));
  }

  #loads(chosen: readonly DumpEntry[]): readonly TableLoad<T>[] {
    const described = new Set(this.#graph.entries.filter(({ type }) => type === "TABLE").map(keyOfEntry));
    const wanted = new Map(
      chosen.filter(({ type }) => type === "TABLE").map((entry) => [keyOfEntry(entry), entry.dumpId]),
    );
    const whole = this.#request.selection.kind === "database";
    this.#checkRows(chosen, whole);
    const loads: TableLoad<T>[] = [];
    for (const table of this.#request.tables) {
      const key = keyOf(table);
      const dumpId = wanted.get(key);
      if (dumpId !== undefined) loads.push({ table, created: true, dumpId });
      // No definition of its own: an extension's table, whose rows come with the database as a whole.
      else if (whole && !described.has(key)) loads.push(...this.#extensionLoad(table));
    }
    return loads;
  }

  /** A backup of some tables also describes others that those refer to: they must not come back empty unnoticed. */
  #checkRows(chosen: readonly DumpEntry[], whole: boolean): void {
    const held = new Set(this.#request.tables.map(keyOf));
    const without = chosen.filter((entry) => entry.relationKind === "r" && !held.has(keyOfEntry(entry)));
    if (without.length > 0 && !whole) {
      throw new ShellError("backup/target", "the backup describes these tables but does not hold their rows", {
        detail: without.map(describeEntry),
        hint: "restore them WITH schema_only, or from a backup that was taken of them",
        note: "nothing was changed",
      });
    }
    for (const entry of without) {
      const object = describeEntry(entry);
      this.#reports.push({ kind: "rows", object, text: `the rows of ${object} are not in the backup: it stays empty` });
    }
  }

  #extensionLoad(table: T): readonly TableLoad<T>[] {
    const made = this.#graph.entries.some(
      ({ type, dumpId }) => type === "EXTENSION" && this.#selected.included.has(dumpId),
    );
    if (made) return [{ table, created: false }];
    const object = `TABLE ${table.schema}.${table.name}`;
    const text = `${object} belongs to an extension that is there already: its rows are left as they are`;
    this.#reports.push({ kind: "rows", object, text });
    return [];
  }

  #sequenceStatements(chosen: readonly DumpEntry[]): readonly string[] {
    const wanted = new Set(chosen.filter(({ type }) => type === "SEQUENCE").map(keyOfEntry));
    const values = this.#request.sequences.filter((value) => wanted.has(keyOf(value)));
    return values.map(({ schema, name, lastValue, isCalled }) => {
      const sequence = quoteLiteral(quoteQualified(schema, name));
      return `SELECT pg_catalog.setval(${sequence}, ${BigInt(lastValue)}, ${isCalled})`;
    });
  }

  #reportReused(): void {
    for (const dumpId of this.#selected.reused) {
      const entry = this.#graph.get(dumpId);
      if (entry === undefined || entry.type === "SCHEMA") continue;
      const object = describeEntry(entry);
      this.#reports.push({ kind: "reused", object, text: `${object} is there already and is left as it is` });
    }
  }
}

function trimmed(create: string): string {
  return create.replace(/;?\s*$/, "");
}

function keyOf(name: TableName): string {
  return JSON.stringify([name.schema, name.name]);
}

function keyOfEntry(entry: DumpEntry): string {
  return JSON.stringify([entry.schema, entry.tag]);
}

/**
 * Plans the restore of a database or of some of its objects. Throws `backup/target` for a name or rows the backup does
 * not hold, `restore/dependency`, also for restrictive policies of roles that do not exist, and `restore/conflict` for
 * names that are taken.
 */
export function planRestore<T extends StoredTable>(request: RestoreRequest<T>): RestorePlan<T> {
  const unfit = findUnfit(request.entries, request.target.roles);
  const graph = new DumpGraph(request.entries.map((entry) => unfit.get(entry.dumpId)?.fitting ?? entry));
  const existing = new ExistingObjects(request.target.entries, request.target.schemas);
  const selected = fitted(selectEntries(graph, request.selection, existing, request.options), graph, unfit);
  const conflicts = findConflicts(graph, selected.included, existing);
  if (conflicts.length > 0) throw conflictError(conflicts, request.database);
  return new Planner(request, graph, selected).plan();
}

/** Without what is left out because its roles do not exist, and without what is said about that. */
function fitted(selected: Selected, graph: DumpGraph, unfit: ReadonlyMap<number, Unfit>): Selected {
  const chosen = [...unfit.values()].filter(({ entry }) => selected.included.has(entry.dumpId));
  const reports = [...selected.reports, ...reportUnfit(chosen)];
  const leftOut = chosen.filter(({ fitting }) => fitting === undefined).map(({ entry }) => entry);
  const gone = new Set([...leftOut, ...leftOut.flatMap((entry) => graph.partsOf(entry))].map(({ dumpId }) => dumpId));
  return { ...selected, reports, included: new Set([...selected.included].filter((dumpId) => !gone.has(dumpId))) };
}
