// A connection's settings as the variables that libpq reads. Source: PostgreSQL documentation, "Environment Variables".
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresSettings, PostgresTls } from "../postgres/settings.ts";

const MILLISECONDS = 1000;

/**
 * The variables that make a libpq program connect as we do, for the length of the call: certificates and keys, which
 * libpq takes from files only, are in a folder of this user's alone until then. target_session_attrs is not among
 * them: `host` is the one that was chosen by it, and only that server knows the snapshot.
 */
export async function withLibpqEnvironment<T>(
  settings: PostgresSettings,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const { password, options, applicationName, connectTimeoutMs = 0, channelBinding } = settings;
  const tls = settings.host.startsWith("/") ? undefined : settings.tls;
  const folder = tls === undefined ? undefined : await mkdtemp(join(tmpdir(), "sealift-tls-"));
  try {
    return await work({
      PGHOST: settings.host,
      PGPORT: String(settings.port),
      PGUSER: settings.user,
      // libpq would otherwise try Kerberos first, which the driver does not speak.
      PGGSSENCMODE: "disable",
      ...(password === undefined ? {} : { PGPASSWORD: password }),
      ...(options === undefined ? {} : { PGOPTIONS: options }),
      ...(applicationName === undefined ? {} : { PGAPPNAME: applicationName }),
      ...(connectTimeoutMs === 0 ? {} : { PGCONNECT_TIMEOUT: String(Math.ceil(connectTimeoutMs / MILLISECONDS)) }),
      ...(channelBinding === undefined ? {} : { PGCHANNELBINDING: channelBinding }),
      ...(tls === undefined || folder === undefined ? { PGSSLMODE: "disable" } : await tlsVariables(tls, folder)),
    });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** A file that was not given is named all the same: libpq would look in the home directory for one. */
async function tlsVariables(tls: PostgresTls, folder: string): Promise<Record<string, string>> {
  const files = [
    { variable: "PGSSLROOTCERT", path: join(folder, "root.crt"), text: tls.rootCertificate },
    { variable: "PGSSLCERT", path: join(folder, "client.crt"), text: tls.certificate },
    { variable: "PGSSLKEY", path: join(folder, "client.key"), text: tls.key },
  ];
  const variables: Record<string, string> = { PGSSLMODE: tls.mode };
  for (const { variable, path, text } of files) {
    if (text !== undefined) await writeFile(path, text, { mode: 0o600 });
    variables[variable] = path;
  }
  return variables;
}
