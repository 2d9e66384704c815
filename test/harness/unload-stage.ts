import { join } from "node:path";
import { after, before, beforeEach } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { BackupWorld, type TestSession } from "./backup-world.ts";
import { startPostgres, type TestPostgres } from "./postgres-server.ts";
import { filesBelow } from "./unloaded.ts";

/** The base64 of the bytes 0 to 31. */
export const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

export function masterKey(): DataKey {
  return DataKey.take(Buffer.from(MASTER, "base64"));
}

const TABLES = String.raw`
CREATE TABLE hostile (id int, t text);
INSERT INTO hostile VALUES (1, E'a|b,c"d''e\\f\ng\rh\ti'), (2, ''), (3, NULL), (4, E'\\N'), (5, '🪁 ‮ 𝒳'),
  (6, repeat(E'wide\n|,"\\', 400000));
CREATE TABLE many AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS t, i % 3 AS k FROM generate_series(1, 150000) i`;

/** What the tests of one file unload from, and where to. */
export interface UnloadStage {
  readonly world: BackupWorld;
  readonly server: TestPostgres;
  readonly session: TestSession;
  /** A folder of the test's own, not there yet. */
  readonly folder: string;
  /** The files below it. */
  names(): Promise<readonly string[]>;
}

/** A server with the tables `hostile` and `many`, what `more` says, and the local master keys `one` and `two`. */
export function unloadStage(more = "SELECT 1"): UnloadStage {
  let number = 0;
  const stage = {} as { -readonly [K in keyof UnloadStage]: UnloadStage[K] };
  before(async () => {
    stage.world = await BackupWorld.open();
    stage.server = await startPostgres();
    stage.session = stage.world.postgres(stage.server.settings);
    await stage.session.ok(TABLES);
    await stage.session.ok(more);
    for (const key of ["one", "two"]) await stage.session.ok(`CREATE KMS KEY 'local-kms:///${key}'`);
  });
  beforeEach(() => {
    stage.world.hooks = {};
    stage.folder = join(stage.world.directory, `out-${(number += 1)}`);
  });
  after(async () => {
    await stage.world[Symbol.asyncDispose]();
    await stage.server.stop();
  });
  stage.names = async () => [...(await filesBelow(stage.folder)).keys()];
  return stage;
}
