import type { ConnectionSettings } from "../../src/connection/settings.ts";
import type { EngineDescription } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import type { Display } from "../../src/script/display.ts";
import type { ScriptEvent, ScriptEvents } from "../../src/script/events.ts";
import type { PastStatement, ScriptHost } from "../../src/script/host.ts";
import { Interpreter } from "../../src/script/interpreter.ts";
import { runScripts, type RunInput, type RunOptions } from "../../src/script/run.ts";
import { positionOf } from "../../src/script/source.ts";
import { ScriptState } from "../../src/script/state.ts";
import { Variables } from "../../src/script/variables.ts";
import type { ExecuteOptions, Session } from "../../src/session.ts";
import { Secret } from "../../src/std/secret.ts";
import { textOf } from "../../src/std/bytes.ts";

/** Statements a fake database answers: rows, a failure, or an effect on its transaction. */
export type Answers = Readonly<Record<string, (text: string) => Event[]>>;

const DESCRIPTION: EngineDescription = {
  name: "postgres",
  version: "17.5",
  versionNumber: 170_005,
  database: "shop",
  user: "ann",
  location: "db.example:5432",
  superuser: false,
};

const SETTINGS: ConnectionSettings = { kind: "embedded", directory: "/nowhere", provenance: {} };

export function rowsOf(names: readonly string[], ...rows: (string | null)[][]): Event[] {
  return [
    { type: "columns", columns: names.map((name) => ({ name, kind: "text" })) },
    { type: "rows", rows },
    { type: "finished", tag: `SELECT ${rows.length}`, elapsedMs: 1.5 },
  ];
}

/** A database that records what it is sent. A text that holds `fail` fails at that word. */
export class FakeSession implements Session {
  settings: ConnectionSettings = SETTINGS;
  transaction: Session["transaction"] = "idle";
  readonly sent: string[] = [];
  readonly loadErrors: Session["loadErrors"] = { kept: [] };
  readonly detached: Session["detached"] = { records: [] };
  readonly #answers: Answers;

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  describe(): EngineDescription {
    return DESCRIPTION;
  }

  connect(): Promise<EngineDescription> {
    return Promise.resolve(DESCRIPTION);
  }

  connectTo(settings: ConnectionSettings): Promise<EngineDescription> {
    this.settings = settings;
    return this.connect();
  }

  async *execute(text: string, options: ExecuteOptions = {}): AsyncIterable<Event> {
    let data = "";
    for await (const piece of options.copySource ?? []) data += textOf(piece);
    this.sent.push(data === "" ? text : `${text} <- ${JSON.stringify(data)}`);
    const at = text.indexOf("fail");
    if (at >= 0) {
      if (this.transaction === "open") this.transaction = "failed";
      const error = new ShellError("engine/failed", "it failed", {
        span: { start: at, end: at + 4 },
        sqlState: "42P01",
        severity: "ERROR",
      });
      yield { type: "failed", error };
      return;
    }
    const word = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "";
    if (word === "BEGIN") this.transaction = "open";
    if (word === "COMMIT" || word === "ROLLBACK") this.transaction = "idle";
    const answer = this.#answers[text] ?? this.#answers[word];
    yield* answer?.(text) ?? [{ type: "finished", tag: word, elapsedMs: 1 }];
  }

  async *plan(text: string): AsyncIterable<Event> {
    yield { type: "notice", severity: "INFO", message: `would run ${text}` };
  }

  async check(text: string): Promise<readonly ShellError[]> {
    const at = text.indexOf("BACKUP nonsense");
    return at < 0 ? [] : [new ShellError("syntax/unexpected", "nonsense", { span: { start: at + 7, end: at + 15 } })];
  }

  classify(text: string): { verb: string; ours: boolean } {
    return { verb: "", ours: text.startsWith("BACKUP") };
  }

  async *settle(): AsyncIterable<Event> {
    yield* [];
  }

  async rows(sql: string, parameters: readonly (string | null)[] = []): Promise<readonly (readonly string[])[]> {
    this.sent.push(`${sql} ${JSON.stringify(parameters)}`);
    return Promise.resolve([]);
  }

