// COPY on a database that cannot read storage itself: one transaction, in which every file is read, checked and loaded.
import type { Engine } from "../engines/engine.ts";
import { quoteTable } from "../engines/sql.ts";
import type { Environment } from "../environment.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Event, Events, Phase } from "../events.ts";
import type { BinaryBlock, TextBlock } from "../formats/columns/row-writer.ts";
import type { DocumentMapping } from "../formats/readers/documents.ts";
import { parseJsonPaths } from "../formats/readers/json-paths.ts";
import { splitPrefix } from "../location-prefix.ts";
import type { CopyConversion, CopyFormat, CopyPlan, CopySource } from "../plan/copy-plan.ts";
import { readAll, textOf, type ByteStream } from "../std/bytes.ts";
import { ticking } from "../std/ticking.ts";
import { ActiveFiles } from "./active-files.ts";
import { BatchLoader } from "./batch-loader.ts";
import { doneNotices, fileNotices, firstNotices } from "./copy-notices.ts";
import { FileKeys } from "./file-keys.ts";
import { locateFiles, OpenStores, type LoadFile } from "./files.ts";
import { LoadErrors, type LastLoadErrors } from "./load-errors.ts";
import { proveUnchanged, readEither, type OpenFile } from "./open-file.ts";
import { textOfBinary, type StreamedFormat } from "./convert.ts";
import { readRows, type LoadProgress, type RowsOptions } from "./rows.ts";
import { openFiles } from "./open-files.ts";
import { readTarget, type LoadTarget } from "./target.ts";

export interface CopyContext {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly loadErrors: LastLoadErrors;
}

/**
 * Loads what the plan says, or nothing.
 * @throws ShellError `load/*`, `storage/*`, `key/*`, `integrity/*`, `engine/*`
 */
export async function* performLoad(plan: CopyPlan, environment: Environment, context: CopyContext): Events {
  try {
    yield* loadFiles(plan, environment, context);
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.note === undefined ? error.with({ note: "nothing was loaded" }) : error;
  }
}

async function* loadFiles(plan: CopyPlan, environment: Environment, context: CopyContext): Events {
  const started = performance.now();
  context.loadErrors.kept = [];
  yield* firstNotices(plan);
  const engine = await environment.engine();
  const target = await readTarget(engine, { ...plan, explicitIds: plan.conversion.explicitIds });
  checkWidths(plan, target);
  await using stores = new OpenStores(environment);
  await using keys = new FileKeys(plan.encryption, environment, context.signal);
  const { signal } = context;
  const readManifest = (file: LoadFile): ByteStream => readEither(file, keys, signal);
  const phase = (name: Phase, facts: Readonly<Record<string, string | number>> = {}): Event => {
    return { type: "phase", jobId: context.jobId, verb: "COPY", phase: name, facts };
  };
  yield phase("list");
  const located = await locateFiles(filesOf(plan.source), { stores, readManifest, signal });
  const bytes = located.files.reduce((sum, file) => sum + file.bytes, 0);
  yield phase("keys", { files: located.files.length, bytes, encryption: plan.encryption.type });
  const files = yield* openFiles(located, keys, context);
  yield* fileNotices(located, keys);
  const limit = plan.load.errorsMax === "all" ? Number.POSITIVE_INFINITY : Math.max(1, plan.load.errorsMax);
  const tolerance = plan.format.type === "parquet" ? "none" : "MAXERROR";
  const errors = new LoadErrors({ table: target.name, startedAt: environment.now(), limit, tolerance });
  const mapping = await readMapping(plan, stores, signal);
  const jobs = environment.connectionsMax;
  try {
    const load = new Load(plan, { engine, target, files, mapping, errors, context, jobs });
    yield* load.run();
    yield* load.report();
    const { rows } = load;
    const summary = { rows: String(rows), files: files.length, refused: errors.count };
    yield { type: "finished", tag: `COPY ${rows}`, elapsedMs: performance.now() - started, summary };
  } finally {
    context.loadErrors.kept = errors.kept;
  }
}

/** Every row would be refused otherwise. */
function checkWidths({ format, conversion }: CopyPlan, { columns }: LoadTarget): void {
  if (format.type !== "fixed-width") return;
  const [given, wanted] = [format.columns.length, columns.length];
  if (given === wanted || (given < wanted && conversion.fillRecord)) return;
  throw new ShellError(
    "option/value",
    `FIXEDWIDTH has ${given} columns, and the table or the column list has ${wanted}`,
    {
      hint: given < wanted ? "add the missing widths, a column list, or FILLRECORD" : "give a width for each column",
      note: "nothing was loaded",
    },
  );
}

