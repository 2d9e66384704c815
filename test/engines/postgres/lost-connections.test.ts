// Connections that break while they are this program's own business: nobody's statement waits on them, and nothing of it
// may end the program.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { cancelBackend } from "../../../src/engines/postgres/cancel.ts";
import { createDumpSchema } from "../../../src/engines/postgres/client.ts";
import { startPostgres } from "../../harness/postgres-server.ts";

/** A server's port in front of which each connection is dealt with, until the work is done. */
async function behind(deal: (socket: Socket) => void, work: (port: number) => Promise<void>): Promise<void> {
  const sockets: Socket[] = [];
  const proxy = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    deal(socket);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  try {
    await work((proxy.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
}

test("a dump's connection that breaks before the dump begins fails the dump", async () => {
  await using server = await startPostgres();
  const { port, ...settings } = server.settings;
  const deal = (socket: Socket): void => {
    const real = connect(`${server.socketDir}/.s.PGSQL.${port}`);
    real.on("error", () => undefined);
    real.pipe(socket);
    socket.on("close", () => real.destroy());
    socket.on("data", (bytes) => {
      // Authentication is done when the first query comes.
      if (bytes[0] === "Q".charCodeAt(0)) socket.resetAndDestroy();
      else real.write(bytes);
    });
  };
  await behind(deal, async (proxied) => {
    const dump = createDumpSchema(undefined, {});
    const lost = dump({ ...settings, host: "127.0.0.1", port: proxied }, "00000003-00000001-1", undefined);
    await assert.rejects(lost, { code: "engine/lost" });
  });
});

test("a cancel request that the server drops is over, with TLS too", async () => {
  const drop = (socket: Socket): void => void socket.once("data", () => socket.resetAndDestroy());
  for (const tls of [undefined, { mode: "require" } as const]) {
    await behind(drop, async (port) => {
      const settings = { host: "127.0.0.1", port, database: "d", user: "u", ...(tls === undefined ? {} : { tls }) };
      await cancelBackend(settings, { processId: 1, secretKey: 2 });
    });
  }
});
