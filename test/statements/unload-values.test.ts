import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { contentOf, filesBelow, passphraseKey, type Reading } from "../harness/unloaded.ts";

const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const masterKey = (): DataKey => DataKey.take(Buffer.from(MASTER, "base64"));

const TABLES = String.raw`
CREATE TABLE hostile (id int, t text);
INSERT INTO hostile VALUES (1, E'a|b,c"d''e\\f\ng\rh\ti'), (2, ''), (3, NULL), (4, E'\\N'), (5, '🪁 ‮ 𝒳'),
  (6, repeat(E'wide\n|,"\\', 400000));
CREATE TABLE many AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS t, i % 3 AS k FROM generate_series(1, 150000) i`;

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let folder: string;
let number = 0;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  await session.ok(TABLES);
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
  await session.ok("CREATE KMS KEY 'local-kms:///two'");
});

beforeEach(() => {
  world.hooks = {};
  folder = join(world.directory, `out-${(number += 1)}`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

/** What the records of a query are, by PostgreSQL and plain string work. */
async function expected(sql: string, print: (row: readonly (string | null)[]) => string): Promise<string> {
  const { rows } = await session.ok(sql);
  return rows.map((row) => `${print(row)}\n`).join("");
}

const FORMATS = {
  "ESCAPE NULL AS 'NUL!'": (row: readonly (string | null)[]) =>
    row.map((value) => value?.replace(/[|\\\n\r]/gu, "\\$&") ?? "NUL!").join("|"),
  "CSV NULL AS 'NUL!'": (row: readonly (string | null)[]) =>
    row
      .map((value) => {
        if (value === null) return "NUL!";
        return /[,"\n\r]/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      })
      .join(","),
  JSON: ([id, t]: readonly (string | null)[]) => `{"id":${id},"t":${JSON.stringify(t)}}`,
} as const;

const COMPRESSIONS = { "": "none", GZIP: "gzip", BZIP2: "bzip2", ZSTD: "zstd" } as const;

const ENCRYPTIONS: Readonly<Record<string, string>> = {
  none: "",
  master: `ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER}'`,
  passphrase: "WITH encryption_passphrase = 'correct horse'",
};

describe("hostile values come back byte for byte", () => {
  for (const [format, print] of Object.entries(FORMATS)) {
    for (const [keyword, compression] of Object.entries(COMPRESSIONS)) {
      for (const [encryption, clause] of Object.entries(ENCRYPTIONS)) {
        it(`${format} ${keyword} ${encryption}`, async () => {
          const query = "SELECT id, t FROM hostile ORDER BY id";
          await session.ok(
            `UNLOAD ($$${query} -- all$$) TO 'file://${folder}/h_' ${format} ${keyword} PARALLEL OFF ${clause}`,
          );
          const files = await filesBelow(folder);
          const reading: { -readonly [K in keyof Reading]: Reading[K] } = { compression };
          if (encryption === "master") reading.master = masterKey();
          if (encryption === "passphrase") {
            const info = files.get("h_ENCRYPTION_INFO") ?? assert.fail("no ENCRYPTION_INFO");
            reading.master = await passphraseKey(info, "correct horse");
          }
          assert.ok((await contentOf(files, reading)) === (await expected(query, print)));
        });
      }
    }
  }
});

describe("values are printed as Redshift does", () => {
  it("whatever the session's settings are", async () => {
    await session.ok("SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'");
    await session.ok(
      `UNLOAD ($$SELECT true, false, 1.50::numeric(5,2), 0.1::float8, '2026-01-02'::date, '2026-01-02 03:04:05.5'::timestamp,
        '2026-01-02 03:04:05+00'::timestamptz, 'ab'::char(5), '\\x00ff'::bytea, interval '1 day'$$)
       TO 'file://${folder}/v_' PARALLEL OFF ESCAPE`,
    );
    const { rows } = await session.ok("SELECT current_setting('datestyle'), current_setting('timezone')");
    await session.ok("RESET ALL");
    assert.equal(
      await contentOf(await filesBelow(folder), { compression: "none" }),
      "t|f|1.50|0.1|2026-01-02|2026-01-02 03:04:05.5|2026-01-02 03:04:05+00|ab|00ff|1 day\n",
    );
    assert.deepEqual(rows, [["German, DMY", "Asia/Tokyo"]]);
  });
});
