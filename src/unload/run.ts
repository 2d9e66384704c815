// UNLOAD's recipe. The order of its steps is the safety argument: every key has wrapped and the server has begun to
// answer before anything is deleted or written; ENCRYPTION_INFO is there before data, data before the manifest.
import { asShellError, type ShellError } from "../errors.ts";
import type { Engine } from "../engines/engine.ts";
import type { Environment } from "../environment.ts";
import type { Column, Event, Events } from "../events.ts";
import type { RowBlock } from "../formats/rows.ts";
import { baseTypeOf, type SourceColumn } from "../formats/source-column.ts";
import { splitPrefix, type PrefixLocation } from "../location-prefix.ts";
import type { PlanWarning } from "../plan/clauses.ts";
import { checkResultColumns } from "../plan/result-columns.ts";
import { inStatement } from "../plan/query.ts";
import type { UnloadPlan } from "../plan/unload-plan.ts";
import { streamOf, utf8 } from "../std/bytes.ts";
import { takeBackLeftovers } from "../storage/leftovers.ts";
import type { ObjectStore } from "../storage/store.ts";
import { deleteAll, refuseTaken } from "./destination.ts";
import { openExport, type OpenExport } from "./export.ts";
import { unloadManifest } from "./files-manifest.ts";
import { unloadLeftovers, unloadNames, type UnloadNames } from "./names.ts";
import { UnloadQuery } from "./query.ts";
import type { TableScan } from "./table-scan.ts";
import { openSeal, writeUnloadInfo, type OpenSeal } from "./seal.ts";
import { OwnObjects } from "./own-objects.ts";
import type { WrittenFile } from "./series.ts";
import { lossWarnings } from "./warnings.ts";

export interface UnloadJob {
  readonly jobId: string;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 100;

export const RESULT: readonly Column[] = [
  { name: "rows", kind: "number" },
  { name: "files", kind: "number" },
  { name: "bytes", kind: "number" },
  { name: "stored_bytes", kind: "number" },
  { name: "manifest", kind: "text" },
];

/** Carries a plan out; takes back what it wrote when it fails. Throws what the engine, the store and the keys throw. */
export async function* runUnload(plan: UnloadPlan, environment: Environment, { jobId, signal }: UnloadJob): Events {
  const started = performance.now();
  const engine = await environment.engine();
  yield* plan.warnings.map(warning);
  const place = splitPrefix(plan.target);
  await using store = await environment.openStore(place.folder);
  if (plan.existing === "refuse") await refuseTaken(store, place.prefix, plan.places.target, signal);
  yield* await takeBackLeftovers(store, unloadLeftovers(place.prefix), signal);
  yield { type: "phase", jobId, verb: "UNLOAD", phase: "keys", facts: { encryption: plan.encryption.type } };
  using seal = await openSeal(plan.encryption, environment, signal);
  await using query = await openQuery(engine, plan, signal);
  checkColumns(plan, query.columns);
  const { shown, keys } = partColumns(plan, query.columns);
  yield* lossWarnings(plan.format, at(query.columns, shown)).map(warning);
  const unload = new Unload(plan, store, { names: unloadNames(place.prefix, plan), place, seal, signal });
  const opened = await inClause(plan, () =>
    unload.openExport(at(query.columns, shown), at(query.columns, keys), environment.connectionsMax),
  );
  const { sink } = opened;
  await using scan =
    plan.parallel && keys.length === 0 ? await query.openTableScan(environment.connectionsMax) : undefined;
  const rows = (stop: AbortSignal): AsyncIterable<RowBlock> =>
    scan?.rows(stop) ?? (keys.length === 0 ? query.rows(stop) : query.partitionedRows(shown, keys, stop));
  yield { type: "phase", jobId, verb: "UNLOAD", phase: "export", facts: {} };
  const progress = (): Event => progressOf(opened, scan, jobId);
  try {
    yield* exportRows(opened, rows, progress);
    const files = await sink.finish();
    signal.throwIfAborted();
    yield progress();
    const manifest = await unload.complete(files, query.columns);
    yield* unload.notices(opened);
    const cells = [sink.rows, files.length, sink.bytes, sink.storedBytes].map(String);
    yield { type: "columns", columns: RESULT };
    yield { type: "rows", rows: [[...cells, manifest]] };
    yield {
      type: "finished",
      tag: "UNLOAD",
      elapsedMs: performance.now() - started,
      summary: { rows: Number(sink.rows), files: files.length, stored_bytes: Number(sink.storedBytes) },
    };
  } catch (thrown) {
    throw blame(plan, inStatement(await unload.takeBack(opened, thrown), plan.queryPlace));
  }
}

/** A value or a clause that the format has no room for is shown at the format. */
function blame({ places }: UnloadPlan, error: ShellError): ShellError {
  const isFormat = error.code === "option/value" && error.span === undefined && places.format !== undefined;
  return isFormat ? error.with({ span: places.format }) : error;
}

async function inClause<T>(plan: UnloadPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw blame(plan, asShellError(thrown));
  }
}

/** What the database says of the query is said of its place in the statement. */
async function openQuery(engine: Engine, plan: UnloadPlan, signal: AbortSignal): Promise<UnloadQuery> {
  try {
    return await UnloadQuery.open(engine, plan.query, signal);
  } catch (thrown) {
    throw inStatement(asShellError(thrown), plan.queryPlace).with({ note: "nothing was written" });
  }
}

async function* exportRows(
  opened: OpenExport,
  rows: Parameters<OpenExport["write"]>[0],
  progress: () => Event,
): Events {
  let told = performance.now();
  for await (const _ of opened.write(rows)) {
    if (performance.now() - told < PROGRESS_EVERY_MS) continue;
    told = performance.now();
    yield progress();
  }
}

