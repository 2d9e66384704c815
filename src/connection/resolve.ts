// From what the user gave to complete settings. Order, as libpq's: connection text, service, environment, default.
import { readFile, stat } from "node:fs/promises";
import { homedir, tmpdir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { ShellError } from "../errors.ts";
import { Secret } from "../std/secret.ts";
import { isParameter, NAMING_VARIABLES, VARIABLE_OF, type Parameter, type Values } from "./parameters.ts";
import { readPasswordFile } from "./password-file.ts";
import { parseService, serviceNames, type ServiceFile } from "./service-file.ts";
import type { ConnectionSettings, HostAddress, PostgresConnection, Provenance, TargetSession } from "./settings.ts";
import { parseConnectionText, type ParsedText } from "./text.ts";
import { readTls } from "./tls.ts";

/** The process environment as a value; only wiring reads the real one. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface ConnectionAsked {
  /** Absent or empty: what the environment names, else the embedded database. */
  readonly text?: string;
  readonly environment: Variables;
}

export interface ResolvedConnection {
  readonly settings: ConnectionSettings;
  /** For stderr: a password file that was not used, a variable without effect. */
  readonly warnings: readonly string[];
}

const TARGETS: readonly TargetSession[] = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
const APPLICATION_NAME = "sealift";
/** Debian's and the sources' own place for sockets. */
const SOCKET_DIRECTORIES = ["/var/run/postgresql", "/tmp"];

/** Where the embedded database lives when nothing else is said (XDG Base Directory Specification). */
export function embeddedDirectory(environment: Variables): string {
  const given = environment["XDG_DATA_HOME"];
  const data =
    given !== undefined && isAbsolute(given) ? given : join(environment["HOME"] ?? homedir(), ".local", "share");
  return join(data, "sealift", "embedded");
}

/**
 * Complete settings from connection text and environment; reads service, password and certificate files.
 * @throws ShellError `shell/usage` for text that cannot be read, `engine/connect` for an unknown service,
 *   `shell/file` for a named file that cannot be read.
 */
export async function resolveConnection(asked: ConnectionAsked): Promise<ResolvedConnection> {
  const { environment, text = "" } = asked;
  const named = NAMING_VARIABLES.some((name) => present(environment[name]));
  if (text === "" && !named) return embedded(embeddedDirectory(environment), "default");
  const parsed = parseConnectionText(text);
  if (parsed.kind === "embedded") {
    return embedded(parsed.directory ?? embeddedDirectory(environment), "connection text");
  }
  const values = new Map(parsed.values);
  await addService(values, environment);
  addEnvironment(values, environment);
  return complete(values, parsed, environment);
}

function embedded(directory: string, from: string): ResolvedConnection {
  return { settings: { kind: "embedded", directory, provenance: { directory: from } }, warnings: [] };
}

