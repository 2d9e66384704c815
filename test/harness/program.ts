import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { COMPILED, ROOT } from "./root.ts";

export interface ProgramResult {
  readonly status: number | null;
  /** Rows without headings, fields between `|`. */
  readonly rows: readonly string[];
  readonly complaints: string;
}

export interface Program {
  /** Its configuration, its keys, its state. */
  readonly folder: string;
  /** From now on: an authority, in PEM. */
  trust(certificate: string): void;
  /** Runs statements without a connection, as a user would. Emulators of this process answer meanwhile. */
  run(sql: string, variables?: Readonly<Record<string, string>>): Promise<ProgramResult>;
}

/** The built program with a home of its own, until the end of the file's tests. */
export function realProgram(): Program {
  const folder = mkdtempSync(join(tmpdir(), "sealift-program-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = join(folder, "authority.pem");
  const own = { ...COMPILED, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, XDG_STATE_HOME: folder };
  let trusted = {};
  return {
    folder,
    trust: (certificate) => {
      writeFileSync(authority, certificate);
      trusted = { NODE_EXTRA_CA_CERTS: authority };
    },
    run: async (sql, variables = {}) => {
      const words = [join(ROOT, "bin/sealift.js"), "-A", "-t", "-q", "--progress=none"];
      const env = { PATH: process.env["PATH"], ...own, ...trusted, ...variables };
      const child = spawn(process.execPath, words, { env, stdio: "pipe" });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (piece: Buffer) => out.push(piece));
      child.stderr.on("data", (piece: Buffer) => err.push(piece));
      child.stdin.on("error", () => undefined);
      child.stdin.end(sql);
      const [status] = (await once(child, "close")) as [number | null];
      const rows = Buffer.concat(out).toString().split("\n");
      return { status, rows: rows.filter((row) => row !== ""), complaints: Buffer.concat(err).toString() };
    },
  };
}
