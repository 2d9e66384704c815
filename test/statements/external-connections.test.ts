import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { streamOf } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { Canary } from "../harness/canary.ts";

describe("external connections", () => {
  let [world, session]: [BackupWorld, TestSession] = [] as never;
  let aws: AwsKmsEmulator;
  before(async () => {
    world = await BackupWorld.open();
    aws = await AwsKmsEmulator.start();
    session = world.embedded("/nowhere");
    await session.ok("CREATE KMS KEY 'local-kms:///k'");
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await aws[Symbol.asyncDispose]();
  });

  it("are created, shown, changed and dropped", async () => {
    await session.ok(`CREATE EXTERNAL CONNECTION place AS '${world.uri}'`);
    await session.ok("CREATE EXTERNAL CONNECTION \"Key\" AS 'local-kms:///k'");
    const { columns, rows } = await session.ok("SHOW EXTERNAL CONNECTIONS");
    assert.deepEqual(columns, ["connection_name", "connection_uri", "connection_type"]);
    assert.deepEqual(rows, [
      ["Key", "local-kms:///k", "KMS"],
      ["place", world.uri, "STORAGE"],
    ]);
    await session.ok(`ALTER EXTERNAL CONNECTION place AS '${world.uri}-2'`);
    assert.deepEqual((await session.ok("SHOW EXTERNAL CONNECTION place")).rows, [
      ["place", `${world.uri}-2`, "STORAGE"],
    ]);
    await session.ok("DROP EXTERNAL CONNECTION place");
    await session.fails("SHOW EXTERNAL CONNECTION place", "connection/not-found");
    await session.ok('DROP EXTERNAL CONNECTION "Key"');
  });

  it("are left alone by IF NOT EXISTS and IF EXISTS, and otherwise the name is told", async () => {
    await session.ok(`CREATE EXTERNAL CONNECTION there AS '${world.uri}'`);
    await session.fails("CREATE EXTERNAL CONNECTION there AS 'local-kms:///k'", "connection/exists");
    const created = await session.ok("CREATE EXTERNAL CONNECTION IF NOT EXISTS there AS 'local-kms:///k'");
    assert.deepEqual(created.notices, ["NOTICE: external connection there exists already, skipping"]);
    await session.fails(`ALTER EXTERNAL CONNECTION gone AS '${world.uri}'`, "connection/not-found");
    const altered = await session.ok(`ALTER EXTERNAL CONNECTION IF EXISTS gone AS '${world.uri}'`);
    assert.deepEqual(altered.notices, ["NOTICE: there is no external connection gone, skipping"]);
    assert.deepEqual((await session.ok("SHOW EXTERNAL CONNECTION there")).rows, [["there", world.uri, "STORAGE"]]);
    await session.fails("DROP EXTERNAL CONNECTION gone", "connection/not-found");
  });

  it("are tried before they are kept", async () => {
    await session.fails("CREATE EXTERNAL CONNECTION bad AS 'local-kms:///missing'", "key/unavailable");
    await session.fails(`CREATE EXTERNAL CONNECTION bad AS '${aws.uri("alias/none")}'`, "key/unavailable");
    await session.fails("CREATE EXTERNAL CONNECTION bad AS 'external://there'", "location/invalid");
    await session.fails("CREATE EXTERNAL CONNECTION bad AS 'nonsense://x'", "location/invalid");
    await session.fails(`CREATE EXTERNAL CONNECTION 'a/b' AS '${world.uri}'`, "option/value");
    await session.fails("SHOW EXTERNAL CONNECTION bad", "connection/not-found");
    assert.ok(!(await readdir(world.directory)).includes("collection"), "not even a folder stays");
  });

  it("to storage that can only be read are kept with a warning", async () => {
    const denied = new ShellError("storage/denied", "no");
    world.hooks = { store: (store) => refusing(store, { put: denied }) };
    const { notices } = await session.ok(`CREATE EXTERNAL CONNECTION readonly AS '${world.uri}'`);
    assert.match(notices.join(), /^WARNING: file:\S+ can be read, but not written$/u);
    world.hooks = { store: (store) => refusing(store, { delete: denied }) };
    const again = await session.ok(`ALTER EXTERNAL CONNECTION readonly AS '${world.uri}'`);
    assert.match(again.notices.join(), /nothing can be deleted there$/u);
    world.hooks = { store: (store) => refusing(store, { put: new ShellError("storage/full", "no room") }) };
    await session.fails(`ALTER EXTERNAL CONNECTION readonly AS '${world.uri}'`, "storage/full");
    world.hooks = {};
  });

  it("show their secrets in SHOW CREATE only, with a warning", async () => {
    const canary = new Canary("external");
    aws.accounts.set("AKIDCANARY", { secret: canary.text });
    const uri = aws.uri("alias/backup", { AWS_ACCESS_KEY_ID: "AKIDCANARY", AWS_SECRET_ACCESS_KEY: canary.text });
    const encoded = uri.replaceAll("+", "%20");
    const created = await session.ok(`CREATE EXTERNAL CONNECTION cloud AS '${encoded}'`);
    const shown = await session.ok("SHOW EXTERNAL CONNECTIONS");
    const checked = await session.ok("CHECK EXTERNAL CONNECTION cloud");
    for (const { events } of [created, shown, checked]) canary.assertAbsent(JSON.stringify(events), "an answer");
    const { rows, notices } = await session.ok("SHOW CREATE EXTERNAL CONNECTION cloud");
    assert.deepEqual(notices, ["WARNING: these statements hold the connections' credentials as they are"]);
    const statement = rows[0]?.[1] ?? "";
    await session.ok("DROP EXTERNAL CONNECTION cloud");
    await session.ok(statement);
    assert.deepEqual((await session.ok("SHOW CREATE EXTERNAL CONNECTION cloud")).rows, [["cloud", statement]]);
    const all = await session.ok("SHOW CREATE ALL EXTERNAL CONNECTIONS");
    assert.ok(all.rows.length >= 2);
  });

  it("are for one kind of thing", async () => {
    const kms = await session.fails("CHECK KMS 'external://there'", "location/invalid");
    assert.equal(kms.message, "KMS cannot use object of type STORAGE");
    const storage = await session.fails("SHOW BACKUPS IN 'external://cloud'", "location/invalid");
    assert.equal(storage.message, "storage cannot use object of type KMS");
    await session.fails("SHOW BACKUPS IN 'external://cluod'", "connection/not-found");
    const empty = await session.fails("SHOW BACKUPS IN 'external:///path'", "location/invalid");
    assert.equal(
      empty.message,
      "host component of an external URI must refer to an existing External Connection object",
    );
    await session.fails("SHOW BACKUPS IN 'external://there/../..'", "location/invalid");
  });
});

