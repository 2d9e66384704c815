import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 60_000;

// The server lives and dies with its standard input: however this process ends, the shell sees the end of the pipe.
const SUPERVISOR = `
  "$@" </dev/null &
  server=$!
  cat >/dev/null
  kill $server
  wait $server
`;

/** A process of somebody else's that answers HTTP on this machine. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
  /** For its data; removed with it. */
  readonly folder: string;
}

export interface ServerPlan {
  readonly words: (port: number, folder: string) => readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Puts into the folder what the server wants to find. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** Starts a server on a free port and waits until it answers. Throws with its last lines when it does not. */
export async function startServer(plan: ServerPlan): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "sealift-interop-"));
  await plan.prepare?.(folder);
  const port = await freePort();
  const log = openSync(join(folder, "log"), "a");
  const child = spawn("/bin/sh", ["-c", SUPERVISOR, "sh", ...plan.words(port, folder)], {
    cwd: folder,
    env: { ...process.env, ...plan.variables },
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  while (!(await answers(origin))) {
    if (Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    const said = readFileSync(join(folder, "log"), "utf8").split("\n").slice(-20).join("\n");
    await stop();
    throw new Error(`it does not answer after ${START_MS / 1000} s:\n${said}`);
  }
  return { origin, folder, [Symbol.asyncDispose]: stop };
}

async function answers(origin: string): Promise<boolean> {
  try {
    await (await fetch(origin)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
