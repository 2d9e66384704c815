/** How a connection is encrypted; the modes are libpq's sslmode. */
export interface PostgresTls {
  /** `prefer` falls back to plain text when the server has no TLS; `verify-ca` checks the chain, `verify-full` also the host's name. */
  readonly mode: "prefer" | "require" | "verify-ca" | "verify-full";
  /** PEM texts, already read from their files. */
  readonly rootCertificate?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * Everything a connection needs, as plain values: it is sent to worker threads by structured clone, so the password
 * is a string. Never print it.
 */
export interface PostgresSettings {
  /** Host name, address, or the directory of a unix socket when it begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** Plain text when absent; never used over a unix socket. */
  readonly tls?: PostgresTls;
  /** Command-line options for the server, as in libpq: `-c geqo=off`. */
  readonly options?: string;
  /** For an installed pg_dump; the driver itself never binds. */
  readonly channelBinding?: "disable" | "prefer";
  readonly applicationName?: string;
  /** How long connecting and authenticating may take together; unlimited when absent or 0. */
  readonly connectTimeoutMs?: number;
}
