import { parse, type Dialect, type Statement } from "../grammar/index.ts";
import { openFirst } from "./connection/open-first.ts";
import type { ConnectionSettings, EmbeddedConnection, HostSettings } from "./connection/settings.ts";
import type { Engine, EngineDescription } from "./engines/engine.ts";
import { asShellError, ShellError } from "./errors.ts";
import type { Event } from "./events.ts";
import { complaintOf } from "./script/complaint.ts";
import type { ExecuteOptions, Session, StatementFacts } from "./session.ts";

export type OurStatement = Exclude<Statement, { kind: "passthrough" }>;

/** What carries out the statements that are ours. */
export interface OurStatements {
  /** Events of one statement, without `failed`: it throws. `engine` connects at the first call. */
  perform(statement: OurStatement, context: StatementContext): AsyncIterable<Event>;
  /** What it would do, as rows. Throws what reading alone can refuse. */
  plan(statement: OurStatement, context: StatementContext): AsyncIterable<Event>;
  /** Throws ShellError with a span for what reading alone can refuse. */
  check(statement: OurStatement): void;
}

export interface StatementContext {
  /** The statement's text: what spans point into, and what an engine is given that carries it out itself. */
  readonly text: string;
  readonly engine: () => Promise<Engine>;
  readonly options: ExecuteOptions;
}

export interface Openers {
  readonly postgres: (settings: HostSettings) => Promise<Engine>;
  readonly embedded: (settings: EmbeddedConnection) => Promise<Engine>;
}

export interface DatabaseSessionParts {
  readonly settings: ConnectionSettings;
  readonly open: Openers;
  readonly ours: OurStatements;
}

/** A session over at most one engine at a time, opened when something needs it. */
export class DatabaseSession implements Session {
  readonly #open: Openers;
  readonly #ours: OurStatements;
  #settings: ConnectionSettings;
  #engine: Promise<Engine> | undefined;
  #opened: Engine | undefined;

  constructor(parts: DatabaseSessionParts) {
    this.#settings = parts.settings;
    this.#open = parts.open;
    this.#ours = parts.ours;
  }

  get settings(): ConnectionSettings {
    return this.#settings;
  }

  get transaction(): Session["transaction"] {
    return this.#opened?.transaction ?? "idle";
  }

  describe(): EngineDescription | undefined {
    return this.#opened?.description;
  }

  async connect(): Promise<EngineDescription> {
    return (await this.#connected()).description;
  }

  async connectTo(settings: ConnectionSettings): Promise<EngineDescription> {
    const before = this.#opened;
    // One directory can be open once, so the old one is closed first when both are embedded.
    if (settings.kind === "embedded") await before?.[Symbol.asyncDispose]();
    const engine = await this.#openEngine(settings);
    if (settings.kind !== "embedded") await before?.[Symbol.asyncDispose]();
    this.#settings = settings;
    this.#opened = engine;
    this.#engine = Promise.resolve(engine);
    return engine.description;
  }

  async *execute(text: string, options: ExecuteOptions = {}): AsyncIterable<Event> {
    yield* told(() => this.#execute(text, options));
  }

  async *plan(text: string, signal?: AbortSignal): AsyncIterable<Event> {
    const context = this.#context(text, signal === undefined ? {} : { signal });
    yield* told(() => this.#plan(text, context));
  }

  check(text: string): readonly ShellError[] {
    const { statements, diagnostics } = this.#parse(text);
    const complaints = diagnostics.filter(({ severity }) => severity === "error").map(complaintOf);
    for (const statement of statements) {
      if (statement.kind === "passthrough") continue;
      try {
        this.#ours.check(statement);
      } catch (thrown) {
        complaints.push(asShellError(thrown));
      }
    }
    return complaints;
  }

  classify(text: string): StatementFacts {
    const verb = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "";
    const { statements, diagnostics } = this.#parse(text);
    return { verb, ours: diagnostics.length > 0 || statements.some(({ kind }) => kind !== "passthrough") };
  }

  async rows(sql: string, parameters?: readonly (string | null)[]): ReturnType<Engine["rows"]> {
    return (await this.#connected()).rows(sql, parameters);
  }

  /** There are no detached jobs without statements of ours. */
  async *settle(): AsyncIterable<Event> {
    yield* [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.[Symbol.asyncDispose]();
    this.#opened = undefined;
  }

  #parse(text: string): ReturnType<typeof parse> {
    const name = this.#opened?.description.name;
    const dialect: Dialect = name === "redshift" || name === "cockroach" ? name : "postgres";
    return parse(text, { dialect });
  }

  #context(text: string, options: ExecuteOptions): StatementContext {
    return { text, options, engine: () => this.#connected() };
  }

  async *#execute(text: string, options: ExecuteOptions): AsyncIterable<Event> {
    const { statements, diagnostics } = this.#parse(text);
    const complaint = diagnostics.find(({ severity }) => severity === "error");
    if (complaint !== undefined) throw complaintOf(complaint);
    const [statement] = statements;
    if (statements.length === 1 && statement !== undefined && statement.kind !== "passthrough") {
      yield* this.#ours.perform(statement, this.#context(text, options));
      return;
    }
    const engine = await this.#connected();
    yield* engine.run(text, options);
  }

  async *#plan(text: string, context: StatementContext): AsyncIterable<Event> {
    for (const statement of this.#parse(text).statements) {
      if (statement.kind !== "passthrough") {
        yield* this.#ours.plan(statement, context);
        continue;
      }
      const verb = this.classify(statement.text).verb;
      yield { type: "notice", severity: "INFO", message: `${verb}: sent to the database as it stands` };
    }
  }

  async #connected(): Promise<Engine> {
    this.#engine ??= this.#openEngine(this.#settings);
    try {
      this.#opened = await this.#engine;
      return this.#opened;
    } catch (thrown) {
      this.#engine = undefined;
      throw thrown;
    }
  }

  #openEngine(settings: ConnectionSettings): Promise<Engine> {
    return settings.kind === "embedded" ? this.#open.embedded(settings) : openFirst(settings, this.#open.postgres);
  }
}

/** The same events; what is thrown becomes the last one. */
async function* told(work: () => AsyncIterable<Event>): AsyncIterable<Event> {
  try {
    yield* work();
  } catch (thrown) {
    yield { type: "failed", error: asShellError(thrown) };
  }
}
