// An HTTP proxy that tunnels every host to one address, so that a cloud's real host name leads to its emulator.
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Every host that was asked for, with its port. */
  readonly hosts: readonly string[];
}

/** @param origin where every tunnel leads. */
export async function startProxy(origin: string): Promise<Proxy> {
  const hosts: string[] = [];
  const { port } = new URL(origin);
  const server = createServer();
  server.on("connect", (request, client, head: Buffer) => {
    hosts.push(request.url ?? "");
    const target = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.write(head);
      target.pipe(client).pipe(target);
    });
    target.on("error", () => client.destroy());
    client.on("error", () => target.destroy());
    client.on("close", () => target.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
