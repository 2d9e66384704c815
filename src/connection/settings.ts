import type { Secret } from "../std/secret.ts";

/** `host` is a name, an address, or the directory of a unix socket when it begins with `/`. */
export interface HostAddress {
  readonly host: string;
  readonly port: number;
  /** What the password file has for this host, where there are several; no other one is told it. */
  readonly password?: Secret;
}

/** libpq's sslmode; plain text when the whole thing is absent. PEM texts are already read from their files. */
export interface TlsSettings {
  readonly mode: "prefer" | "require" | "verify-ca" | "verify-full";
  readonly rootCertificate?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export type TargetSession = "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";

/** Where a setting's value came from, in words for `\conninfo`: "connection text", "PGHOST", "service shop", "default". */
export type Provenance = Readonly<Record<string, string>>;

export interface PostgresConnection {
  readonly kind: "postgres";
  /** At least one; tried in order. */
  readonly hosts: readonly HostAddress[];
  readonly targetSession: TargetSession;
  readonly database: string;
  readonly user: string;
  readonly password?: Secret;
  readonly tls?: TlsSettings;
  /** Command-line options for the server: `-c geqo=off`. */
  readonly options?: string;
  /** What libpq programs that this connection is handed to are told; the driver itself never binds. */
  readonly channelBinding?: "disable" | "prefer";
  readonly applicationName: string;
  /** 0 waits for ever. */
  readonly connectTimeoutMs: number;
  /** By the connection text's scheme or the host's name; what the server says once connected counts for more. */
  readonly expectsRedshift?: true;
  readonly provenance: Provenance;
}

export interface EmbeddedConnection {
  readonly kind: "embedded";
  /** Absolute. */
  readonly directory: string;
  readonly provenance: Provenance;
}

export type ConnectionSettings = PostgresConnection | EmbeddedConnection;

/** Whether both are the same embedded database, which can be open once. */
export function isSameDirectory(one: ConnectionSettings, other: ConnectionSettings): boolean {
  return one.kind === "embedded" && other.kind === "embedded" && one.directory === other.directory;
}

/** Whether anything says a password. */
export function hasPassword({ password, hosts }: PostgresConnection): boolean {
  return password !== undefined || hosts.some((address) => address.password !== undefined);
}

/** One host's settings as plain values with the password in the clear, ready for a driver. Never print it. */
export interface HostSettings extends Omit<HostAddress, "password"> {
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly tls?: TlsSettings;
  readonly options?: string;
  readonly channelBinding?: "disable" | "prefer";
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
}

/** What a driver is given for one of the hosts. A unix socket never speaks TLS. */
export function hostSettings(connection: PostgresConnection, address: HostAddress): HostSettings {
  const { host, port, password = connection.password } = address;
  const { database, user, tls, options, channelBinding, applicationName, connectTimeoutMs } = connection;
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls === undefined || host.startsWith("/") ? {} : { tls }),
    ...(options === undefined ? {} : { options }),
    ...(channelBinding === undefined ? {} : { channelBinding }),
    applicationName,
    connectTimeoutMs,
  };
}
