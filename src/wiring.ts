// Builds the real world: the only file that reads the process's environment.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { availableParallelism, homedir } from "node:os";
import { join, resolve } from "node:path";
import type { AssistantContext } from "./assist/assistant.ts";
import type { CatalogueSource } from "./assist/catalogue-loader.ts";
import { LiveAssistant, type AssistantWorld } from "./assist/live-assistant.ts";
import { openFirst } from "./connection/open-first.ts";
import { listServices } from "./connection/resolve.ts";
import type { ConnectionSettings, PostgresConnection } from "./connection/settings.ts";
import type { Doors, SessionOptions } from "./doors.ts";
import type { Engine } from "./engines/engine.ts";
import type { DumpSchema } from "./engines/postgres/snapshot.ts";
import type { Environment } from "./environment.ts";
import { ShellError } from "./errors.ts";
import { CatalogueFile } from "./external/catalogue-file.ts";
import { resolveExternal } from "./external/connections.ts";
import { listLocalKeys } from "./kms/local-key-file.ts";
import { createKmsKey, openKms } from "./kms/schemes.ts";
import type { Location } from "./location.ts";
import { LiveSession } from "./open-session.ts";
import { readOnlyWorld } from "./open-read-only.ts";
import type { World } from "./open-world.ts";
import { listCommands } from "./script/commands/index.ts";
import { Secret } from "./std/secret.ts";
import { openStore } from "./storage/schemes.ts";
import { WorkNotes } from "./std/work-notes.ts";
import { VERSION } from "./version.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** All that a front end needs of the outside world, from this process's environment. */
export function openDoors(): Doors {
  const variables: Variables = { ...process.env };
  // React has a build for development, three times as slow, unless it is told so before it is imported.
  process.env["NODE_ENV"] ??= "production";
  const outside = openOutside(variables);
  return {
    version: VERSION,
    environment: variables,
    leftIn: async (description) => {
      const { takeKilledRestores } = await import("./backups/killed-restores.ts");
      return takeKilledRestores(outside.restoreNotes, description, [description.database]);
    },
    openSession: (settings, options = {}) => new LiveSession(settings, openWorld(variables, outside, options)),
    decrypt: (request) => decryptLater(request, outside),
    inspect: (request) => inspectLater(request, outside),
    openAssistant: (settings, context) =>
      new LiveAssistant(assistantWorld(settings, context, variables, outside), context),
  };
}

/** Seconds that may be spent on learning what a database holds. */
const COMPLETION_SECONDS = 5;
const COMPLETION_SECONDS_MAX = 3600;

function completionMs(variables: Variables): number {
  const wanted = Number(variables["SEALIFT_COMPLETION_SECONDS"] ?? COMPLETION_SECONDS);
  if (wanted > 0 && wanted <= COMPLETION_SECONDS_MAX) return Math.ceil(wanted * 1000);
  throw new ShellError("shell/usage", `SEALIFT_COMPLETION_SECONDS must be a number up to ${COMPLETION_SECONDS_MAX}`);
}

function assistantWorld(
  settings: ConnectionSettings,
  context: AssistantContext,
  variables: Variables,
  outside: Outside,
): AssistantWorld {
  return {
    openCatalogue: async () =>
      settings.kind === "embedded" ? sharedCatalogue(context) : ownCatalogue(settings, variables, context),
    openStore: outside.openStore,
    connections: async () => outside.connections.all(),
    deadlineMs: completionMs(variables),
    localKeys: async () => listLocalKeys(keyringOf(variables)),
    commands: listCommands(),
    listFolder,
    services: async () => listServices(variables),
  };
}

async function ownCatalogue(
  settings: PostgresConnection,
  variables: Variables,
  { own: session }: AssistantContext,
): Promise<CatalogueSource> {
  const own = { ...settings, applicationName: `${settings.applicationName} completion` };
  const engine = await openEngine(own, variables, undefined);
  await engine.rows(`SET statement_timeout = ${completionMs(variables)}`);
  return {
    versionNumber: engine.description.versionNumber,
    ask: async (sql) => engine.rows(sql),
    ...(session === undefined ? {} : { session }),
    [Symbol.asyncDispose]: async () => engine[Symbol.asyncDispose](),
  };
}

