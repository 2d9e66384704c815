// UNLOAD writes what AWS's own clients open, and COPY loads what they write.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { temporaryFolder } from "../../harness/temporary-folder.ts";
import { runSealift } from "../sealift.ts";

const variable = (name: string): string => process.env[name] ?? assert.fail(`${name} is not set`);
const CLIENTS = variable("CLIENTS");
/** `v3` or `v4`. */
const SUCCESSOR = variable("SUCCESSOR");
const READERS = ["v1", "v2", SUCCESSOR];
const master = randomBytes(32).toString("base64");
const encrypted = `ENCRYPTED MASTER_SYMMETRIC_KEY '${master}'`;
/** The last one goes in parts. */
const COUNTS = [0, 3, 250_000];

function textOf(count: number): Buffer {
  const row = (_: unknown, index: number): string =>
    `${index + 1}|row ünïcode ${createHash("md5")
      .update(String(index + 1))
      .digest("hex")}\n`;
  return Buffer.from(Array.from({ length: count }, row).join(""));
}

interface Order {
  readonly client: string;
  readonly verb: "put" | "get";
  readonly key: string;
  readonly file: string;
}

/** One answer for each order. */
function carryOut(orders: readonly Order[], key = master): readonly string[] {
  const classes = [CLIENTS, join(CLIENTS, "lib", "*")].join(delimiter);
  const { stdout, stderr } = spawnSync("java", ["-cp", classes, "EncryptionClients"], {
    encoding: "utf8",
    env: { ...process.env, MASTER_KEY: key },
    input: orders.map(({ client, verb, key: name, file }) => `${client} ${verb} ${name} ${file}\n`).join(""),
    timeout: 120_000,
  });
  const answers = stdout.split("\n").filter((line) => line !== "");
  assert.equal(answers.length, orders.length, stderr);
  return answers;
}

function succeed(folder: string, sql: string): readonly string[] {
  const { status, rows, complaints } = runSealift(folder, sql);
  assert.equal(status, 0, complaints);
  return rows;
}

/** A place of this run's own in the bucket: as a URI, and the names below it. */
function place(name: string): { readonly uri: string; readonly key: (file: string) => string } {
  const uri = new URL(variable("STORE_URI"));
  uri.pathname += `/${SUCCESSOR}/${name}`;
  return { uri: uri.href, key: (file) => `${uri.pathname.slice(1)}${file}` };
}

describe("UNLOAD's files", () => {
  it("are opened by every client that reads the legacy format, and by no other key", async () => {
    const folder = await temporaryFolder();
    const query = (count: number): string =>
      `SELECT i, 'row ünïcode ' || md5(i::text) FROM generate_series(1, ${count}) i`;
    const unloads = COUNTS.filter((count) => count > 0).flatMap((count) =>
      ["", "GZIP"].map((compression) => {
        const there = place(`ours/${count}${compression}_`);
        const sql = `UNLOAD ($$${query(count)}$$) TO '${there.uri}' PARALLEL OFF ${compression} ${encrypted};`;
        return { sql, count, compression, key: there.key(compression === "" ? "000" : "000.gz") };
      }),
    );
    succeed(folder, unloads.map(({ sql }) => sql).join("\n"));
    const orders = unloads.flatMap(({ key }, at) =>
      READERS.map((client): Order => ({ client, verb: "get", key, file: join(folder, `${client}-${at}`) })),
    );
    assert.deepEqual(
      carryOut(orders),
      orders.map(() => "done"),
    );
    for (const [at, { count, compression }] of unloads.entries()) {
      for (const client of READERS) {
        const stored = await readFile(join(folder, `${client}-${at}`));
        const plain = compression === "" ? stored : gunzipSync(stored);
        assert.equal(Buffer.compare(plain, textOf(count)), 0, `${client} of ${count} rows ${compression}`);
      }
    }
    for (const answer of carryOut(orders.slice(0, READERS.length), randomBytes(32).toString("base64")))
      assert.match(answer, /^refused /u);
  });

  it("are refused by a client that reads only what is authenticated", async () => {
    const folder = await temporaryFolder();
    const there = place("strict/x_");
    succeed(folder, `UNLOAD ('SELECT 1') TO '${there.uri}' PARALLEL OFF ${encrypted};`);
    const order: Order = {
      client: `${SUCCESSOR}-strict`,
      verb: "get",
      key: there.key("000"),
      file: join(folder, "back"),
    };
    assert.match(carryOut([order])[0] ?? "", /legacy/u);
  });
});

describe("COPY", () => {
  it("loads what the first client encrypted, plain or compressed, and with no other key", async () => {
    const folder = await temporaryFolder();
    const theirs = COUNTS.flatMap((count) =>
      ["", "GZIP"].map((compression) => ({ count, compression, there: place(`theirs/${count}${compression}_`) })),
    );
    const orders: Order[] = [];
    for (const [at, { count, compression, there }] of theirs.entries()) {
      const file = join(folder, `in-${at}`);
      await writeFile(file, compression === "" ? textOf(count) : gzipSync(textOf(count)));
      orders.push({ client: "v1", verb: "put", key: there.key("part"), file });
    }
    assert.deepEqual(
      carryOut(orders),
      orders.map(() => "done"),
    );
    const sql = theirs.map(
      ({ there, compression }) => `TRUNCATE back; COPY back FROM '${there.uri}' ${compression} ${encrypted};
        SELECT count(*), sum(id), count(*) FILTER (WHERE name = 'row ünïcode ' || md5(id::text)) FROM back;`,
    );
    assert.deepEqual(
      succeed(folder, `CREATE TABLE back (id int, name text); ${sql.join("\n")}`).filter((row) =>
        /^\d+\|\d*\|\d+$/u.test(row),
      ),
      theirs.map(({ count }) => `${count}|${count === 0 ? "" : (count * (count + 1)) / 2}|${count}`),
    );
    const wrong = encrypted.replace(master, randomBytes(32).toString("base64"));
    const refused = runSealift(folder, `COPY back FROM '${theirs[2]?.there.uri ?? ""}' ${wrong};`);
    assert.match(refused.complaints, /error\[key\/mismatch\]/u);
  });

  it("tells the later formats from its own, and never takes them for plain files", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "in");
    await writeFile(file, textOf(3));
    const writers = ["v1-authenticated", SUCCESSOR];
    const places = writers.map((client) => place(`later/${client}_`));
    const orders = writers.map((client, at): Order => ({
      client,
      verb: "put",
      key: places[at]?.key("part") ?? "",
      file,
    }));
    assert.deepEqual(carryOut(orders), ["done", "done"]);
    for (const { uri } of places) {
      const withKey = runSealift(folder, `CREATE TABLE IF NOT EXISTS t (a text); COPY t FROM '${uri}' ${encrypted};`);
      assert.match(withKey.complaints, /error\[engine\/unsupported\]/u);
      const without = runSealift(folder, `COPY t FROM '${uri}' ACCEPTINVCHARS;`);
      assert.match(without.complaints, /error\[key\/required\]/u);
    }
  });
});
