// While the first connection is opened: what the screen says, and Ctrl-C, which the terminal no longer turns into a
// signal.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { ConnectionSettings } from "../../src/index.ts";
import { STATUS_OF } from "../cancel.ts";
import type { World } from "../world.ts";

const ERASE_LINE = "\r\u001b[K";
const CTRL_C = 3;
/** A server that answers at once is not announced. */
const SLOW_MS = 700;

/** Does the work; Ctrl-C meanwhile ends the process. Other keys are there for who reads next. */
export async function whileOpening<T>(settings: ConnectionSettings, world: World, work: () => Promise<T>): Promise<T> {
  const { stdin, stdout } = world;
  let isSaid = false;
  const say = (): void => {
    isSaid = true;
    stdout.write(meanwhile(settings).slice(0, (stdout.columns ?? 80) - 1));
  };
  const erase = (): void => void (isSaid && stdout.write(ERASE_LINE));
  const typed: Buffer[] = [];
  const take = (): void => {
    for (let piece: unknown = stdin.read(); piece !== null; piece = stdin.read()) {
      const bytes = Buffer.from(piece as string | Buffer);
      typed.push(bytes);
      if (!bytes.includes(CTRL_C)) continue;
      erase();
      world.exit(STATUS_OF.SIGINT);
    }
  };
  const timer = setTimeout(say, settings.kind === "embedded" ? 0 : SLOW_MS);
  stdin.on("readable", take);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    stdin.off("readable", take);
    if (typed.length > 0) stdin.unshift(Buffer.concat(typed));
    erase();
  }
}

function meanwhile(settings: ConnectionSettings): string {
  if (settings.kind === "embedded") {
    return existsSync(settings.directory) ? "starting the embedded database …" : "making a new database, once …";
  }
  const hosts = settings.hosts.map(({ host, port }) => (host.startsWith("/") ? host : `${host}:${port}`));
  return `connecting to ${hosts.join(", ")} … (Ctrl-C gives up)`;
}

/** For somebody who has just got a database of their own and may have wanted another; asked before it is opened. */
export function hintsFor(settings: ConnectionSettings): readonly string[] {
  if (settings.kind !== "embedded" || existsSync(settings.directory)) return [];
  return [
    `A new database of your own, no server needed: ${shortened(settings.directory)}`,
    "Begin with create table … or \\i FILE; \\h BACKUP shows how it is saved.",
    "\\c postgres://USER@HOST/DATABASE goes to a server instead.",
  ];
}

function shortened(path: string): string {
  const home = `${homedir()}/`;
  return path.startsWith(home) ? `~/${path.slice(home.length)}` : path;
}
