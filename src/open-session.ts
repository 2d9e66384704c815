// The session: text in, events out. Reads statements, decides who carries each of them out, and turns every failure
// into one event.
import { parse, type OurStatement, type Parsed, type Statement } from "../grammar/index.ts";
import { isSameDirectory, type ConnectionSettings } from "./connection/settings.ts";
import { complaintOf, factsOf, firstWord, movedBy, verbOf, warningOf, withNearestHead } from "./diagnostics.ts";
import type { Execution } from "./delegation/delegation.ts";
import { requireCopyStreams } from "./engines/copy-streams.ts";
import type { Engine, EngineDescription } from "./engines/engine.ts";
import type { Environment } from "./environment.ts";
import { asShellError, ShellError } from "./errors.ts";
import type { Events, Row } from "./events.ts";
import { JobRegistry } from "./jobs/registry.ts";
import type { LastLoadErrors } from "./loads/load-errors.ts";
import { PLAN_COLUMNS, planRow } from "./plan/explain.ts";
import type { Planned } from "./execute.ts";
import { loadExecutor } from "./execute-lazily.ts";
import { LastCounts } from "./session-counts.ts";
import { withNearestObject } from "./engines/nearest-object.ts";
import { dialectOf } from "./session-dialect.ts";
import { openAsking } from "./open-asking.ts";
import type { World } from "./open-world.ts";
import { Reading } from "./plan/reading.ts";
import { endedJob, JOB_WAITED_FOR, interrupted, isLost, settledJob, withoutResult } from "./session-events.ts";
import { refuseWrites, writesAmong } from "./open-read-only.ts";
import type { ExecuteOptions, Session, StatementFacts } from "./session.ts";

/** Kinds that the executor hands to the server itself, after it has read and checked them. */
const CHECKED_FIRST: ReadonlySet<string> = new Set(["unload", "copy", "copy-job", "template"]);

export class LiveSession implements Session {
  #settings: ConnectionSettings;
  readonly #world: World;
  readonly detached: JobRegistry;
  readonly loadErrors: LastLoadErrors = { kept: [] };
  readonly #counts = new LastCounts();
  #engine: Promise<Engine> | undefined;
  #connected: Engine | undefined;
  #execution: Execution = "auto";

  constructor(settings: ConnectionSettings, world: World) {
    this.#settings = settings;
    this.#world = world;
    this.detached = new JobRegistry(() => world.now());
  }

  get settings(): ConnectionSettings {
    return this.#settings;
  }

  describe(): EngineDescription | undefined {
    return this.#connected?.description;
  }

  get transaction(): "idle" | "open" | "failed" {
    return this.#connected?.transaction ?? "idle";
  }

  async connect(signal?: AbortSignal): Promise<EngineDescription> {
    return (await this.#open(signal)).description;
  }

  async connectTo(settings: ConnectionSettings, signal?: AbortSignal): Promise<EngineDescription> {
    // An embedded directory can be open once, so it is closed first.
    if (isSameDirectory(settings, this.#settings)) await this.#leave();
    const engine = await this.#begin(settings, signal);
    await this.#connected?.[Symbol.asyncDispose]();
    this.#connected = engine;
    this.#engine = Promise.resolve(engine);
    return engine.description;
  }

  async #open(signal?: AbortSignal): Promise<Engine> {
    this.#engine ??= this.#begin(this.#settings, signal);
    try {
      this.#connected = await this.#engine;
      return this.#connected;
    } catch (thrown) {
      this.#engine = undefined;
      throw thrown;
    }
  }

  #begin(settings: ConnectionSettings, signal: AbortSignal | undefined): Promise<Engine> {
    return openAsking(this.#world, settings, { signal, opened: (used) => void (this.#settings = used) });
  }

  #environment(): Environment {
    return { ...this.#world, engine: async () => this.#open() };
  }

  async *execute(text: string, options: ExecuteOptions = {}): Events {
    yield* this.detached.takeEnded().map(endedJob);
    try {
      yield* this.#execute(text, options);
    } catch (thrown) {
      const error = options.signal?.aborted === true ? interrupted(thrown) : asShellError(thrown);
      // A connection that is gone stays gone; the next statement opens another. What is wrong with it is known already.
      if (isLost(error)) this.#leave().catch(() => undefined);
      yield { type: "failed", error };
    }
  }

  async *#execute(text: string, options: ExecuteOptions): Events {
    const { statements, diagnostics } = this.#parse(text);
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity === "error") throw complaintOf(diagnostic);
      yield warningOf(diagnostic);
    }
    if (this.#world.readOnly === true) refuseWrites(statements);
    // Texts of several statements for the database go to it as one, so that they are one transaction as psql's -c.
    if (statements.every((statement) => statement.kind === "passthrough")) {
      yield* this.#passThrough(text, 0, options);
      return;
    }
    for (const statement of statements) yield* this.#one(statement, text, options);
  }

