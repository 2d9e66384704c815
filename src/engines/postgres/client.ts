import { Client, DatabaseError } from "pg";
import { ShellError } from "../../errors.ts";
import { dumpSchemaToc } from "../pg-dump/dump-schema.ts";
import { openSocketTransport } from "../pg-dump/socket-transport.ts";
import { withLibpqEnvironment } from "../pg-dump/libpq-environment.ts";
import { configOf } from "./connect.ts";
import { connectError } from "./connect-errors.ts";
import type { PostgresSettings, PostgresTls } from "./settings.ts";
import type { DumpSchema } from "./snapshot.ts";

/** The driver's own client, connected, for what speaks its interface. @throws ShellError `engine/connect` */
async function connectClient(settings: PostgresSettings): Promise<Client> {
  const tls = settings.host.startsWith("/") ? undefined : settings.tls;
  try {
    return await connectWith(settings, tls);
  } catch (thrown) {
    const refused = thrown instanceof Error && thrown.message === "The server does not support SSL connections";
    if (!refused || tls?.mode !== "prefer") throw connectError(thrown, settings);
    return connectWith(settings, undefined);
  }
}

async function connectWith(settings: PostgresSettings, tls: PostgresTls | undefined): Promise<Client> {
  const client = new Client(configOf(settings, tls, undefined));
  // Whoever waits for an answer is told of a lost connection by it; between two answers nobody is to be.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/**
 * Reads definitions by pg_dump over a connection of its own.
 * @param binaryPath an installed pg_dump to use instead of the built-in one.
 */
export function createDumpSchema(
  binaryPath: string | undefined,
  environment: Readonly<Record<string, string>>,
): DumpSchema {
  return async (settings, snapshotId, signal) => {
    const connect = async (): ReturnType<typeof openSocketTransport> => {
      try {
        return await openSocketTransport(async () => connectClient(settings));
      } catch (cause) {
        if (!(cause instanceof Error) || cause instanceof ShellError || cause instanceof DatabaseError) throw cause;
        throw new ShellError("engine/lost", "the connection was lost before the schema could be read", { cause });
      }
    };
    const request = { database: settings.database, snapshotId, ...(signal === undefined ? {} : { signal }) };
    if (binaryPath === undefined) return dumpSchemaToc(connect, request);
    return withLibpqEnvironment(settings, async (libpq) =>
      dumpSchemaToc(connect, { ...request, binary: { path: binaryPath, environment: { ...environment, ...libpq } } }),
    );
  };
}
