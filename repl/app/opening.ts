// What is on the screen while the first connection is opened: an embedded database takes seconds, a new one longer.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { ConnectionSettings } from "../../src/index.ts";

export interface Opening {
  /** Without an end of line; taken away by `erase`. */
  readonly meanwhile: string;
  readonly erase: string;
  /** For somebody who has just got a database of their own and may have wanted another. */
  readonly hints: readonly string[];
}

const ERASE_LINE = "\r\u001b[K";
const SILENT: Opening = { meanwhile: "", erase: "", hints: [] };

export function openingOf(settings: ConnectionSettings): Opening {
  if (settings.kind !== "embedded") return SILENT;
  if (existsSync(settings.directory)) {
    return { meanwhile: "starting the embedded database …", erase: ERASE_LINE, hints: [] };
  }
  return {
    meanwhile: "making a new database, once …",
    erase: ERASE_LINE,
    hints: [
      `A new PostgreSQL database of your own, without a server, in ${shortened(settings.directory)}`,
      "Begin with create table … or \\i FILE; \\h BACKUP shows how it is saved.",
      "\\c postgres://USER@HOST/DATABASE goes to a server instead.",
    ],
  };
}

function shortened(path: string): string {
  const home = `${homedir()}/`;
  return path.startsWith(home) ? `~/${path.slice(home.length)}` : path;
}
