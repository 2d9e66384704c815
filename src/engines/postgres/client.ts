import { Client } from "pg";
import { dumpSchemaToc } from "../pg-dump/dump-schema.ts";
import { openSocketTransport } from "../pg-dump/socket-transport.ts";
import type { PgDumpBinary } from "../pg-dump/binary-dump.ts";
import { configOf } from "./connect.ts";
import { connectError } from "./errors.ts";
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
  return async (settings, snapshotId, signal) =>
    dumpSchemaToc(async () => openSocketTransport(async () => connectClient(settings)), {
      database: settings.database,
      snapshotId,
      ...(signal === undefined ? {} : { signal }),
      ...(binaryPath === undefined ? {} : { binary: pgDumpBinary(binaryPath, settings, environment) }),
    });
}

function pgDumpBinary(
  path: string,
  settings: PostgresSettings,
  environment: Readonly<Record<string, string>>,
): PgDumpBinary {
  return {
    path,
    environment: {
      ...environment,
      PGHOST: settings.host,
      PGPORT: String(settings.port),
      PGUSER: settings.user,
      ...(settings.password === undefined ? {} : { PGPASSWORD: settings.password }),
      ...(settings.tls === undefined ? {} : { PGSSLMODE: settings.tls.mode }),
    },
  };
}