  async *#one(statement: Statement, text: string, options: ExecuteOptions): Events {
    const { kind, span } = statement;
    const own = text.slice(span.start, span.end);
    switch (kind) {
      case "passthrough":
        return yield* this.#passThrough(own, span.start, options);
      case "explain":
        return yield* this.#explain(statement.statement, options.signal);
      case "set-execution":
        this.#execution = statement.value;
        return yield { type: "finished", tag: "SET", elapsedMs: 0 };
      case "show-execution":
        yield { type: "columns", columns: [{ name: "execution", kind: "text" }] };
        yield { type: "rows", rows: [[this.#execution]] };
        return yield { type: "finished", tag: "SHOW", elapsedMs: 0 };
      default:
        if (await this.#passes(statement, options.signal)) return yield* this.#passThrough(own, span.start, options);
        return yield* this.#perform(statement, text, options);
    }
  }

  /** Whether the statement goes to the database unread. */
  async #passes(statement: OurStatement, signal: AbortSignal | undefined): Promise<boolean> {
    if (!CHECKED_FIRST.has(statement.kind)) return this.#delegates(statement);
    if (this.#execution !== "server") return false;
    return !(await this.#open(signal)).capabilities.delegates.has(statement.kind);
  }

  /** Whether the database carries the statement out itself. */
  #delegates(statement: OurStatement): boolean {
    if (this.#execution !== "auto") return this.#execution === "server";
    // A session that needed no database so far does not open one to ask.
    const expected = dialectOf(this) === "redshift" && CHECKED_FIRST.has(statement.kind);
    return this.#connected?.capabilities.delegates.has(statement.kind) ?? expected;
  }

  get #serverName(): string {
    return this.#connected?.description.name ?? (dialectOf(this) === "redshift" ? "redshift" : this.#settings.kind);
  }

  #parse(text: string): Parsed {
    return parse(text, { dialect: dialectOf(this) });
  }

  async #planOf(statement: OurStatement): Promise<Planned> {
    const { planStatement } = await loadExecutor();
    const backslashEscapes = dialectOf(this) === "redshift";
    return planStatement(statement, new Reading(this.#world.secrets), { backslashEscapes });
  }

  async *#passThrough(text: string, offset: number, options: ExecuteOptions): Events {
    const engine = await this.#open(options.signal);
    const counts = engine.capabilities.delegates.has("copy") ? undefined : this.#counts.answer(text);
    if (counts !== undefined) return yield* counts;
    yield { type: "started", statement: text, verb: firstWord(text), ours: false };
    try {
      yield* engine.run(text, options);
    } catch (thrown) {
      const error = withNearestHead(asShellError(thrown), this.#parse(text).statements, text);
      throw movedBy(await withNearestObject(error, engine), offset);
    }
  }

  async *#perform(statement: OurStatement, source: string, options: ExecuteOptions): Events {
    const planned = await this.#planOf(statement);
    const { describeStatement } = await loadExecutor();
    const [description, verb] = [describeStatement(statement), verbOf(statement)];
    yield { type: "started", statement: description, verb, ours: true };
    const jobId = this.#world.newJobId();
    const signal = options.signal ?? new AbortController().signal;
    const environment = this.#environment();
    const context = { jobs: this.detached, jobId, loadErrors: this.loadErrors, execution: this.#execution, source };
    if (planned.needsCopyStreams !== undefined) requireCopyStreams(await this.#open(signal), planned.needsCopyStreams);
    if (planned.detached === undefined) {
      return yield* this.#counts.keep(statement.kind, planned.perform({ ...context, environment, signal }));
    }
    const engine = await this.#open(signal);
    if (!engine.capabilities.parallel) {
      yield JOB_WAITED_FOR;
      yield* withoutResult(planned.perform({ ...context, environment, signal }));
    } else {
      const own = await engine.openDatabase(engine.description.database);
      const beside = { ...environment, engine: async () => Promise.resolve(own) };
      this.detached.start({ id: jobId, type: planned.detached, description }, async function* (stop) {
        await using _ = own;
        const inside = { ...context, jobs: new JobRegistry(() => new Date()) };
        yield* planned.perform({ ...inside, environment: beside, signal: stop });
      });
    }
    yield { type: "columns", columns: [{ name: "job_id", kind: "text" }] };
    yield { type: "rows", rows: [[jobId]] };
    yield { type: "finished", tag: planned.detached, elapsedMs: 0 };
  }

  async *#explain(statement: OurStatement, signal: AbortSignal | undefined): Events {
    const { describeStatement } = await loadExecutor();
    yield { type: "started", statement: `EXPLAIN ${describeStatement(statement)}`, verb: "EXPLAIN", ours: true };
    // Who is connected decides, and these need a connection anyway.
    if (CHECKED_FIRST.has(statement.kind) && this.#execution === "auto") await this.#open(signal);
    yield { type: "columns", columns: PLAN_COLUMNS };
    yield { type: "rows", rows: [await this.#planRow(statement)] };
    yield { type: "finished", tag: "EXPLAIN", elapsedMs: 0 };
  }

  async #planRow(statement: OurStatement): Promise<Row> {
    const { describeStatement } = await loadExecutor();
    const server = this.#delegates(statement);
    if (statement.kind !== "set-execution" && statement.kind !== "show-execution") {
      const planned = !server || CHECKED_FIRST.has(statement.kind) ? await this.#planOf(statement) : undefined;
      if (server && this.#serverName === "redshift") planned?.checkOnServer?.(this.#execution);
    }
    return planRow(describeStatement(statement), server ? this.#serverName : "sealift");
  }

  async *plan(text: string): Events {
    try {
      const { statements, diagnostics } = this.#parse(text);
      const failure = diagnostics.find((diagnostic) => diagnostic.severity === "error");
      if (failure !== undefined) throw complaintOf(failure);
      yield { type: "columns", columns: PLAN_COLUMNS };
      for (const statement of statements) {
        const inner = statement.kind === "explain" ? statement.statement : statement;
        const row =
          inner.kind === "passthrough" ? planRow(firstWord(inner.text), this.#serverName) : await this.#planRow(inner);
        yield { type: "rows", rows: [row] };
      }
      yield { type: "finished", tag: "EXPLAIN", elapsedMs: 0 };
    } catch (thrown) {
      yield { type: "failed", error: asShellError(thrown) };
    }
  }

  async check(text: string): Promise<readonly ShellError[]> {
    const { statements, diagnostics } = this.#parse(text);
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(complaintOf);
    if (this.#world.readOnly === true) errors.push(...writesAmong(statements));
    for (const statement of statements) {
      const inner = statement.kind === "explain" ? statement.statement : statement;
      if (inner.kind === "passthrough" || inner.kind === "set-execution" || inner.kind === "show-execution") continue;
      try {
        await this.#planOf(inner);
      } catch (thrown) {
        const error = asShellError(thrown);
        // A variable may get its value while the script runs.
        if (error.code !== "shell/variable") errors.push(error);
      }
    }
    return errors;
  }

  classify(text: string): StatementFacts {
    return factsOf(this.#parse(text).statements[0], text);
  }

  async rows(sql: string, parameters?: readonly (string | null)[]): Promise<readonly (readonly (string | null)[])[]> {
    return (await this.#open()).rows(sql, parameters);
  }

  async describeQuery(query: string): ReturnType<Session["describeQuery"]> {
    return (await this.#open()).describeQuery(query);
  }

  async *settle(): Events {
    await this.detached.waitForAll();
    for (const job of this.detached.takeEnded()) yield* settledJob(job);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detached.waitForAll();
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const [opening, connected] = [this.#engine, this.#connected];
    [this.#engine, this.#connected] = [undefined, undefined];
    // One that is only being opened would hold its directory for good.
    const late = this.#settings.kind === "embedded" ? await opening?.catch(() => undefined) : undefined;
    await (connected ?? late)?.[Symbol.asyncDispose]();
  }
}
