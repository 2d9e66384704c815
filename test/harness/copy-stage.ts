import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach } from "node:test";
import type { Row } from "../../src/events.ts";
import { BackupWorld, type TestSession } from "./backup-world.ts";
import { startPostgres, type TestPostgres } from "./postgres-server.ts";

/** What the tests of one file load from and into. */
export interface CopyStage {
  readonly world: BackupWorld;
  readonly server: TestPostgres;
  readonly session: TestSession;
  /** A folder of the test's own. */
  readonly folder: string;
  put(name: string, content: string | Uint8Array): Promise<void>;
  uri(name: string): string;
  /** The rows of `t`, by id. */
  rows(): Promise<readonly Row[]>;
}

/** A server, two local master keys, and before every test an empty table `t (id int, name text)`. */
export function copyStage(): CopyStage {
  let server: TestPostgres;
  let number = 0;
  const stage = {} as { -readonly [K in keyof CopyStage]: CopyStage[K] };
  before(async () => {
    stage.world = await BackupWorld.open();
    server = await startPostgres();
    stage.server = server;
    stage.session = stage.world.postgres(server.settings);
    for (const key of ["one", "two"]) await stage.session.ok(`CREATE KMS KEY 'local-kms:///${key}'`);
  });
  beforeEach(async () => {
    stage.folder = join(stage.world.directory, `in-${(number += 1)}`);
    await mkdir(stage.folder, { recursive: true });
    await stage.session.ok("DROP TABLE IF EXISTS t; CREATE TABLE t (id int, name text)");
  });
  after(async () => {
    await stage.world[Symbol.asyncDispose]();
    await server.stop();
  });
  stage.put = async (name, content) => writeFile(join(stage.folder, name), content);
  stage.uri = (name) => `file://${stage.folder}/${name}`;
  stage.rows = async () => (await stage.session.ok("SELECT * FROM t ORDER BY id")).rows;
  return stage;
}
