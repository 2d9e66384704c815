import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MASTER, masterKey, unloadStage } from "../harness/unload-stage.ts";
import { contentOf, filesBelow, passphraseKey, type Reading } from "../harness/unloaded.ts";

const stage = unloadStage();

/** What the records of a query are, by PostgreSQL and plain string work. */
async function expected(sql: string, print: (row: readonly (string | null)[]) => string): Promise<string> {
  const { rows } = await stage.session.ok(sql);
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
          await stage.session.ok(
            `UNLOAD ($$${query} -- all$$) TO 'file://${stage.folder}/h_' ${format} ${keyword} PARALLEL OFF ${clause}`,
          );
          const files = await filesBelow(stage.folder);
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
    await stage.session.ok("SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'");
    await stage.session.ok(
      `UNLOAD ($$SELECT true, false, 1.50::numeric(5,2), 0.1::float8, '2026-01-02'::date, '2026-01-02 03:04:05.5'::timestamp,
        '2026-01-02 03:04:05+00'::timestamptz, 'ab'::char(5), '\\x00ff'::bytea, interval '1 day'$$)
       TO 'file://${stage.folder}/v_' PARALLEL OFF ESCAPE`,
    );
    const { rows } = await stage.session.ok("SELECT current_setting('datestyle'), current_setting('timezone')");
    await stage.session.ok("RESET ALL");
    // Before 12 a server has no shortest exact text for a number: all digits are asked for.
    const tenth = (await stage.server.versionNumber()) < 120_000 ? "0.100000000000000006" : "0.1";
    assert.equal(
      await contentOf(await filesBelow(stage.folder), { compression: "none" }),
      `t|f|1.50|${tenth}|2026-01-02|2026-01-02 03:04:05.5|2026-01-02 03:04:05+00|ab|00ff|1 day\n`,
    );
    assert.deepEqual(rows, [["German, DMY", "Asia/Tokyo"]]);
  });
});
