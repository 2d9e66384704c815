import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;
let folder: string;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok(SMALL_SHOP);
  folder = await session.backup(`BACKUP INTO '${world.uri}' WITH encryption_passphrase = 'x'`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const DEFAULT = [
  "database_name",
  "parent_schema_name",
  "object_name",
  "object_type",
  "backup_type",
  "start_time",
  "end_time",
  "size_bytes",
  "rows",
  "is_full_cluster",
  "regions",
];
const FILES = [
  "path",
  "backup_type",
  "start_pretty",
  "end_pretty",
  "start_key",
  "end_key",
  "size_bytes",
  "rows",
  "locality",
  "file_bytes",
];

function show(details: string, options = ""): ReturnType<TestSession["ok"]> {
  const from = `SHOW BACKUP ${details} FROM LATEST IN '${world.uri}'`;
  return session.ok(`${from} WITH encryption_passphrase = 'x'${options}`);
}

describe("SHOW BACKUP has the columns of CockroachDB's, in their order", () => {
  const [database, schema, object, ...rest] = DEFAULT;
  const cases: readonly (readonly [string, string, readonly (string | undefined)[]])[] = [
    ["", "", DEFAULT],
    ["SCHEMAS", "", [...DEFAULT, "create_statement"]],
    ["", ", privileges", [...DEFAULT, "privileges", "owner"]],
    ["", ", check_files", [...DEFAULT, "file_bytes"]],
    ["SCHEMAS", ", check_files, privileges", [...DEFAULT, "create_statement", "privileges", "owner", "file_bytes"]],
    ["", ", debug_ids", [database, "database_id", schema, "parent_schema_id", object, "object_id", ...rest]],
    ["FILES", "", FILES],
    ["FILES", ", check_files", FILES],
    ["", ", as_json", ["manifest"]],
  ];
  for (const [details, options, columns] of cases) {
    test(`SHOW BACKUP ${details} WITH …${options}`, async () => {
      const shown = await show(details, options);
      assert.deepEqual(shown.columns, columns);
      for (const row of shown.rows) assert.equal(row.length, columns.length);
    });
  }
});

describe("SHOW BACKUP", () => {
  test("has one row for each object, sizes for tables alone", async () => {
    const { rows } = await show("");
    const objects = rows.map((row) => [row[0], row[1], row[2], row[3], row[8]]);
    for (const expected of [
      [null, null, "postgres", "database", null],
      ["postgres", null, "shop", "schema", null],
      ["postgres", "shop", "mood", "type", null],
      ["postgres", "shop", "tax", "function", null],
      ["postgres", "shop", "orders", "table", "50"],
      ["postgres", "shop", "customers", "table", "3"],
      ["postgres", "shop", "totals", "table", "0"],
      ["postgres", "shop", "customers_id_seq", "table", "0"],
      ["postgres", "public", "events_2025", "table", "21"],
      ["postgres", "public", "notes", "table", "3"],
    ]) {
      const found = objects.find((row) => row[2] === expected[2] || String(row[2]).startsWith(`${expected[2]}(`));
      assert.deepEqual(found?.with(2, expected[2] ?? null), expected);
    }
    const [first] = rows;
    assert.deepEqual([first?.[4], first?.[5], first?.[9], first?.[10]], ["full", null, "t", null]);
    assert.match(first?.[6] ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?\+00$/);
  });

  test("SCHEMAS shows a table with its keys and its indexes", async () => {
    const { columns, rows } = await show("SCHEMAS");
    const orders = rows.find((row) => row[2] === "orders")?.[columns.indexOf("create_statement")] ?? "";
    for (const part of [
      /^CREATE TABLE shop\.orders/,
      /PRIMARY KEY/,
      /FOREIGN KEY/,
      /CREATE INDEX orders_by_customer/,
    ]) {
      assert.match(orders, part);
    }
  });

  test("privileges shows grants and owners", async () => {
    const { columns, rows } = await show("", ", privileges");
    const notes = rows.find((row) => row[2] === "notes");
    assert.match(notes?.[columns.indexOf("privileges")] ?? "", /GRANT SELECT ON TABLE public\.notes TO PUBLIC;/);
    assert.equal(notes?.[columns.indexOf("owner")], "postgres");
  });

  test("FILES has one row for each data file, its size on request", async () => {
    const { rows } = await show("FILES");
    assert.ok(
      rows.every((row) => row[0]?.startsWith(`/${folder}/data/`) === true && row[8] === "NULL" && row[9] === "-1"),
    );
    const checked = await show("FILES", ", check_files");
    assert.equal(checked.rows.length, rows.length);
    assert.ok(checked.rows.every((row) => Number(row[9]) > 0));
    assert.deepEqual(
      rows.filter((row) => row[2]?.includes("/shop/orders/")).map((row) => [row[2], row[3], row[7]]),
      [["/postgres/shop/orders/0", "/postgres/shop/orders/50", "50"]],
    );
  });

  test("as_json shows the manifest, without secrets", async () => {
    const { rows } = await show("", ", as_json");
    const manifest = JSON.parse(rows[0]?.[0] ?? "") as Record<string, unknown>;
    assert.deepEqual([manifest["format"], manifest["version"], manifest["kind"]], ["sealift-backup", 2, "full"]);
  });

  test("options of former releases that nothing could heed are refused, each at its place", async () => {
    for (const [option, hint] of [
      ["incremental_location = 'nodelocal://1/x'", /^leave it out, and name the collection after IN$/],
      ["encryption_info_dir = 'nodelocal://1/x'", /^leave it out, or bring the file back into that folder$/],
      ["debug_dump_metadata_sst", /^WITH as_json shows the whole manifest$/],
    ] as const) {
      const sql = `SHOW BACKUP FROM LATEST IN '${world.uri}' WITH as_json, ${option}`;
      const error = await session.fails(sql, "engine/unsupported");
      assert.match(error.hint ?? "", hint);
      assert.match(error.message, new RegExp(`^${option.split(" ")[0]} is not supported: `));
      assert.equal(error.span?.start, sql.indexOf(option));
    }
  });

  test("RANGES and VALIDATE are CockroachDB's, and the hint names ours", async () => {
    const from = `FROM LATEST IN '${world.uri}'`;
    assert.match(
      (await session.fails(`SHOW BACKUP RANGES ${from}`, "engine/unsupported")).hint ?? "",
      /SHOW BACKUP FILES/,
    );
    assert.match(
      (await session.fails(`SHOW BACKUP VALIDATE ${from}`, "engine/unsupported")).hint ?? "",
      /VERIFY BACKUP/,
    );
  });

  test("a wrong folder is answered with the nearest", async () => {
    const wrong = `${folder.slice(0, -2)}99`;
    const error = await session.fails(`SHOW BACKUP FROM '${wrong}' IN '${world.uri}'`, "backup/not-found");
    assert.equal(error.hint, `did you mean '${folder}'?`);
  });
});

test("SHOW BACKUPS lists complete backups, oldest first, and needs no key", async () => {
  const second = await session.backup(`BACKUP INTO '${world.uri}'`);
  const { columns, rows } = await session.ok(`SHOW BACKUPS IN '${world.uri}'`);
  assert.deepEqual(columns, ["path"]);
  assert.deepEqual(rows, [[`/${folder}`], [`/${second}`]]);
  const empty = await session.ok(`SHOW BACKUPS IN 'file://${world.directory}/nothing'`);
  assert.deepEqual(empty.rows, []);
});
