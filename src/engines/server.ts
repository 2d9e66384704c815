// A server that speaks PostgreSQL's protocol: which one it is, it says itself.
import { ShellError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { PostgresEngine, type PostgresOptions } from "./postgres/engine.ts";
import { PostgresSession } from "./postgres/session.ts";
import type { PostgresSettings } from "./postgres/settings.ts";
import { versionNumberOf } from "./postgres/version.ts";
import { RedshiftEngine } from "./redshift/engine.ts";
import { parseRedshiftVersion, type RedshiftVersion } from "./redshift/version.ts";

/** Redshift reports 8.0.2; a server of this release or later is not asked. */
const REDSHIFT_BEFORE = 100_000;

/** Connects to a server and finds out which it is. @throws ShellError `engine/connect` */
export async function openServer(settings: PostgresSettings, options: PostgresOptions = {}): Promise<Engine> {
  const session = await PostgresSession.open(settings);
  try {
    const redshift = await readRedshiftVersion(session);
    if (redshift === undefined) return new PostgresEngine(session, options);
    return new RedshiftEngine(session, { version: redshift, open: async (other) => openServer(other, options) });
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function readRedshiftVersion(session: PostgresSession): Promise<RedshiftVersion | undefined> {
  if (versionNumberOf(session.parameter("server_version")) >= REDSHIFT_BEFORE) return undefined;
  const [row] = await session.rows("SELECT version()").catch((cause: unknown) => {
    throw new ShellError("engine/connect", "the server does not say its version", { cause });
  });
  return parseRedshiftVersion(row?.[0] ?? "");
}
