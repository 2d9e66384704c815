// Connecting and authenticating are the driver's; afterwards its listeners are taken off the socket and the messages
// are read here. So rows and COPY data can be pulled, which the driver's events do not allow.
import { Socket, type SocketConstructorOpts } from "node:net";
import type { Duplex } from "node:stream";
import { isMainThread } from "node:worker_threads";
import { Client, type ClientConfig } from "pg";
import { ShellError } from "../../errors.ts";
import { connectError } from "./connect-errors.ts";
import { locationOf } from "./errors.ts";
import type { PostgresSettings, PostgresTls } from "./settings.ts";
import { Wire } from "./wire.ts";

/** One read's largest size; a unix socket holds about 208 KiB. */
const READ_BYTES = 256 * 1024;

/** What names a backend in a CancelRequest. */
export interface BackendKey {
  readonly processId: number;
  readonly secretKey: number;
}

export interface OpenedWire {
  readonly wire: Wire;
  readonly backend: BackendKey;
  /** What the server reported in ParameterStatus: server_version, server_encoding, is_superuser … */
  readonly parameters: Map<string, string>;
}

/**
 * Connects and authenticates.
 * @param stream a byte stream to the server to use instead of a socket of its own.
 * @throws ShellError `engine/connect`
 */
export async function openWire(settings: PostgresSettings, stream?: Duplex): Promise<OpenedWire> {
  const tls = settings.host.startsWith("/") || stream !== undefined ? undefined : settings.tls;
  try {
    return await openWith(settings, tls, stream);
  } catch (thrown) {
    const refused = thrown instanceof Error && thrown.message === "The server does not support SSL connections";
    if (refused && tls?.mode === "prefer") return openPlain(settings, stream);
    throw connectError(thrown, settings);
  }
}

async function openPlain(settings: PostgresSettings, stream: Duplex | undefined): Promise<OpenedWire> {
  try {
    return await openWith(settings, undefined, stream);
  } catch (thrown) {
    throw connectError(thrown, settings);
  }
}

async function openWith(
  settings: PostgresSettings,
  tls: PostgresTls | undefined,
  stream: Duplex | undefined,
): Promise<OpenedWire> {
  const reader: { wire?: Wire } = {};
  // A TLS socket reads from this one by itself, so the shared read buffer is only for plain sockets.
  const plain = tls === undefined ? (stream ?? createSocket(reader)) : undefined;
  const client = new Client(configOf(settings, tls, plain));
  const parameters = new Map<string, string>();
  client.connection.on("parameterStatus", (status: { parameterName: string; parameterValue: string }) => {
    parameters.set(status.parameterName, status.parameterValue);
  });
  // Connecting fails by its promise; a closed connection is the wire's to tell.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (thrown) {
    client.connection.stream.destroy();
    throw thrown;
  }
  const socket = client.connection.stream;
  for (const event of ["data", "end", "error", "close"]) socket.removeAllListeners(event);
  const wire = new Wire(socket, { pace: !isMainThread });
  if (plain instanceof Socket && stream === undefined) reader.wire = wire;
  else socket.on("data", (chunk: Buffer) => void (wire.receive(chunk) || socket.pause()));
  // The driver keeps these two without saying so in its types.
  const { processID, secretKey } = client as unknown as { processID: number | null; secretKey: number | null };
  return { wire, parameters, backend: { processId: processID ?? 0, secretKey: secretKey ?? 0 } };
}

/** A socket that reads into one buffer again and again; until a wire takes over, the driver gets copies. */
function createSocket(reader: { wire?: Wire }): Socket {
  const options: SocketConstructorOpts = {
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
        if (reader.wire !== undefined) return reader.wire.receive(chunk);
        socket.emit("data", Buffer.from(chunk));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  return socket;
}

export function configOf(
  settings: PostgresSettings,
  tls: PostgresTls | undefined,
  stream: Duplex | undefined,
): ClientConfig {
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    // A function, because the driver would look for an absent password in the environment.
    password: () => {
      if (settings.password !== undefined) return settings.password;
      throw new ShellError("engine/connect", `cannot connect to ${locationOf(settings)}: the server wants a password`, {
        hint: "give it in PGPASSWORD, in a password file, or in the connection URI",
        sqlState: "28P01",
      });
    },
    ssl: tls === undefined ? false : tlsOptions(tls),
    keepAlive: true,
    application_name: settings.applicationName ?? "sealift",
    ...(settings.options === undefined ? {} : { options: settings.options }),
    ...(settings.connectTimeoutMs === undefined ? {} : { connectionTimeoutMillis: settings.connectTimeoutMs }),
    ...(stream === undefined ? {} : { stream: () => stream }),
  };
}

/** sslmode as Node's TLS options: only the `verify` modes look at the certificate. */
export function tlsOptions(tls: PostgresTls): {
  rejectUnauthorized: boolean;
  ca?: string;
  cert?: string;
  key?: string;
  checkServerIdentity?: () => undefined;
} {
  return {
    rejectUnauthorized: tls.mode === "verify-ca" || tls.mode === "verify-full",
    ...(tls.rootCertificate === undefined ? {} : { ca: tls.rootCertificate }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}
