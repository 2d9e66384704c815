import type { Engine } from "../engines/engine.ts";
import { asShellError, ShellError } from "../errors.ts";
import {
  hasPassword,
  hostSettings,
  type HostSettings,
  type PostgresConnection,
  type TargetSession,
} from "./settings.ts";

/**
 * Opens the first host that answers and is of the wanted kind (libpq's target_session_attrs). A wrong password ends
 * the search, as in libpq; an unreachable host or one of the other kind does not.
 * @throws ShellError `engine/connect` that names every host tried and its reason.
 */
export async function openFirst(
  connection: PostgresConnection,
  open: (settings: HostSettings) => Promise<Engine>,
): Promise<Engine> {
  const wishes: readonly TargetSession[] =
    connection.targetSession === "prefer-standby" ? ["standby", "any"] : [connection.targetSession];
  const reasons: string[] = [];
  for (const wish of wishes) {
    for (const address of connection.hosts) {
      const where = `${address.host}:${address.port}`;
      try {
        const engine = await open(hostSettings(connection, address));
        if (await suits(engine, wish)) return engine;
        await engine[Symbol.asyncDispose]();
        reasons.push(`${where}: not ${wish}`);
      } catch (thrown) {
        const error = asShellError(thrown);
        if (isAuthentication(error)) throw withPlace(error, connection);
        if (connection.hosts.length === 1 || error.code !== "engine/connect") throw error;
        reasons.push(`${where}: ${error.message}`);
      }
    }
  }
  throw new ShellError("engine/connect", `none of the ${connection.hosts.length} hosts can be used`, {
    detail: reasons,
  });
}

/** Which of the places a password may stand in had the wrong one. */
function withPlace(error: ShellError, connection: PostgresConnection): ShellError {
  const place = connection.provenance["password"];
  if (error.sqlState !== "28P01" || !hasPassword(connection) || place === undefined || place === "typed") return error;
  return error.with({ detail: [`the password is from: ${place}`] });
}

function isAuthentication(error: ShellError): boolean {
  return error.sqlState.startsWith("28");
}

async function suits(engine: Engine, wish: TargetSession): Promise<boolean> {
  if (wish === "any") return true;
  const standby = async (): Promise<boolean> =>
    (await engine.rows("SELECT pg_catalog.pg_is_in_recovery()"))[0]?.[0] === "t";
  if (wish === "standby" || wish === "prefer-standby") return standby();
  if (wish === "primary") return !(await standby());
  const readOnly = (await engine.rows("SHOW transaction_read_only"))[0]?.[0] === "on";
  return wish === "read-only" ? readOnly : !readOnly;
}
