// COPY on a database that cannot read storage itself: one transaction, in which every file is read, checked and loaded.
import type { Engine } from "../engines/engine.ts";
import { quoteTable } from "../engines/sql.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Event, Events } from "../events.ts";
import type { BinaryBlock, TextBlock } from "../formats/columns/row-writer.ts";
import type { DocumentMapping } from "../formats/readers/documents.ts";
import { parseJsonPaths } from "../formats/readers/json-paths.ts";
import { splitPrefix } from "../location-prefix.ts";
import type { CopyConversion, CopyFormat, CopyPlan, CopySource } from "../plan/copy-plan.ts";
import { readAll, textOf } from "../std/bytes.ts";
import { BatchLoader } from "./batch-loader.ts";
import { FileKeys } from "./file-keys.ts";
import { locateFiles, OpenStores, type LocatedFiles } from "./files.ts";
import { LoadErrors, type LastLoadErrors } from "./load-errors.ts";
import { checkManifest, prepareFile, type OpenFile } from "./open-file.ts";
import { textOfBinary, type StreamedFormat } from "./convert.ts";
import { readRows, type LoadProgress, type RowsOptions } from "./rows.ts";
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
  const started = performance.now();
  context.loadErrors.kept = [];
  yield* firstNotices(plan);
  const engine = await environment.engine();
  const target = await readTarget(engine, { ...plan, explicitIds: plan.conversion.explicitIds });
  await using stores = new OpenStores(environment);
  await using keys = new FileKeys(plan.encryption, environment, context.signal);
  const located = await locateFiles(filesOf(plan.source), stores, context.signal);
  const files = await openFiles(located, keys, context.signal);
  yield* fileNotices(located, keys);
  const limit = plan.load.errorsMax === "all" ? Number.POSITIVE_INFINITY : Math.max(1, plan.load.errorsMax);
  const errors = new LoadErrors({ table: target.name, startedAt: environment.now(), limit });
  const mapping = await readMapping(plan, stores, context.signal);
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

function filesOf(source: CopySource): Extract<CopySource, { type: "prefix" | "manifest" }> {
  if (source.type === "prefix" || source.type === "manifest") return source;
  throw new ShellError("bug/invariant", `${source.type} sources are refused before`);
}

/** Every file's envelope and key is found before the first row is read. */
async function openFiles(located: LocatedFiles, keys: FileKeys, signal: AbortSignal): Promise<readonly OpenFile[]> {
  const files: OpenFile[] = [];
  for (const file of located.files) files.push(await prepareFile(file, await keys.keyFor(file.keyBase), signal));
  const [first] = located.files;
  if (first !== undefined) checkManifest(located.manifest, await keys.keyFor(first.keyBase));
  return files;
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

function* firstNotices(plan: CopyPlan): Generator<Event> {
  for (const { message, hint } of plan.warnings) {
    yield { type: "notice", severity: "WARNING", message, ...(hint === undefined ? {} : { hint }) };
  }
  const idle = ["COMPROWS", "COMPUPDATE"].filter((name) => plan.stated.has(name));
  if (idle.length > 0) {
    yield notice("NOTICE", `${idle.join(" and ")} choose Redshift's column encodings and change nothing here`);
  }
}

function* fileNotices(located: LocatedFiles, keys: FileKeys): Generator<Event> {
  const { skipped } = located;
  const missing = skipped.filter((file) => file.endsWith(" (missing)"));
  if (missing.length > 0) {
    yield { ...notice("WARNING", `${missing.length} files of the manifest are missing`), detail: missing.join("\n") };
  }
  if (skipped.length > missing.length) {
    yield { ...notice("NOTICE", "manifests among the files were not loaded"), detail: skipped.join("\n") };
  }
  yield* keys.notices;
}

type Notice = Extract<Event, { type: "notice" }>;

function notice(severity: string, message: string): Notice {
  return { type: "notice", severity, message };
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

/** The part of a COPY that changes the database. */
class Load {
  rows = 0n;
  readonly #plan: CopyPlan;
  readonly #parts: LoadParts;
  readonly #progress: LoadProgress = { files: 0, storedBytes: 0n, carriageReturns: 0, replacements: 0 };

  constructor(plan: CopyPlan, parts: LoadParts) {
    this.#plan = plan;
    this.#parts = parts;
  }

  /** Within the user's transaction when one is open, else in one of its own. */
  async *run(): Events {
    const { engine } = this.#parts;
    const isNested = engine.transaction !== "idle";
    await this.#execute(isNested ? `SAVEPOINT ${SAVEPOINT}` : "BEGIN");
    let done = false;
    try {
      const wasEmpty = await this.#isEmpty();
      yield* this.#rows();
      this.#parts.context.signal.throwIfAborted();
      done = !this.#plan.load.dryRun;
      if (done && this.#wantsStatistics(wasEmpty)) await this.#execute(`ANALYZE ${quoteTable(this.#parts.target)}`);
      if (done) await this.#execute(isNested ? `RELEASE SAVEPOINT ${SAVEPOINT}` : "COMMIT");
    } catch (thrown) {
      done = false;
      throw thrown;
    } finally {
      if (!done) await this.#rollBack(isNested);
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
    const totalBytes = BigInt(files.reduce((sum, { file }) => sum + file.bytes, 0));
    const total = { files: files.length, storedBytes: totalBytes };
    const rows = readRows(files, { recipe, errors, jobs, signal, progress });
    for await (const _ of loader.load(rows)) {
      this.rows = loader.rows;
      const done = { files: progress.files, rows: loader.rows, storedBytes: progress.storedBytes };
      yield { type: "progress", jobId, verb: "COPY", phase: "load", done, total };
    }
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
    const [row] = await this.#parts.engine.rows(sql, [quoteTable(this.#parts.target)]);
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

  /** What Redshift says of a load that succeeded. */
  *report(): Generator<Event> {
    const { errors, target } = this.#parts;
    const name = target.name;
    if (this.#progress.carriageReturns > 0) {
      const count = this.#progress.carriageReturns;
      yield notice("WARNING", `lines of ${count} files end in CR LF: the CR was taken as part of the line's end`);
    }
    if (this.#progress.replacements > 0) {
      yield notice(
        "INFO",
        `Load into table '${name}': invalid characters were replaced in ${this.#progress.replacements} values.`,
      );
    }
    if (errors.count > 0) {
      const message = `Load into table '${name}' completed, ${errors.count} record(s) could not be loaded.  Check \\errors for details.`;
      yield notice("INFO", message);
    }
    if (this.#plan.load.dryRun) {
      yield notice(
        "INFO",
        `Load into table '${name}' was checked, ${this.rows} record(s) could be loaded; NOLOAD loads none.`,
      );
      this.rows = 0n;
    } else {
      yield notice("INFO", `Load into table '${name}' completed, ${this.rows} record(s) loaded successfully.`);
    }
  }
}