/** The embedded database has one session, the shell's. */
async function sharedCatalogue({ rows, isIdle }: AssistantContext): Promise<CatalogueSource | undefined> {
  if (rows === undefined || isIdle?.() === false) return undefined;
  const [version] = await rows("SHOW server_version_num");
  return {
    versionNumber: Number(version?.[0] ?? 0),
    ask: rows,
    session: rows,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function listFolder(path: string): Promise<readonly string[]> {
  const folder = path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
}

type Outside = Omit<Environment, "engine">;

/** Connections and worker threads of one job: two even on one processor, as the server works while we compress. */
const JOBS_MIN = 2;
const JOBS_MAX = 8;

function openOutside(variables: Variables): Outside {
  const keyring = keyringOf(variables);
  const externDirectory = resolve(variables["SEALIFT_EXTERN_DIR"] ?? "extern");
  const connections = new CatalogueFile(join(configHome(variables), "sealift", "connections.json"));
  const network = { variables };
  const uploadNotes = join(stateHome(variables), "sealift", "uploads");
  const resolved = async (location: Location): Promise<Location> => resolveExternal(location, connections);
  return {
    openStore: async (location) => openStore(await resolved(location), { externDirectory, network, uploadNotes }),
    openKms: async (location) => openKms(await resolved(location), { keyring, network }),
    createKmsKey: async (location, signal) => createKmsKey(await resolved(location), { keyring, network }, signal),
    connections,
    restoreNotes: new WorkNotes(join(stateHome(variables), "sealift", "restores")),
    now: () => new Date(),
    newJobId: () => randomUUID(),
    connectionsMax: connectionsOf(variables),
  };
}

function keyringOf(variables: Variables): string {
  return variables["SEALIFT_KEYRING"] ?? join(dataHome(variables), "sealift", "keyring");
}

function dataHome(variables: Variables): string {
  return variables["XDG_DATA_HOME"] ?? join(variables["HOME"] ?? homedir(), ".local", "share");
}

function stateHome(variables: Variables): string {
  return variables["XDG_STATE_HOME"] ?? join(variables["HOME"] ?? homedir(), ".local", "state");
}

function configHome(variables: Variables): string {
  return variables["XDG_CONFIG_HOME"] ?? join(variables["HOME"] ?? homedir(), ".config");
}

function connectionsOf(variables: Variables): number {
  const wanted = Number(variables["SEALIFT_JOBS"] ?? availableParallelism());
  if (Number.isInteger(wanted) && wanted >= 1)
    return Math.min(Math.max(wanted, variables["SEALIFT_JOBS"] === undefined ? JOBS_MIN : 1), JOBS_MAX);
  throw new ShellError("shell/usage", `SEALIFT_JOBS must be a number from 1 to ${JOBS_MAX}`);
}

function openWorld(variables: Variables, outside: Outside, options: SessionOptions): World {
  const { pgDump, readOnly = false, passwordPrompt } = options;
  const world: World = {
    ...outside,
    ...(passwordPrompt === undefined ? {} : { passwordPrompt }),
    openEngine: async (settings) => openEngine(settings, variables, pgDump),
    secrets: (source, name) => readSecret(source, name, variables),
  };
  return readOnly ? readOnlyWorld(world) : world;
}

/** What an installed program needs to start: libraries beside it are found by LD_LIBRARY_PATH. */
function programEnvironment(variables: Variables): Record<string, string> {
  const libraries = variables["LD_LIBRARY_PATH"];
  return { PATH: variables["PATH"] ?? "", ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries }) };
}

// Engines and their drivers are loaded when they are first needed.
async function openEngine(
  settings: ConnectionSettings,
  variables: Variables,
  pgDump: string | undefined,
): Promise<Engine> {
  if (settings.kind === "embedded") {
    const { openEmbedded } = await import("./engines/embedded/embedded.ts");
    return openEmbedded({ directory: settings.directory });
  }
  const { openServer } = await import("./engines/server.ts");
  const dumpSchema: DumpSchema = async (host, snapshotId, signal) => {
    const { createDumpSchema } = await import("./engines/postgres/client.ts");
    return createDumpSchema(pgDump, programEnvironment(variables))(host, snapshotId, signal);
  };
  return openFirst(settings, async (host) => openServer(host, { dumpSchema }));
}

function readSecret(source: "env" | "file", name: string, variables: Variables): Secret {
  if (source === "env") {
    const value = variables[name];
    if (value !== undefined) return new Secret(value);
    throw new ShellError("shell/variable", `environment variable ${name} is not set`, {
      hint: `export ${name} before starting sealift`,
    });
  }
  try {
    return new Secret(readFileSync(name, "utf8").replace(/\r?\n$/, ""));
  } catch (cause) {
    throw new ShellError("shell/file", `cannot read the secret in ${name}`, { cause });
  }
}

async function* decryptLater(request: Parameters<Doors["decrypt"]>[0], outside: Outside): ReturnType<Doors["decrypt"]> {
  const { decryptFile } = await import("./tools/file-tools.ts");
  yield* decryptFile(request, outside, (line) => process.stderr.write(`note: ${line}\n`));
}

async function* inspectLater(request: Parameters<Doors["inspect"]>[0], outside: Outside): ReturnType<Doors["inspect"]> {
  const { inspectFile } = await import("./tools/file-tools.ts");
  yield* inspectFile(request, outside);
}