  async describeQuery(query: string): ReturnType<Session["describeQuery"]> {
    this.sent.push(`describe: ${query}`);
    return Promise.resolve([
      { name: "it's", typeOid: 23, typeModifier: -1 },
      { name: "price", typeOid: 1700, typeModifier: 655_366 },
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A machine of texts: files by name, nothing that runs. */
export function fakeHost(
  files: Readonly<Record<string, string>> = {},
  environment: ScriptHost["environment"] = {},
): ScriptHost {
  const read = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new ShellError("shell/file", `cannot read ${path}`);
    return text;
  };
  return {
    environment,
    workingDirectory: () => "/work",
    changeDirectory() {},
    readText: async (path) => Promise.resolve(read(path)),
    async *readBytes(path) {
      yield Buffer.from(read(path));
    },
    async *standardInput() {
      yield Buffer.from("from stdin\n");
    },
    capture: (command) => `output of ${command}\n`,
    async *captureStream(command) {
      yield Buffer.from(`output of ${command}\n`);
    },
    runShell: async (command) => Promise.resolve(command === "false" ? 1 : 0),
    pastStatements: () => [],
    promptSecret: async () => Promise.resolve(new Secret("typed secret")),
  };
}

export interface StageOptions {
  readonly answers?: Answers;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: ScriptHost["environment"];
  readonly variables?: Readonly<Record<string, string>>;
  readonly display?: Display;
  readonly run?: Partial<RunOptions>;
  readonly interactive?: boolean;
  readonly past?: readonly PastStatement[];
  /** What the last COPY refused. */
  readonly loadErrors?: Session["loadErrors"]["kept"];
}

export interface Told {
  /** One line an event. */
  readonly transcript: string;
  readonly events: readonly ScriptEvent[];
  readonly sent: readonly string[];
  readonly state: ScriptState;
  readonly session: FakeSession;
}

/** Runs texts as files (or -c arguments) and tells what came out. */
export async function runTexts(texts: readonly (string | RunInput)[], options: StageOptions = {}): Promise<Told> {
  const session = new FakeSession(options.answers);
  session.loadErrors.kept = options.loadErrors ?? [];
  const state = new ScriptState(
    new Variables([["ON_ERROR_STOP", "on"], ...Object.entries(options.variables ?? {})]),
    ...(options.display === undefined ? [] : [options.display]),
  );
  const host: ScriptHost = {
    ...fakeHost(options.files, options.environment),
    pastStatements: () => options.past ?? [],
  };
  const shell = new Interpreter({ session, host, state, interactive: options.interactive ?? false });
  const inputs = texts.map((text) => (typeof text === "string" ? { name: "t.sql", text, isCommand: false } : text));
  const events = await drain(runScripts(shell, inputs, { singleTransaction: false, checkOnly: false, ...options.run }));
  return { transcript: events.flatMap(lineOf).join("\n"), events, sent: session.sent, state, session };
}

async function drain(events: ScriptEvents): Promise<ScriptEvent[]> {
  const all: ScriptEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function lineOf(event: ScriptEvent): string[] {
  if (event.type === "text") return [`${event.channel}: ${event.text.trimEnd()}`];
  if (event.type === "timing") return [`time: ${event.elapsedMs}`];
  if (event.type === "warning" || event.type === "note") return [`${event.type}: ${event.message}`];
  if (event.type === "statement") return statementLine(event);
  if (event.type === "redraw" || event.type === "output") return [];
  const { error, place } = event;
  const { line, column } = positionOf(place.source.text, (error.span ?? place.span).start);
  return [`${place.source.name}:${line}:${column}: ${error.code}: ${error.message}`];
}

function statementLine({ event, target }: Extract<ScriptEvent, { type: "statement" }>): string[] {
  const where = target.kind === "stdout" ? "" : ` > ${target.kind === "file" ? target.path : `|${target.command}`}`;
  if (event.type === "rows") return event.rows.map((row) => `row: ${row.join(",")}${where}`);
  if (event.type === "notice") return [`${event.severity}: ${event.message}`];
  return event.type === "finished" && !event.tag.startsWith("SELECT") ? [`${event.tag}${where}`] : [];
}