function filesOf(source: CopySource): Extract<CopySource, { type: "prefix" | "manifest" }> {
  if (source.type === "prefix" || source.type === "manifest") return source;
  throw new ShellError("bug/invariant", `${source.type} sources are refused before`);
}

async function readMapping({ format }: CopyPlan, stores: OpenStores, signal: AbortSignal): Promise<DocumentMapping> {
  if (format.type !== "json" && format.type !== "avro") return { type: "whole" };
  if (format.mapping.type !== "paths") return format.mapping;
  const { location } = format.mapping;
  const { folder, prefix } = splitPrefix(location);
  const store = await stores.open(folder);
  const paths = parseJsonPaths(textOf(await readAll(await store.get(prefix, { signal }))), location.label);
  return paths === undefined ? { type: "names", ignoreCase: false } : { type: "paths", paths };
}

const UNPROVABLE =
  "it was decrypted first: without a manifest that has its HMAC, another key or a changed file looks the same";

function isUnprovable({ file, sealed }: OpenFile): boolean {
  return sealed !== undefined && file.entry?.hmac === undefined;
}

interface LoadParts {
  readonly engine: Engine;
  readonly target: LoadTarget;
  readonly files: readonly OpenFile[];
  readonly mapping: DocumentMapping;
  readonly errors: LoadErrors;
  readonly context: CopyContext;
  /** Worker threads. */
  readonly jobs: number;
}

/** Formats with types of their own bring dates in one form, which is not the text files' default. */
function conversionOf({ conversion, format, stated }: CopyPlan): CopyConversion {
  if (format.type !== "parquet" && format.type !== "avro") return conversion;
  return {
    ...conversion,
    ...(stated.has("DATEFORMAT") ? {} : { dateFormat: "auto" }),
    ...(stated.has("TIMEFORMAT") ? {} : { timeFormat: "auto" }),
  };
}

/** Where the parts of documents go is read beforehand: what is left of the format is the statement's own words. */
function formatOf({ format }: CopyPlan): StreamedFormat | Extract<CopyFormat, { type: "parquet" | "orc" }> {
  switch (format.type) {
    case "json":
    case "avro":
      return { type: format.type };
    case "shapefile":
    case "items":
      throw new ShellError("bug/invariant", `${format.type} is refused before`);
    default:
      return format;
  }
}

const SAVEPOINT = "sealift_copy";
/** A batch is large, and its file may be far away. */
const PROGRESS_EVERY_MS = 250;

/** The error with what became of the rows. A COMMIT that is not answered may have been carried out. */
function withNote(error: ShellError, isCommitting: boolean): ShellError {
  const isAnswered = error.code === "engine/failed" && !error.sqlState.startsWith("57P");
  const unknown = "the rows may be loaded or not: the connection was lost while they were being committed";
  return error.with({ note: error.note ?? (isCommitting && !isAnswered ? unknown : "nothing was loaded") });
}

