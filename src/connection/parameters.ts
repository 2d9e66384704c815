// libpq's connection parameters: which we honour, under which environment variable, and which we refuse by name
// rather than ignore. Source: PostgreSQL documentation, "Parameter Key Words" and "Environment Variables".
import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";

export const VARIABLE_OF = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  service: "PGSERVICE",
  options: "PGOPTIONS",
  application_name: "PGAPPNAME",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  connect_timeout: "PGCONNECT_TIMEOUT",
  client_encoding: "PGCLIENTENCODING",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  channel_binding: "PGCHANNELBINDING",
  timezone: "PGTZ",
  datestyle: "PGDATESTYLE",
} as const;

export type Parameter = keyof typeof VARIABLE_OF;

/** Variables that name a server. With none of them and no connection text, the embedded database is meant. */
export const NAMING_VARIABLES = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"] as const;

/** Known to libpq, without meaning here unless they have these values, which say what happens anyway. */
const ACCEPTED_VALUES: Readonly<Record<string, readonly string[]>> = {
  gssencmode: ["disable", "prefer"],
  sslcompression: ["0"],
  sslnegotiation: ["postgres"],
  load_balance_hosts: ["disable"],
  gssdelegation: ["0"],
};

const REFUSED = new Set([
  "fallback_application_name",
  "keepalives",
  "keepalives_idle",
  "keepalives_interval",
  "keepalives_count",
  "krbsrvname",
  "gsslib",
  "require_auth",
  "require_peer",
  "requirepeer",
  "replication",
  "ssl_max_protocol_version",
  "ssl_min_protocol_version",
  "sslcertmode",
  "sslcrl",
  "sslcrldir",
  "sslpassword",
  "sslsni",
  "tcp_user_timeout",
]);

export interface Value {
  readonly text: string;
  readonly from: string;
}

export type Values = Map<Parameter, Value>;

export function isParameter(name: string): name is Parameter {
  return Object.hasOwn(VARIABLE_OF, name);
}

/**
 * Takes one `name=value` of a connection text or service file.
 * @throws ShellError `shell/usage` for a name libpq does not know, or one that would be ignored here.
 */
export function takeParameter(values: Values, name: string, value: Value): void {
  if (isParameter(name)) {
    values.set(name, value);
    return;
  }
  if (ACCEPTED_VALUES[name]?.includes(value.text) === true) return;
  if (REFUSED.has(name) || ACCEPTED_VALUES[name] !== undefined) {
    throw new ShellError("shell/usage", `connection parameter ${name} is not supported`, {
      hint: `leave ${name} out of the ${value.from}`,
    });
  }
  const near = nearest(name, Object.keys(VARIABLE_OF));
  const message = `unknown connection parameter ${name} in the ${value.from}`;
  throw new ShellError("shell/usage", message, near === undefined ? {} : { hint: `did you mean ${near}?` });
}