/** Only of a whole table it is known how much there is. */
function progressOf({ sink }: OpenExport, scan: TableScan | undefined, jobId: string): Event {
  const { progress: done, active } = sink;
  const head = { type: "progress", jobId, verb: "UNLOAD", phase: "export", active } as const;
  return scan === undefined
    ? { ...head, done }
    : { ...head, done: { ...done, share: scan.share }, total: { share: 1 } };
}

interface UnloadParts {
  readonly names: UnloadNames;
  readonly place: PrefixLocation;
  readonly seal: OpenSeal | undefined;
  readonly signal: AbortSignal;
}

/** What is written besides data, and what can be said of it afterwards. */
class Unload {
  readonly #plan: UnloadPlan;
  readonly #objects: OwnObjects;
  readonly #parts: UnloadParts;
  #deleted = 0;
  #isInfoWritten = false;

  constructor(plan: UnloadPlan, store: ObjectStore, parts: UnloadParts) {
    this.#plan = plan;
    this.#objects = new OwnObjects(store);
    this.#parts = parts;
  }

  openExport(columns: readonly SourceColumn[], keys: readonly SourceColumn[], jobs: number): Promise<OpenExport> {
    const { compression, existing, format, fileBytesMax, parallel } = this.#plan;
    const { names, seal, signal } = this.#parts;
    const sink = {
      names,
      upload: { objects: this.#objects, compression, seal: seal?.seal, ifAbsent: existing !== "overwrite", signal },
      fileBytesMax,
      beforeFolder: async (folder: string) => {
        await this.deleteFirst(folder);
        await this.#writeInfo();
      },
    };
    return openExport({ columns, keys, format, compression, parallel, jobs, signal, sink });
  }

  /** CLEANPATH: with PARTITION BY only in folders that get files. */
  async deleteFirst(folder: string): Promise<void> {
    if (this.#plan.existing !== "delete-first" || (this.#plan.partition !== undefined && folder === "")) return;
    this.#deleted += await deleteAll(this.#objects.store, this.#parts.names.root + folder, this.#parts.signal);
  }

  /** What is left to do once the data is stored. Gives the manifest's URL, if there is one. */
  async complete(files: readonly WrittenFile[], columns: readonly SourceColumn[]): Promise<string | null> {
    const { manifest, existing } = this.#plan;
    const { names, place, seal, signal } = this.#parts;
    if (files.length === 0) await this.deleteFirst("");
    if (files.length === 0 || manifest === "none") return null;
    const text = unloadManifest({ place, files, columns, isVerbose: manifest === "verbose", seal: seal?.seal });
    await this.#objects.put(names.manifest, streamOf(utf8(text)), { ifAbsent: existing === "refuse", signal });
    return place.urlOf(names.manifest);
  }

  *notices({ sink, nullLookalikes }: OpenExport): Generator<Event> {
    if (this.#deleted > 0) {
      yield { type: "notice", severity: "INFO", message: `CLEANPATH deleted ${this.#deleted} object(s) first` };
    }
    if (nullLookalikes > 0) {
      yield warning({
        message: `${nullLookalikes} value(s) look like the text of NULL AS and will be read as NULL`,
        hint: "choose a text for NULL AS that no value has",
      });
    }
    if (sink.rows === 0n) yield { type: "notice", severity: "INFO", message: "no rows, so no files were written" };
    const message = `UNLOAD completed, ${sink.rows} record(s) unloaded successfully.`;
    yield { type: "notice", severity: "INFO", message };
  }

  /** Deletes what was written; the error then says what stays. */
  async takeBack({ sink }: OpenExport, thrown: unknown): Promise<ShellError> {
    const error = asShellError(thrown);
    await sink.abandon();
    const left = await this.#objects.discard();
    const gone = this.#deleted === 0 ? "" : `; CLEANPATH had deleted ${this.#deleted} object(s) already`;
    const replaced = this.#plan.existing === "overwrite" ? "; files that it had replaced are gone" : "";
    if (left.length === 0) return error.with({ note: `no file of this UNLOAD stays${gone}${replaced}` });
    const shown = left.slice(0, 3).join(", ");
    return error.with({ note: `${left.length} objects could not be deleted: ${shown}${gone}${replaced}` });
  }

  /** Once, before the first data file: without rows nothing is left behind. */
  async #writeInfo(): Promise<void> {
    const info = this.#parts.seal?.info;
    if (info === undefined || this.#isInfoWritten) return;
    this.#isInfoWritten = true;
    await writeUnloadInfo(this.#objects, this.#parts.names.root, info, this.#parts.signal);
  }
}

function checkColumns(plan: UnloadPlan, columns: readonly SourceColumn[]): void {
  checkResultColumns(
    plan,
    columns.map((column) => ({ name: column.name, type: baseTypeOf(column) })),
  );
}

/** Places of the columns that files hold, and of those that name folders. */
function partColumns(
  { partition }: UnloadPlan,
  columns: readonly SourceColumn[],
): { readonly shown: readonly number[]; readonly keys: readonly number[] } {
  const keys = (partition?.columns ?? []).map((name) => columns.findIndex((column) => column.name === name));
  const all = columns.map((_, index) => index);
  return { shown: partition?.include === false ? all.filter((index) => !keys.includes(index)) : all, keys };
}

function at(columns: readonly SourceColumn[], places: readonly number[]): readonly SourceColumn[] {
  return places.flatMap((place) => columns[place] ?? []);
}

function warning({ message, hint }: PlanWarning): Event {
  return { type: "notice", severity: "WARNING", message, ...(hint === undefined ? {} : { hint }) };
}