/** The part of a COPY that changes the database. */
class Load {
  rows = 0n;
  readonly #plan: CopyPlan;
  readonly #parts: LoadParts;
  readonly #progress: LoadProgress = {
    files: 0,
    rows: 0n,
    storedBytes: 0n,
    carriageReturns: 0,
    replacements: 0,
    unproven: new Set(),
    active: new ActiveFiles(),
  };

  constructor(plan: CopyPlan, parts: LoadParts) {
    this.#plan = plan;
    this.#parts = parts;
  }

  /** Within the user's transaction when one is open, else in one of its own. */
  async *run(): Events {
    const { engine, files, context } = this.#parts;
    const { jobId } = context;
    const isNested = engine.transaction !== "idle";
    const facts = { files: files.length, bytes: String(this.#totalBytes) };
    yield { type: "phase", jobId, verb: "COPY", phase: "load", facts };
    await this.#execute(isNested ? `SAVEPOINT ${SAVEPOINT}` : "BEGIN");
    let [done, isCommitting] = [false, false];
    try {
      const wasEmpty = await this.#isEmpty();
      yield* this.#rows();
      this.#parts.context.signal.throwIfAborted();
      done = !this.#plan.load.dryRun;
      if (done) yield { type: "phase", jobId, verb: "COPY", phase: "commit", facts: {} };
      if (done && this.#wantsStatistics(wasEmpty)) await this.#execute(`ANALYZE ${quoteTable(this.#parts.target)}`);
      isCommitting = done && !isNested;
      if (done) await this.#execute(isNested ? `RELEASE SAVEPOINT ${SAVEPOINT}` : "COMMIT");
    } catch (thrown) {
      done = false;
      throw withNote(await this.#blame(thrown), isCommitting);
    } finally {
      if (!done) await this.#rollBack(isNested);
    }
  }

  /** Content that cannot be loaded may be so because somebody changed it, which is then the better reason. */
  async #blame(thrown: unknown): Promise<ShellError> {
    const error = asShellError(thrown);
    if (error.code !== "load/file" && error.code !== "load/rows") return error;
    try {
      await proveUnchanged(this.#progress.unproven, this.#parts.context.signal);
      const isUnsure = error.code === "load/file" && this.#parts.files.some(isUnprovable);
      return isUnsure ? error.with({ detail: [...error.detail, UNPROVABLE] }) : error;
    } catch (changed) {
      return asShellError(changed).with({ cause: error });
    }
  }

  async *#rows(): Events {
    const { engine, target, files, errors, context, jobs } = this.#parts;
    const { signal, jobId } = context;
    const isTolerant = this.#plan.load.errorsMax === "all" || this.#plan.load.errorsMax > 1;
    const recipe = this.#recipe();
    const { format } = recipe;
    const asText = (block: BinaryBlock): readonly TextBlock[] => {
      if ("serializeToJson" in format) throw new ShellError("bug/invariant", "PARQUET rows go as text");
      return textOfBinary(block, { ...recipe, format });
    };
    const loader = new BatchLoader(engine, target, { errors, isTolerant, asText, signal });
    const progress = this.#progress;
    const total = { files: files.length, storedBytes: this.#totalBytes };
    const rows = readRows(files, { recipe, errors, jobs, signal, progress });
    for await (const _ of ticking(loader.load(rows), PROGRESS_EVERY_MS)) {
      this.rows = loader.rows;
      const done = { files: progress.files, rows: progress.rows, storedBytes: progress.storedBytes };
      yield { type: "progress", jobId, verb: "COPY", phase: "load", done, total, active: progress.active.parts(files) };
    }
  }

  get #totalBytes(): bigint {
    return BigInt(this.#parts.files.reduce((sum, { file }) => sum + file.bytes, 0));
  }

  #recipe(): RowsOptions["recipe"] {
    const { engine, mapping, target } = this.#parts;
    const { compression } = this.#plan;
    const conversion = conversionOf(this.#plan);
    const rowFormat = engine.capabilities.copyBinary && target.takesUtf8 ? "binary" : "text";
    return { format: formatOf(this.#plan), compression, conversion, columns: target.columns, rowFormat, mapping };
  }

  #wantsStatistics(wasEmpty: boolean): boolean {
    return this.#plan.load.statisticsUpdate ?? wasEmpty;
  }

  async #isEmpty(): Promise<boolean> {
    if (this.#plan.load.statisticsUpdate !== undefined || this.#plan.load.dryRun) return false;
    // The size asks for no right to read the table.
    const sql = "SELECT pg_catalog.pg_relation_size(pg_catalog.to_regclass($1)) = 0";
    const { engine, target, context } = this.#parts;
    const [row] = await engine.rows(sql, [quoteTable(target)], context.signal);
    return row?.[0] === "t";
  }

  async #rollBack(isNested: boolean): Promise<void> {
    const { engine } = this.#parts;
    // A connection that is gone has rolled back by itself.
    if (engine.transaction === "idle") return;
    const sql = isNested ? `ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}` : "ROLLBACK";
    await this.#execute(sql).catch(() => undefined);
  }

  async #execute(sql: string): Promise<void> {
    for await (const _ of this.#parts.engine.run(sql)) continue;
  }

  *report(): Generator<Event> {
    const { dryRun } = this.#plan.load;
    const { errors, target } = this.#parts;
    yield* doneNotices(target.name, { ...this.#progress, rows: this.rows, refused: errors.count, dryRun });
    if (dryRun) this.rows = 0n;
  }
}