function present(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

async function addService(values: Values, environment: Variables): Promise<void> {
  const name = values.get("service")?.text ?? environment["PGSERVICE"];
  if (!present(name)) return;
  for (const [parameter, value] of parseService(name, await readServiceFiles(environment))) {
    if (!values.has(parameter)) values.set(parameter, value);
  }
}

async function readServiceFiles(environment: Variables): Promise<readonly ServiceFile[]> {
  const home = environment["HOME"] ?? homedir();
  const paths = [environment["PGSERVICEFILE"] ?? join(home, ".pg_service.conf")];
  paths.push(join(environment["PGSYSCONFDIR"] ?? "/etc/postgresql-common", "pg_service.conf"));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8").catch(() => undefined) })));
}

/** Connections that the user's and the system's service files name. */
export async function listServices(environment: Variables): Promise<readonly string[]> {
  return serviceNames(await readServiceFiles(environment));
}

function addEnvironment(values: Values, environment: Variables): void {
  for (const [parameter, variable] of Object.entries(VARIABLE_OF)) {
    const text = environment[variable];
    if (isParameter(parameter) && present(text) && !values.has(parameter))
      values.set(parameter, { text, from: variable });
  }
}

/** Clusters and serverless workgroups; `.com.cn` in China. */
const REDSHIFT_HOST = /\.redshift(?:-serverless)?\.amazonaws\.com(?:\.cn)?$/i;

type ParsedServer = Extract<ParsedText, { kind: "postgres" }>;

async function complete(
  values: Values,
  { defaultPort, isRedshift }: ParsedServer,
  environment: Variables,
): Promise<ResolvedConnection> {
  const provenance: Record<string, string> = {};
  const pick = (parameter: Parameter, fallback: string): string => {
    const value = values.get(parameter);
    provenance[parameter] = value?.from ?? "default";
    return value?.text ?? fallback;
  };
  const user = pick("user", environment["USER"] ?? userInfo().username);
  const database = pick("dbname", user);
  const addresses = await hostsOf(values, provenance, defaultPort);
  const warnings = refuseOrWarn(values);
  const home = environment["HOME"] ?? homedir();
  const tls = await readTls(values, home);
  provenance["sslmode"] = values.get("sslmode")?.from ?? "default";
  const options = serverOptions(values, provenance);
  const given = await passwordOf(values, { hosts: addresses, database, user, home });
  const { hosts } = given;
  if (given.warning !== undefined) warnings.push(given.warning);
  if (given.from !== undefined) provenance["password"] = given.from;
  const expectsRedshift = isRedshift || hosts.some(({ host }) => REDSHIFT_HOST.test(host));
  const settings: PostgresConnection = {
    kind: "postgres",
    ...(expectsRedshift ? { expectsRedshift } : {}),
    hosts,
    targetSession: targetOf(pick("target_session_attrs", "any")),
    database,
    user,
    ...(given.password === undefined ? {} : { password: given.password }),
    ...(tls === undefined ? {} : { tls }),
    ...(options === undefined ? {} : { options }),
    ...channelBindingOf(values),
    applicationName: pick("application_name", APPLICATION_NAME),
    connectTimeoutMs: wholeNumber("connect_timeout", pick("connect_timeout", "0")) * 1000,
    provenance: provenance satisfies Provenance,
  };
  return { settings, warnings };
}

async function hostsOf(
  values: Values,
  provenance: Record<string, string>,
  defaultPort: string,
): Promise<readonly HostAddress[]> {
  const chosen = values.get("hostaddr") ?? values.get("host");
  const ports = (values.get("port")?.text ?? "").split(",").map((port) => portNumber(port || defaultPort));
  provenance["host"] = chosen?.from ?? "default";
  provenance["port"] = values.get("port")?.from ?? "default";
  const names = chosen === undefined ? [await localHost(ports[0] ?? 0)] : chosen.text.split(",");
  if (ports.length > 1 && ports.length !== names.length) {
    throw new ShellError("shell/usage", `${names.length} hosts, but ${ports.length} ports`, {
      hint: "give one port for all hosts, or one for each",
    });
  }
  return Promise.all(
    names.map(async (name, index) => {
      const port = ports[index] ?? ports[0] ?? 0;
      return { host: name === "" ? await localHost(port) : name, port };
    }),
  );
}

// libpq's default is the socket directory it was built with, which differs between distributions.
async function localHost(port: number): Promise<string> {
  for (const directory of new Set([...SOCKET_DIRECTORIES, tmpdir()])) {
    const socket = await stat(join(directory, `.s.PGSQL.${port}`)).catch(() => undefined);
    if (socket?.isSocket() === true) return directory;
  }
  return "localhost";
}

function portNumber(text: string): number {
  const port = wholeNumber("port", text);
  if (port >= 1 && port <= 65_535) return port;
  throw new ShellError("shell/usage", `port ${text} is not between 1 and 65535`);
}

function wholeNumber(name: string, text: string): number {
  if (/^\s*\d+\s*$/.test(text)) return Number(text);
  throw new ShellError("shell/usage", `${name} ${text} is not a whole number`);
}

function targetOf(text: string): TargetSession {
  const target = TARGETS.find((one) => one === text);
  if (target !== undefined) return target;
  throw new ShellError("shell/usage", `target_session_attrs ${text} is not known`, {
    hint: `it is one of ${TARGETS.join(", ")}`,
  });
}

function channelBindingOf(values: Values): Pick<PostgresConnection, "channelBinding"> {
  const text = values.get("channel_binding")?.text;
  return text === "disable" || text === "prefer" ? { channelBinding: text } : {};
}

function refuseOrWarn(values: Values): string[] {
  if (values.get("channel_binding")?.text === "require") {
    throw new ShellError("shell/usage", "channel_binding=require is not supported", {
      hint: "use sslmode=verify-full, which also proves who the server is",
    });
  }
  const encoding = values.get("client_encoding");
  if (encoding === undefined || /^(auto|utf-?8|unicode)$/i.test(encoding.text)) return [];
  return [`client_encoding ${encoding.text} (${encoding.from}) has no effect: text is UTF-8 on both sides`];
}

/** PGTZ and PGDATESTYLE are settings of the session; the server takes those as options. */
function serverOptions(values: Values, provenance: Record<string, string>): string | undefined {
  const parts: string[] = [];
  for (const parameter of ["options", "timezone", "datestyle"] as const) {
    const value = values.get(parameter);
    if (value === undefined) continue;
    provenance[parameter] = value.from;
    parts.push(parameter === "options" ? value.text : `-c ${parameter}=${value.text.replace(/[\\ ]/g, "\\$&")}`);
  }
  return parts.length === 0 ? undefined : parts.join(" ");
}

interface PasswordPlace {
  readonly hosts: readonly HostAddress[];
  readonly database: string;
  readonly user: string;
  readonly home: string;
}

interface PasswordGiven {
  readonly hosts: readonly HostAddress[];
  readonly password?: Secret;
  readonly from?: string;
  readonly warning?: string;
}

async function passwordOf(values: Values, place: PasswordPlace): Promise<PasswordGiven> {
  const given = values.get("password");
  const { hosts } = place;
  if (given !== undefined) return { hosts, password: new Secret(given.text), from: given.from };
  const path = values.get("passfile")?.text ?? join(place.home, ".pgpass");
  const from = `password file ${path}`;
  const known: HostAddress[] = [];
  for (const { host, port } of hosts) {
    // A socket in the default directory is written as localhost in the file.
    const asked = SOCKET_DIRECTORIES.includes(host) ? "localhost" : host;
    const found = await readPasswordFile(path, { host: asked, port, database: place.database, user: place.user });
    if (found.warning !== undefined) return { hosts, warning: found.warning };
    const { password } = found;
    if (password !== undefined && hosts.length === 1) return { hosts, password, from };
    known.push({ host, port, ...(password === undefined ? {} : { password }) });
  }
  return known.some(({ password }) => password !== undefined) ? { hosts: known, from } : { hosts };
}
