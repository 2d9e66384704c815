// BACKUP, RESTORE, UNLOAD and COPY of the built program over somebody else's store, and key service if there is one.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { it } from "node:test";
import { temporaryFolder } from "../../harness/temporary-folder.ts";
import { runSealift } from "../sealift.ts";

const store = new URL(process.env["STORE_URI"] ?? "");
const key = process.env["KMS_URI"] ?? "local-kms:///interop";
const master = randomBytes(32).toString("base64");

const TABLE = String.raw`
CREATE TABLE shelf (id int PRIMARY KEY, title text, price numeric(8, 2));
INSERT INTO shelf SELECT i, CASE i % 3 WHEN 0 THEN NULL ELSE E'tab\tand|pipe "' || i || E' ünïcode 🪁' END, i / 7.0
  FROM generate_series(1, 5000) i;`;
const DIGEST = "SELECT count(*), count(title), sum(price), md5(string_agg(title, ',' ORDER BY id)) FROM";
const LOCAL_KEY = key.startsWith("local-kms:") ? `CREATE KMS KEY IF NOT EXISTS '${key}';` : "";

function below(folder: string): string {
  const uri = new URL(store);
  uri.pathname += `/${folder}`;
  return uri.href;
}

function succeed(folder: string, sql: string): readonly string[] {
  const { status, rows, complaints } = runSealift(folder, sql);
  assert.equal(status, 0, complaints);
  return rows;
}

it("a backup is verified, listed, and restored into another database", async () => {
  const folder = await temporaryFolder();
  const [there, elsewhere] = [join(folder, "a"), join(folder, "b")];
  const collection = below("collection");
  const before = succeed(there, `${LOCAL_KEY} ${TABLE} ${DIGEST} shelf;`);
  succeed(there, `BACKUP INTO '${collection}' WITH kms = '${key}'; BACKUP INTO '${collection}' WITH kms = '${key}';`);
  succeed(there, `VERIFY BACKUP FROM LATEST IN '${collection}' WITH kms = '${key}';`);
  assert.equal(succeed(there, `SHOW BACKUPS IN '${collection}';`).length, 2);
  const shared = key.startsWith("local-kms:") ? `${key}?KEYRING=${there}/sealift/keyring` : key;
  const restored = `RESTORE TABLE shelf FROM LATEST IN '${collection}' WITH kms = '${shared}';`;
  const after = succeed(elsewhere, `${restored} ${DIGEST} shelf;`);
  assert.deepEqual(after.at(-1), before.at(-1));
});

it("what UNLOAD writes is what COPY reads, under a master key and under a service's", async () => {
  const folder = await temporaryFolder();
  const sql = [LOCAL_KEY, TABLE, "CREATE TABLE back (LIKE shelf);"];
  for (const [name, keys] of [
    ["plain", ""],
    ["master", `ENCRYPTED MASTER_SYMMETRIC_KEY '${master}'`],
    ["service", `WITH kms = '${key}'`],
  ] as const) {
    sql.push(`UNLOAD ('SELECT * FROM shelf') TO '${below(`${name}/x_`)}' CSV NULL AS 'none' GZIP MANIFEST ${keys};`);
    sql.push(`TRUNCATE back; COPY back FROM '${below(`${name}/x_`)}' CSV NULL AS 'none' GZIP ${keys};`);
    sql.push(
      `TRUNCATE back; COPY back FROM '${below(`${name}/x_manifest`)}' MANIFEST CSV NULL AS 'none' GZIP ${keys};`,
    );
    sql.push(`${DIGEST} back; ${DIGEST} shelf;`);
  }
  const rows = succeed(folder, sql.join("\n")).filter((row) => /^5000\|3334\|[\d.]+\|[\da-f]{32}$/u.test(row));
  assert.equal(rows.length, 6, "six digests");
  assert.equal(new Set(rows).size, 1);
});

it("CHECK EXTERNAL CONNECTION writes, reads and deletes", async () => {
  const folder = await temporaryFolder();
  const [row = ""] = succeed(folder, `CHECK EXTERNAL CONNECTION '${below("probe")}' WITH transfer = '9MiB';`);
  assert.match(row, /\|t\|/u);
});
