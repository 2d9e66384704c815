import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ShellError } from "../../errors.ts";
import type { Event } from "../../events.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { SourceColumn } from "../../formats/source-column.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type { CopyInTarget, Engine, EngineCapabilities, EngineDescription, QueryOptions, Snapshot } from "../engine.ts";
import { throwIfAborted } from "../postgres/errors.ts";
import { aboutQuery, emptyQuery } from "../sql.ts";
import { Backend } from "./backend.ts";
import { copyIn } from "./copy-in.ts";
import { prepareDirectory } from "./directory.ts";
import { DirectoryLock } from "./lock.ts";
import { ReadTransaction } from "./read-transaction.ts";
import { Session } from "./session.ts";
import { blocksOf, EmbeddedSnapshot } from "./snapshot.ts";
import { runStatements } from "./statements.ts";

export interface EmbeddedOptions {
  /** Where the database lives; made on first use, with nothing readable by others. */
  readonly directory: string;
  /** A database of the cluster; `postgres` when absent. */
  readonly database?: string;
  /** Told what the user should know but need not act on: a lock taken over from a process that died. */
  readonly warn?: (message: string) => void;
}

const CAPABILITIES: EngineCapabilities = {
  parallel: false,
  cancel: false,
  copyBinary: true,
  manyDatabases: false,
  copyStreams: true,
  delegates: new Set(),
};

/** Command tags of statements that write nothing worth a look at the write-ahead log. */
const READING_TAG = /^(?:SELECT|SHOW|SET|RESET|BEGIN|ROLLBACK)\b/;

const DEFAULT_DATABASE = "postgres";

/**
 * Opens the embedded PostgreSQL in a directory and holds the directory until disposed. Throws `engine/locked` when a
 * process that runs has it open, `engine/connect` when the directory holds something else or half a database.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const directory = resolve(options.directory);
  const database = options.database ?? DEFAULT_DATABASE;
  await makeParent(directory);
  await using scope = new AsyncDisposableStack();
  const lock = scope.use(await DirectoryLock.take(directory, { warn: options.warn ?? (() => undefined) }));
  await prepareDirectory(directory, initialise);
  const session = await Session.open({ directory, database });
  scope.defer(() => session.close());
  const description = await describe(session, directory);
  scope.move();
  return new EmbeddedEngine(session, lock, description);
}

/** The lock lies beside the directory, so there has to be a place for it first. */
async function makeParent(directory: string): Promise<void> {
  try {
    await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw new ShellError("engine/connect", `${directory}: its parent directory cannot be made`, {
      cause: thrown,
      detail: [String(thrown)],
    });
  }
}

async function initialise(directory: string): Promise<void> {
  const backend = await Backend.start({ directory, database: DEFAULT_DATABASE });
  await backend.close();
}

async function describe(session: Session, directory: string): Promise<EngineDescription> {
  const { rows } = await session.query({
    sql: `SELECT current_setting('server_version'), current_setting('server_version_num'), current_database(),
      current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`,
  });
  const [version, versionNumber, database, user, superuser] = rows[0] ?? [];
  return {
    name: "embedded",
    version: version?.split(" ")[0] ?? "",
    versionNumber: Number(versionNumber),
    database: database ?? "",
    user: user ?? "",
    location: directory,
    superuser: superuser === "t",
  };
}

class EmbeddedEngine implements Engine {
  readonly capabilities = CAPABILITIES;
  readonly description: EngineDescription;
  readonly #session: Session;
  readonly #lock: DirectoryLock;
  #reading: ReadTransaction | undefined;
  #disposed: Promise<void> | undefined;

  constructor(session: Session, lock: DirectoryLock, description: EngineDescription) {
    this.#session = session;
    this.#lock = lock;
    this.description = description;
  }

  get transaction(): "idle" | "open" | "failed" {
    return this.#session.transaction;
  }

  async *run(sql: string, options: QueryOptions = {}): AsyncGenerator<Event> {
    this.#assertFree();
    yield* runStatements(this.#session, sql, options);
    if (this.transaction === "idle") await this.#session.checkpointWhenDue();
  }

  async rows(sql: string, parameters?: readonly (string | null)[]): Promise<readonly (readonly (string | null)[])[]> {
    const { rows, tags } = await this.#session.query({ sql, parameters });
    if (this.transaction === "idle" && tags.some((tag) => !READING_TAG.test(tag)))
      await this.#session.checkpointWhenDue();
    return rows;
  }

  async describeQuery(query: string): Promise<readonly SourceColumn[]> {
    this.#assertFree();
    let columns: readonly SourceColumn[] = [];
    for await (const batch of this.#session.messages({ sql: emptyQuery(query) })) {
      for (const message of batch) {
        if (message.type === "columns") columns = message.fields;
        else if (message.type === "error") throw aboutQuery(message.error, query);
      }
    }
    return columns;
  }

  async *copyRows(statement: string, signal?: AbortSignal): AsyncGenerator<RowBlock> {
    this.#assertFree();
    throwIfAborted(signal);
    yield* blocksOf(this.#session.messages({ sql: statement, rowFormat: "text", signal }), signal);
  }

  async openSnapshot(signal?: AbortSignal): Promise<Snapshot> {
    throwIfAborted(signal);
    let reading = this.#openReading();
    if (reading === undefined) {
      this.#assertIdle();
      reading = await ReadTransaction.begin(this.#session, signal);
      this.#reading = reading;
    }
    return new EmbeddedSnapshot(reading);
  }

  openDatabase(database: string): Promise<Engine> {
    return Promise.reject(
      new ShellError("engine/unsupported", `${database}: the embedded engine has one database open at a time`, {
        hint: "open the directory again with that database",
      }),
    );
  }

  async copyIn(target: CopyInTarget, pieces: ByteStream, signal?: AbortSignal): Promise<bigint> {
    this.#assertFree();
    this.#assertIdle();
    const rows = await copyIn(this.#session, target, pieces, signal);
    await this.#session.checkpointWhenDue();
    return rows;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    try {
      await this.#session.close();
    } finally {
      await this.#lock[Symbol.asyncDispose]();
    }
  }

  /** The transaction of open snapshots, which a further one joins. */
  #openReading(): ReadTransaction | undefined {
    const reading = this.#reading;
    return reading !== undefined && reading.readers > 0 && reading.alive ? reading : undefined;
  }

  /** A statement would run inside the snapshot's transaction: there is no second session. */
  #assertFree(): void {
    if (this.#openReading() === undefined) return;
    throw new ShellError("engine/locked", "the embedded engine's one session is being read", {
      hint: "wait for the backup or unload that reads it to end",
    });
  }

  #assertIdle(): void {
    if (this.transaction === "idle") return;
    throw new ShellError("statement/transaction", "a transaction is open in the embedded engine's one session", {
      hint: "end it with COMMIT or ROLLBACK",
    });
  }
}
