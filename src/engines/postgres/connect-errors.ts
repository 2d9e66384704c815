// What went wrong while connecting: in whose words, and what to try next.
import { ShellError } from "../../errors.ts";
import { locationOf } from "./errors.ts";
import type { PostgresSettings } from "./settings.ts";

interface Trouble {
  /** Instead of what the system or the driver says. */
  readonly reason?: (settings: PostgresSettings) => string;
  readonly hint?: (settings: PostgresSettings) => string;
}

const UNKNOWN_AUTHORITY: Trouble = {
  reason: () => "the server's certificate is signed by an authority that is not known here",
  hint: () => "name the certificate authority with sslrootcert",
};
const UNREACHABLE: Trouble = {
  reason: () => "no way leads to the host",
  hint: () => "check the network between here and the server",
};
const SILENT: Trouble = {
  reason: () => "no answer in time",
  hint: () => "check the network between here and the server, and its firewall",
};

/** By the server's SQLSTATE or the system's error name. */
const BY_CODE: Readonly<Record<string, Trouble>> = {
  "28P01": { hint: (settings) => `check the password of ${settings.user}` },
  "28000": { hint: () => "the server's pg_hba.conf decides who may connect from where, and whether TLS is needed" },
  "3D000": { hint: () => "list the databases with \\l from a database that exists, such as postgres" },
  "53300": { hint: () => "wait for other connections to end, or raise max_connections" },
  "57P03": { hint: () => "the server is starting or stopping; try again in a moment" },
  ECONNREFUSED: {
    reason: () => "connection refused",
    hint: () => "check that the server runs and listens at this address and port",
  },
  ECONNRESET: { reason: () => "the connection was reset" },
  ENOENT: {
    reason: () => "no such socket",
    hint: () => "no server has its socket in this directory; check that it runs and where it puts its socket",
  },
  ENOTFOUND: { reason: () => "no such host", hint: () => "check the spelling of the host's name" },
  EAI_AGAIN: {
    reason: () => "the host's name cannot be looked up at the moment",
    hint: () => "check the network and its name server",
  },
  EACCES: {
    reason: () => "permission denied",
    hint: () => "the socket's permissions do not let this user connect",
  },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: { ...SILENT, reason: () => "no answer" },
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    reason: () => "the server's certificate is signed by itself, and is not the one that is expected",
    hint: () => "name the server's certificate with sslrootcert",
  },
  CERT_HAS_EXPIRED: {
    reason: () => "the server's certificate has expired",
    hint: () => "renew it on the server; check this machine's clock as well",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: ({ host }) => `the server's certificate is not for ${host}`,
    hint: () => "connect by a name the certificate holds, or use sslmode=verify-ca",
  },
};

/** By what the driver says of what has no code. */
const BY_MESSAGE: Readonly<Record<string, Trouble>> = {
  "timeout expired": SILENT,
  "The server does not support SSL connections": {
    reason: ({ tls }) => `the server does not speak TLS, and sslmode=${tls?.mode ?? "require"} asks for it`,
    hint: () => "sslmode=prefer goes on without TLS where the server has none: in plain text",
  },
  "There was an error establishing an SSL connection": {
    reason: () => "what listens there does not speak PostgreSQL's protocol",
    hint: () => "check the port",
  },
  "Connection terminated unexpectedly": {
    reason: () => "the connection was closed before the server had answered",
    hint: () => "check the port; the server's log, or that of what stands before it, says more",
  },
};

const UNKNOWN_ROLE: Trouble = {
  hint: ({ user }) => `check the name ${user}; \\du lists the roles, and CREATE ROLE … LOGIN makes one`,
};

/** What went wrong while connecting or authenticating, as `engine/connect`. */
export function connectError(thrown: unknown, settings: PostgresSettings): ShellError {
  if (thrown instanceof ShellError) return thrown;
  const cause = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  const code = codeOf(cause) ?? codeOf(thrown) ?? "";
  // The system names some of its errors by five letters as well.
  const isServer = /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
  const said = cause instanceof Error ? cause.message : String(cause);
  const trouble =
    isServer && /^role ".*" does not exist$/.test(said) ? UNKNOWN_ROLE : (BY_MESSAGE[said] ?? BY_CODE[code]);
  const reason = trouble?.reason?.(settings) ?? said;
  const hint = trouble?.hint?.(settings);
  const names = namesOf(cause);
  return new ShellError("engine/connect", `cannot connect to ${locationOf(settings)}: ${reason}`, {
    cause: thrown,
    ...(isServer ? { sqlState: code } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(names === undefined ? {} : { detail: [`it is for ${names}`] }),
  });
}

/** Those a certificate is for that is for another host. */
function namesOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("cert" in cause)) return undefined;
  const { cert } = cause as { readonly cert?: { readonly subjectaltname?: string } };
  return cert?.subjectaltname?.replaceAll(/DNS:|IP Address:/g, "");
}

function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}
