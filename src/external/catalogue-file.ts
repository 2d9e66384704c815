// The catalogue of external connections in one file, which holds credentials: mode 0600, replaced whole.
//
//   { "version": 1, "connections": [ { "name": "backups", "uri": "s3://…" } ] }
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ShellError } from "../errors.ts";
import { lockFile } from "./catalogue-lock.ts";
import { ConnectionUri } from "./connection-uri.ts";
import { throwNotFound, type ExternalConnection, type ExternalConnections } from "./connections.ts";

const VERSION = 1;
const OTHERS = 0o077;
/** Ends the name of a file that is to take the catalogue's place. */
const DRAFT = /^\.[0-9a-f]{12}$/u;

export class CatalogueFile implements ExternalConnections {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async all(): Promise<readonly ExternalConnection[]> {
    const connections = await this.#read();
    return connections.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async create(connection: ExternalConnection): Promise<void> {
    await this.#change((all) => {
      if (all.some(({ name }) => name === connection.name)) {
        throw new ShellError("connection/exists", `external connection ${connection.name} exists already`, {
          hint: "ALTER EXTERNAL CONNECTION gives it another URI, CREATE … IF NOT EXISTS leaves it",
        });
      }
      return [...all, connection];
    });
  }

  async replace(connection: ExternalConnection): Promise<void> {
    await this.#change((all) => [...without(all, connection.name), connection]);
  }

  async drop(name: string): Promise<void> {
    await this.#change((all) => without(all, name));
  }

  async #change(change: (all: readonly ExternalConnection[]) => readonly ExternalConnection[]): Promise<void> {
    await this.#do("written", async () => mkdir(dirname(this.#path), { recursive: true, mode: 0o700 }));
    await using _lock = await this.#do("written", async () => lockFile(this.#path));
    await this.#removeDrafts();
    await this.#write(change(await this.#read()));
  }

  async #read(): Promise<readonly ExternalConnection[]> {
    const text = await this.#do("read", async () => this.#readText());
    return text === undefined ? [] : parseCatalogue(text, this.#path);
  }

  async #readText(): Promise<string | undefined> {
    try {
      const { mode } = await stat(this.#path);
      // Windows has no such bits and reports 0666.
      if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
        throw new ShellError("shell/file", `${this.#path} holds credentials and can be read by others`, {
          hint: `chmod 600 ${this.#path}`,
        });
      }
      return await readFile(this.#path, "utf8");
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return undefined;
      throw thrown;
    }
  }

  async #write(all: readonly ExternalConnection[]): Promise<void> {
    const connections = all.map(({ name, uri }) => ({ name, uri: uri.reveal() }));
    const temporary = `${this.#path}.${randomBytes(6).toString("hex")}`;
    await this.#do("written", async () => {
      try {
        await using file = await open(temporary, "wx", 0o600);
        await file.writeFile(`${JSON.stringify({ version: VERSION, connections }, undefined, 2)}\n`);
        await file.sync();
        await rename(temporary, this.#path);
      } catch (thrown) {
        await rm(temporary, { force: true });
        throw thrown;
      }
    });
  }

  /** What a process left that died while it wrote: it holds credentials. Nobody else writes while we hold the lock. */
  async #removeDrafts(): Promise<void> {
    const [folder, own] = [dirname(this.#path), basename(this.#path)];
    const names = await readdir(folder).catch(() => []);
    const drafts = names.filter((name) => name.startsWith(own) && DRAFT.test(name.slice(own.length)));
    for (const draft of drafts) await rm(join(folder, draft), { force: true });
  }

  async #do<T>(verb: "read" | "written", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof ShellError) throw thrown;
      throw new ShellError("shell/file", `${this.#path} cannot be ${verb}: ${codeOf(thrown)}`, { cause: thrown });
    }
  }
}

function without(all: readonly ExternalConnection[], name: string): readonly ExternalConnection[] {
  const rest = all.filter((connection) => connection.name !== name);
  return rest.length === all.length ? throwNotFound(name, all) : rest;
}

function parseCatalogue(text: string, path: string): readonly ExternalConnection[] {
  const content = readJson(text);
  if (typeof content === "object" && content !== null && "version" in content && "connections" in content) {
    if (content.version !== VERSION) throw unreadable(path, `it is of version ${JSON.stringify(content.version)}`);
    if (Array.isArray(content.connections)) return content.connections.map((entry: unknown) => readEntry(entry, path));
  }
  throw unreadable(path, "it is no catalogue of external connections");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's complaint would repeat a part of the file, which holds credentials.
    return undefined;
  }
}

function readEntry(entry: unknown, path: string): ExternalConnection {
  if (typeof entry === "object" && entry !== null && "name" in entry && "uri" in entry) {
    const { name, uri } = entry;
    if (typeof name === "string" && typeof uri === "string") return { name, uri: new ConnectionUri(uri) };
  }
  throw unreadable(path, "an entry has no name or no uri");
}

function unreadable(path: string, reason: string): ShellError {
  return new ShellError("shell/file", `${path} cannot be used: ${reason}`, {
    hint: "put back a copy of the file, or move it away and create the connections again",
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown failure";
}
