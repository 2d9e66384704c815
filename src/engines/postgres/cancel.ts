import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { tlsOptions, type BackendKey } from "./connect.ts";
import type { PostgresSettings } from "./settings.ts";

// Codes that stand where a version number would (manual, "Message Formats": CancelRequest, SSLRequest).
const CANCEL_CODE = 80_877_102;
const TLS_CODE = 80_877_103;
const TIMEOUT_MS = 5000;

function request(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (words.length + 1));
  bytes.writeUInt32BE(bytes.length, 0);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 * (index + 1));
  return bytes;
}

/**
 * Asks the server, over a connection of its own, to stop what a backend does. Resolves when the server has passed the
 * request on, or when it cannot be reached: nobody is told whether a request had an effect.
 */
export async function cancelBackend(settings: PostgresSettings, backend: BackendKey): Promise<void> {
  const { host, port } = settings;
  const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  socket.on("error", () => socket.destroy());
  socket.once("connect", () => {
    // Waiting for an answer fails when the connection does.
    send(socket, settings, backend).catch(() => socket.destroy());
  });
  await closed;
}

async function send(socket: Socket, settings: PostgresSettings, backend: BackendKey): Promise<void> {
  const cancel = request(CANCEL_CODE, backend.processId, backend.secretKey);
  const { tls, host } = settings;
  if (tls === undefined || host.startsWith("/")) {
    socket.end(cancel);
    socket.resume();
    return;
  }
  socket.write(request(TLS_CODE));
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (answer.toString("latin1") !== "S") {
    // The session itself has fallen back to plain text then.
    if (tls.mode === "prefer") socket.end(cancel);
    else socket.destroy();
    socket.resume();
    return;
  }
  const secure = connectTls({ socket, host, ...tlsOptions(tls) });
  secure.on("error", () => socket.destroy());
  secure.end(cancel);
  secure.resume();
}
