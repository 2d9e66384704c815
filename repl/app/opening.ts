// While the first connection is opened: what the screen says, and Ctrl-C, which the terminal no longer turns into a
// signal.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { ConnectionSettings } from "../../src/index.ts";
import { STATUS_OF } from "../cancel.ts";
import type { World } from "../world.ts";
import { stopReading } from "./stop-reading.ts";

const ERASE_LINE = "\r\u001b[K";
const CTRL_C = 3;
/** A server that answers at once is not announced. */
const SLOW_MS = 700;

/** The terminal while the first connection is opened. */
export class Opening {
  readonly #settings: ConnectionSettings;
  readonly #world: World;
  readonly #typed: Buffer[] = [];
  #isSaid = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: ConnectionSettings, world: World) {
    [this.#settings, this.#world] = [settings, world];
  }

  /** Does the work; Ctrl-C meanwhile ends the process. Other keys are there for who reads next. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { stdin } = this.#world;
    this.#begin();
    try {
      return await work();
    } finally {
      this.#end();
      if (this.#typed.length > 0) stdin.unshift(Buffer.concat(this.#typed));
    }
  }

  /** Leaves the terminal to somebody who asks for something, a password. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#end();
    await stopReading(this.#world.stdin);
    try {
      return await work();
    } finally {
      this.#begin();
    }
  }

  #begin(): void {
    const { kind } = this.#settings;
    this.#timer = setTimeout(this.#say, kind === "embedded" ? 0 : SLOW_MS);
    this.#world.stdin.on("readable", this.#take);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#world.stdin.off("readable", this.#take);
    if (this.#isSaid) this.#world.stdout.write(ERASE_LINE);
    this.#isSaid = false;
  }

  readonly #say = (): void => {
    const { stdout } = this.#world;
    this.#isSaid = true;
    stdout.write(meanwhile(this.#settings).slice(0, (stdout.columns ?? 80) - 1));
  };

  readonly #take = (): void => {
    const { stdin, exit } = this.#world;
    for (let piece: unknown = stdin.read(); piece !== null; piece = stdin.read()) {
      const bytes = Buffer.from(piece as string | Buffer);
      this.#typed.push(bytes);
      if (!bytes.includes(CTRL_C)) continue;
      this.#end();
      exit(STATUS_OF.SIGINT);
    }
  };
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
