import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../harness/root.ts";

const STATEMENTS_MS = 240_000;

/** What the built program left behind. */
export interface Said {
  readonly status: number | null;
  /** Rows without headings, fields between `|`. */
  readonly rows: readonly string[];
  readonly complaints: string;
}

/** Runs statements as a user would, on an embedded database in `folder`. */
export function runSealift(folder: string, sql: string): Said {
  const words = [join(ROOT, "bin/sealift.js"), "-A", "-t", "-q", "--progress=none", `embedded://${folder}/database`];
  const variables = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    env: { ...process.env, ...variables },
    input: sql,
    timeout: STATEMENTS_MS,
  });
  return { status, rows: stdout.split("\n").filter((line) => line !== ""), complaints: stderr };
}
