import type { DumpEntry } from "../formats/dump-toc.ts";
import { isRelation, type DumpGraph } from "./dump-graph.ts";

/** Statements for one transaction, and what takes their effect away, done or not. */
export interface RestoreStep {
  /** For progress and errors: `INDEX sales.orders_placed`. */
  readonly title: string;
  readonly statements: readonly string[];
  /** In this order; all steps' lists in the opposite order of the steps. */
  readonly undo: readonly string[];
}

/** A step that may run beside others. */
export interface ParallelStep extends RestoreStep {
  readonly id: number;
  /** `id`s of steps that must be done first. */
  readonly after: readonly number[];
  /** dumpIds of tables that no other step may touch meanwhile. Two steps that lock two tables each could deadlock. */
  readonly exclusive: readonly number[];
  /** dumpIds of tables that only such steps may touch meanwhile as also share them: CREATE INDEX. */
  readonly shared: readonly number[];
}

function descendants(graph: DumpGraph, table: DumpEntry): readonly number[] {
  return [table.dumpId, ...graph.partitionsOf(table).flatMap((partition) => descendants(graph, partition))];
}

function tablesOf(graph: DumpGraph, entry: DumpEntry): readonly number[] {
  const tables = graph
    .dependenciesOf(entry)
    .map((dependency) => graph.rootOf(dependency))
    .filter(isRelation);
  const only = /^(?:ALTER TABLE ONLY|CREATE (?:UNIQUE )?INDEX)\b/.test(entry.create);
  // Without ONLY the statement goes down to the partitions; a reference locks those of the other table as well.
  const reaches = only && entry.type !== "FK CONSTRAINT" ? tables.map(({ dumpId }) => dumpId) : [];
  return [...new Set(reaches.length > 0 ? reaches : tables.flatMap((table) => descendants(graph, table)))];
}

/** Gives each entry's steps their order and their locks. `stepsOf` gives none for what is not to be done. */
export function planParallel(
  graph: DumpGraph,
  entries: readonly DumpEntry[],
  stepsOf: (entry: DumpEntry) => readonly RestoreStep[],
): readonly ParallelStep[] {
  const ids = new Map(entries.map((entry, index) => [entry.dumpId, index]));
  return entries.flatMap((entry, id) => {
    const after = graph.dependenciesOf(entry).map(({ dumpId }) => ids.get(dumpId));
    const tables = tablesOf(graph, entry);
    return stepsOf(entry).map((step) => ({
      ...step,
      id,
      after: after.filter((before) => before !== undefined),
      exclusive: entry.type === "INDEX" ? [] : tables,
      shared: entry.type === "INDEX" ? tables : [],
    }));
  });
}

/** Hands out steps as soon as what they wait for is done and nobody is at their tables. Pure: it runs nothing. */
export class ReadyQueue {
  readonly #waiting: ParallelStep[];
  readonly #running = new Set<ParallelStep>();
  readonly #pending: Set<number>;

  /** Tables whose rows are not there yet; undefined when all rows are there. */
  #loading: Set<number> | undefined;

  /** @param loading dumpIds of tables that are still being loaded. */
  constructor(steps: readonly ParallelStep[], loading?: Iterable<number>) {
    this.#loading = loading === undefined ? undefined : new Set(loading);
    this.#waiting = [...steps];
    this.#pending = new Set(steps.map(({ id }) => id));
  }

  /** A table's rows are there: what concerns no table but such may begin. */
  loaded(table: number): void {
    this.#loading?.delete(table);
  }

  allLoaded(): void {
    this.#loading = undefined;
  }

  /** Nothing waits and nothing runs. */
  get isDone(): boolean {
    return this.#pending.size === 0;
  }

  /** A step to start, or undefined when one of the running ones must be done first. */
  next(): ParallelStep | undefined {
    const index = this.#waiting.findIndex((step) => this.#isReady(step));
    const [step] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (step !== undefined) this.#running.add(step);
    return step;
  }

  done(step: ParallelStep): void {
    this.#running.delete(step);
    this.#pending.delete(step.id);
  }

  #waitsForRows({ exclusive, shared }: ParallelStep): boolean {
    const loading = this.#loading;
    if (loading === undefined) return false;
    const tables = [...exclusive, ...shared];
    return tables.length === 0 || tables.some((table) => loading.has(table));
  }

  #isReady(step: ParallelStep): boolean {
    if (step.after.some((before) => this.#pending.has(before)) || this.#waitsForRows(step)) return false;
    return [...this.#running].every((other) => {
      const theirs = new Set([...other.exclusive, ...other.shared]);
      const exclusive = new Set(other.exclusive);
      return !step.exclusive.some((table) => theirs.has(table)) && !step.shared.some((table) => exclusive.has(table));
    });
  }
}
