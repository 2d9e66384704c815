import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { ConnectionSettings } from "../../src/connection/settings.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import { createDumpSchema } from "../../src/engines/postgres/client.ts";
import { openServer as openAnyServer } from "../../src/engines/server.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import type { Code, ShellError } from "../../src/errors.ts";
import type { Event, Row } from "../../src/events.ts";
import { CatalogueFile } from "../../src/external/catalogue-file.ts";
import { resolveExternal } from "../../src/external/connections.ts";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { createKmsKey, openKms, type OpenKmsOptions } from "../../src/kms/schemes.ts";
import { LiveSession } from "../../src/open-session.ts";
import type { World } from "../../src/open-world.ts";
import { readOnlyWorld } from "../../src/open-read-only.ts";
import { Secret } from "../../src/std/secret.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { openStore } from "../../src/storage/schemes.ts";

/** All that one text of statements answered. */
export interface Outcome {
  readonly events: readonly Event[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly notices: readonly string[];
  readonly error: ShellError | undefined;
}

/** Where a test may step between a session and the world. */
export interface WorldHooks {
  readonly store?: (store: ObjectStore) => ObjectStore;
  readonly kms?: (service: KeyManagementService) => KeyManagementService;
  readonly engine?: (engine: Engine) => Engine;
}

/** A directory with a collection and a keyring, and sessions that see them. Gone when disposed. */
export class BackupWorld implements AsyncDisposable {
  readonly directory: string;
  /** The collection's URI. */
  readonly uri: string;
  hooks: WorldHooks = {};
  /** Where the key services of Google and Azure are. */
  kmsAddresses: Pick<OpenKmsOptions, "gcp" | "azure"> = {};
  /** What the clouds' adapters are told of the process's environment: where emulators are. */
  variables: Readonly<Record<string, string>> = {};
  readonly connections: CatalogueFile;
  readonly #sessions: LiveSession[] = [];
  #jobs = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.uri = `file://${directory}/collection`;
    this.connections = new CatalogueFile(join(directory, "config", "connections.json"));
  }

  static async open(): Promise<BackupWorld> {
    return new BackupWorld(await mkdtemp(join(tmpdir(), "sealift-backup-")));
  }

  get keyring(): string {
    return join(this.directory, "keyring");
  }

  /** A session; it connects when a statement needs it. */
  session(settings: ConnectionSettings, readOnly = false): TestSession {
    const session = new LiveSession(settings, readOnly ? readOnlyWorld(this.#world()) : this.#world());
    this.#sessions.push(session);
    return new TestSession(session);
  }

  postgres(settings: PostgresSettings): TestSession {
    return this.session(connectionTo(settings));
  }

  embedded(directory: string): TestSession {
    return this.session({ kind: "embedded", directory, provenance: {} });
  }

  #world(): World {
    const externDirectory = join(this.directory, "extern");
    const { keyring, connections } = this;
    const outside: World = {
      openEngine: async (settings) => {
        const engine =
          settings.kind === "embedded"
            ? await openEmbedded({ directory: settings.directory })
            : await openServer(plainSettings(settings));
        return this.hooks.engine?.(engine) ?? engine;
      },
      openStore: async (location) => {
        const network = { variables: this.variables };
        const store = await openStore(await resolveExternal(location, connections), { externDirectory, network });
        return this.hooks.store?.(store) ?? store;
      },
      openKms: async (location) => {
        const service = await openKms(await resolveExternal(location, connections), { keyring, ...this.kmsAddresses });
        return this.hooks.kms?.(service) ?? service;
      },
      createKmsKey: async (location, signal) => createKmsKey(location, { keyring, ...this.kmsAddresses }, signal),
      connections,
      secrets: () => new Secret("a secret nobody asked for"),
      now: () => new Date(),
      newJobId: () => `job-${(this.#jobs += 1)}`,
      connectionsMax: 2,
    };
    return outside;
  }

  /** Every file below the collection with a digest of its content. */
  async files(): Promise<Readonly<Record<string, string>>> {
    const root = join(this.directory, "collection");
    const found: Record<string, string> = {};
    for (const entry of await readdir(root, { withFileTypes: true, recursive: true }).catch(() => [])) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      // What is being written may have got its name, or be gone, since the folder was read.
      const content = await readFile(path).catch(() => undefined);
      if (content === undefined) continue;
      found[relative(root, path)] = createHash("sha256").update(content).digest("hex").slice(0, 12);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A session whose answers are collected. */
export class TestSession {
  readonly live: LiveSession;

  constructor(live: LiveSession) {
    this.live = live;
  }

  /** Whatever happens is in the outcome. */
  async run(sql: string, signal?: AbortSignal): Promise<Outcome> {
    const events: Event[] = [];
    for await (const event of this.live.execute(sql, signal === undefined ? {} : { signal })) events.push(event);
    return outcomeOf(events);
  }

  /** Must succeed. */
  async ok(sql: string): Promise<Outcome> {
    const outcome = await this.run(sql);
    if (outcome.error === undefined) return outcome;
    const { code, message, detail, hint, cause } = outcome.error;
    const stack = cause instanceof Error ? cause.stack : "";
    throw assert.fail([`${sql}: ${code}: ${message}`, ...detail, hint ?? "", stack].join("\n"));
  }

  /** Must fail with this code. */
  async fails(sql: string, code: Code): Promise<ShellError> {
    const { error } = await this.run(sql);
    assert.ok(error, `should have failed: ${sql}`);
    assert.equal(error.code, code, `${sql}: ${error.code}: ${error.message}`);
    return error;
  }

  /** Backs up and answers the folder. */
  async backup(sql: string): Promise<string> {
    const { columns, rows } = await this.ok(sql);
    return rows[0]?.[columns.indexOf("path")]?.slice(1) ?? assert.fail("BACKUP names no path");
  }

  async close(): Promise<void> {
    await this.live[Symbol.asyncDispose]();
  }
}

function outcomeOf(events: readonly Event[]): Outcome {
  return {
    events,
    columns: events.flatMap((event) => (event.type === "columns" ? event.columns.map(({ name }) => name) : [])),
    rows: events.flatMap((event) => (event.type === "rows" ? event.rows : [])),
    notices: events.flatMap((event) => (event.type === "notice" ? [`${event.severity}: ${event.message}`] : [])),
    error: events.flatMap((event) => (event.type === "failed" ? [event.error] : []))[0],
  };
}

export function connectionTo(settings: PostgresSettings): ConnectionSettings {
  return {
    kind: "postgres",
    hosts: [{ host: settings.host, port: settings.port }],
    targetSession: "any",
    database: settings.database,
    user: settings.user,
    applicationName: "sealift",
    connectTimeoutMs: 10_000,
    provenance: {},
  };
}

/** An engine as a session has it: it can read definitions. */
export function openServer(settings: PostgresSettings): Promise<Engine> {
  return openAnyServer(settings, { dumpSchema: createDumpSchema(undefined, {}) });
}

function plainSettings(settings: Extract<ConnectionSettings, { kind: "postgres" }>): PostgresSettings {
  const [{ host, port } = { host: "", port: 0 }] = settings.hosts;
  return { host, port, database: settings.database, user: settings.user };
}