describe("CHECK EXTERNAL CONNECTION", () => {
  let [world, session]: [BackupWorld, TestSession] = [] as never;
  before(async () => {
    world = await BackupWorld.open();
    session = world.embedded("/nowhere");
    await session.ok("CREATE KMS KEY 'local-kms:///k'");
    await session.ok("CREATE EXTERNAL CONNECTION key AS 'local-kms:///k'");
    await session.ok(`CREATE EXTERNAL CONNECTION place AS '${world.uri}'`);
  });
  after(async () => world[Symbol.asyncDispose]());

  it("writes, reads and deletes, and measures", async () => {
    let writes = 0;
    world.hooks = {
      store: (store) =>
        altered(store, {
          put: async (...put) => {
            writes += 1;
            return store.put(...put);
          },
        }),
    };
    const { columns, rows } = await session.ok(
      "CHECK EXTERNAL CONNECTION place WITH transfer = '700KiB', concurrently = 3, time = '1ms'",
    );
    world.hooks = {};
    assert.deepEqual(columns, [
      "node",
      "locality",
      "ok",
      "error",
      "transferred",
      "read_speed",
      "write_speed",
      "can_delete",
    ]);
    const [[node, locality, ok, error, transferred, readSpeed, writeSpeed, canDelete] = []] = rows;
    assert.deepEqual([node, locality, ok, error, canDelete], ["1", null, "t", null, "t"]);
    assert.ok(writes >= 3);
    assert.match(transferred ?? "", /^\d+(\.\d)?MiB$/u);
    assert.match(`${readSpeed} ${writeSpeed}`, /^\S+iB\/s \S+iB\/s$/u);
    assert.ok(!(await readdir(world.directory)).includes("collection"), "not even a folder stays");
  });

  it("takes a folder below, a URI, and the old words", async () => {
    await session.ok("CHECK EXTERNAL CONNECTION 'external://place/deep' WITH transfer = '1KiB'");
    await session.ok(`CHECK EXTERNAL CONNECTION '${world.uri}' WITH transfer = '1KiB'`);
    const { notices } = await session.ok(`SHOW BACKUP CONNECTION '${world.uri}' WITH transfer = '1KiB'`);
    assert.equal(notices.length, 1);
    const { rows } = await session.ok("CHECK EXTERNAL CONNECTION key WITH concurrently = 2");
    const [[, , ok, , transferred, unwraps, wraps] = []] = rows;
    assert.deepEqual([ok, transferred], ["t", null]);
    assert.match(`${unwraps} ${wraps}`, /^\d+(\.\d)? keys\/s \d+(\.\d)? keys\/s$/u);
    await session.ok("CHECK EXTERNAL CONNECTION 'local-kms:///k'");
  });

  it("shows the row and fails when it does not work", async () => {
    const full = new ShellError("storage/full", "no room", { detail: ["7 bytes left"] });
    world.hooks = { store: (store) => refusing(store, { put: full }) };
    const unwritten = await session.run("CHECK EXTERNAL CONNECTION place");
    assert.equal(unwritten.error?.code, "storage/full");
    assert.deepEqual(unwritten.rows, [["1", null, "f", "no room; 7 bytes left", "0B", null, null, "f"]]);
    world.hooks = { store: (store) => altered(store, { list: () => streamOf() as AsyncIterable<never> }) };
    const unlisted = await session.run("CHECK EXTERNAL CONNECTION place WITH transfer = '1KiB'");
    assert.equal(unlisted.error?.code, "storage/unavailable");
    assert.match(unlisted.rows[0]?.[3] ?? "", /cannot be listed: what was just written is not there$/u);
    world.hooks = {
      store: (store) => altered(store, { get: async () => streamOf(new Uint8Array(1024)) }),
    };
    const changed = await session.run("CHECK EXTERNAL CONNECTION place WITH transfer = '1KiB'");
    world.hooks = {};
    assert.equal(changed.error?.code, "integrity/checksum");
    assert.deepEqual(changed.rows[0]?.slice(2, 6), ["f", "what was read back is not what was written", "1KiB", null]);
  });

  it("refuses what cannot be meant", async () => {
    for (const option of [
      "transfer = 'much'",
      "transfer = '0'",
      "time = 'soon'",
      "concurrently = 0",
      "concurrently = 1.5",
    ])
      await session.fails(`CHECK EXTERNAL CONNECTION place WITH ${option}`, "option/value");
    await session.fails("CHECK EXTERNAL CONNECTION key WITH transfer = '1MB'", "option/conflict");
    await session.fails("CHECK EXTERNAL CONNECTION none", "connection/not-found");
  });
});

/** A store of which some methods fail. */
function refusing(store: ObjectStore, failures: Partial<Record<"put" | "delete", ShellError>>): ObjectStore {
  const refuse = (failure: ShellError) => async (): Promise<never> => {
    throw failure;
  };
  return altered(store, {
    ...(failures.put === undefined ? {} : { put: refuse(failures.put) }),
    ...(failures.delete === undefined ? {} : { delete: refuse(failures.delete) }),
  });
}

/** A store of which some methods are others. */
function altered(store: ObjectStore, methods: Partial<ObjectStore>): ObjectStore {
  return {
    label: store.label,
    capabilities: store.capabilities,
    put: async (...put) => store.put(...put),
    get: async (...get) => store.get(...get),
    head: async (...head) => store.head(...head),
    list: (...list) => store.list(...list),
    folder: (...folder) => store.folder(...folder),
    delete: async (...remove) => store.delete(...remove),
    [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
    ...methods,
  };
}
