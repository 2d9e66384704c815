import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import type { ShellError } from "../../src/errors.ts";
import { BackupWorld, openServer, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { unchanged, type Refusal } from "../harness/refusal.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let observer: Engine;
/** Collections: in the clear, under two keys, under a passphrase. */
let clear: string;
let keyed: string;
let phrased: string;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  [clear, keyed, phrased] = [`${world.uri}/clear`, `${world.uri}/keyed`, `${world.uri}/phrased`];
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE shop");
  await admin.ok("CREATE DATABASE target");
  await admin.close();
  observer = await openServer({ ...server.settings, database: "target" });
  session = world.postgres({ ...server.settings, database: "shop" });
  await session.ok(SMALL_SHOP);
  for (const name of ["one", "two", "stranger"]) await session.ok(`CREATE KMS KEY 'local-kms:///${name}'`);
  await session.ok(`BACKUP DATABASE shop INTO '${clear}'`);
  await session.ok(`BACKUP DATABASE shop INTO '${keyed}' WITH kms = ('local-kms:///one', 'local-kms:///two')`);
  await session.ok(`BACKUP DATABASE shop INTO '${phrased}' WITH encryption_passphrase = 'right'`);
});

after(async () => {
  await observer[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await server.stop();
});

beforeEach(() => {
  world.hooks = {};
});

const refused = (sql: string, refusal: Refusal): Promise<ShellError> =>
  unchanged({ world, observer }, async () => (await session.run(sql)).error, refusal);

describe("keys that do not fit", () => {
  const cases: readonly (readonly [collection: () => string, keys: string, refusal: Refusal])[] = [
    [
      () => phrased,
      "encryption_passphrase = 'wrong '",
      {
        code: "key/passphrase",
        message: /does not open backup/,
        detail: /6 characters, begins or ends with white space/,
        hint: /trailing newline/,
      },
    ],
    [
      () => phrased,
      "",
      {
        code: "key/required",
        message: /is encrypted, and no key was given/,
        detail: /passphrase/,
        hint: /encryption_passphrase/,
      },
    ],
    [
      () => keyed,
      "",
      {
        code: "key/required",
        message: /is encrypted, and no key was given/,
        detail: /by 2 master keys/,
        hint: /WITH kms/,
      },
    ],
    [
      () => phrased,
      "kms = 'local-kms:///one'",
      { code: "key/mismatch", message: /encrypted with a passphrase/, hint: /encryption_passphrase instead/ },
    ],
    [
      () => keyed,
      "encryption_passphrase = 'right'",
      { code: "key/passphrase", message: /encrypted with master keys/, hint: /give kms/ },
    ],
    [
      () => clear,
      "kms = 'local-kms:///one'",
      { code: "key/not-encrypted", message: /is not encrypted, but kms was given/, hint: /leave out/ },
    ],
    [
      () => clear,
      "encryption_passphrase = 'x'",
      { code: "key/not-encrypted", message: /not encrypted, but encryption_passphrase/ },
    ],
    [
      () => keyed,
      "kms = 'local-kms:///stranger'",
      {
        code: "key/mismatch",
        message: /^the master key does not open this backup$/,
        detail: /1 {2}local-kms:\/\/\/stranger +not a match/,
        hint: /the key the backup was made with/,
      },
    ],
    [
      () => keyed,
      "kms = 'local-kms:///nobody'",
      { code: "key/unavailable", message: /^the master key does not open/, detail: /nobody +not found/ },
    ],
  ];
  for (const [collection, keys, refusal] of cases) {
    const options = keys === "" ? "" : `, ${keys}`;
    test(`RESTORE WITH ${keys}`, async () => {
      const sql = `RESTORE TABLE notes FROM LATEST IN '${collection()}' WITH into_db = 'target'${options}`;
      const error = await refused(sql, refusal);
      assert.equal(error.exitStatus, 12);
    });
    for (const verb of ["SHOW BACKUP", "VERIFY BACKUP"]) {
      test(`${verb} WITH ${keys}`, async () => {
        const sql = `${verb} FROM LATEST IN '${collection()}'${keys === "" ? "" : ` WITH ${keys}`}`;
        await refused(sql, refusal);
      });
    }
  }

  test("one of two keys is enough, and the other one's failure is told", async () => {
    await rename(`${world.keyring}/one.key`, `${world.keyring}/one.away`);
    try {
      const sql = `SHOW BACKUP FROM LATEST IN '${keyed}' WITH kms = ('local-kms:///one', 'local-kms:///two')`;
      const { notices, rows } = await session.ok(sql);
      assert.ok(rows.length > 0);
      assert.match(notices.join("\n"), /^WARNING: 1 of 2 keys could not open this backup; local-kms:\/\/\/two did$/);
    } finally {
      await rename(`${world.keyring}/one.away`, `${world.keyring}/one.key`);
    }
  });
});

describe("RESTORE refuses", () => {
  const cases: readonly (readonly [string, Refusal])[] = [
    [
      "RESTORE DATABASE shpo FROM LATEST IN $",
      {
        code: "backup/target",
        message: /^database "shpo" is not in this backup$/,
        hint: /did you mean shop\?/,
        at: "shpo",
      },
    ],
    [
      "RESTORE TABLE notse FROM LATEST IN $ WITH into_db = 'target'",
      { code: "backup/target", message: /^table "notse" is not in this backup$/, hint: /did you mean notes\?/ },
    ],
    [
      "RESTORE TABLE shop.ordres FROM LATEST IN $ WITH into_db = 'target'",
      { code: "backup/target", message: /ordres/, hint: /did you mean shop\.orders\?/, at: "shop.ordres" },
    ],
    ["RESTORE TABLE shpo.* FROM LATEST IN $ WITH into_db = 'target'", { code: "backup/target", message: /shpo/ }],
    [
      "RESTORE TABLE notes FROM LATEST IN $ WITH into_db = 'nowhere'",
      { code: "backup/target", message: /^database "nowhere" does not exist$/, hint: /create it/ },
    ],
    [
      "RESTORE TABLE notes FROM LATEST IN $",
      {
        code: "restore/conflict",
        message: /objects of these names already/,
        detail: /TABLE public\.notes/,
        hint: /new_db_name or into_db/,
      },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $",
      { code: "restore/conflict", message: /objects of these names already/, detail: /TABLE shop\.orders/ },
    ],
    [
      "RESTORE TABLE notes FROM LATEST IN $ WITH new_db_name = 'x'",
      {
        code: "option/conflict",
        message: /^new_db_name can only be used for RESTORE DATABASE with a single target database$/,
      },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $ WITH into_db = 'x'",
      { code: "option/conflict", message: /^into_db can only be used/, hint: /new_db_name/ },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $ WITH verify_backup_table_data",
      {
        code: "option/conflict",
        message: /^to set the verify_backup_table_data option, the schema_only option must be set$/,
      },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $ WITH kms = 'local-kms:///one', encryption_passphrase = 'x'",
      { code: "option/conflict", message: /^cannot have both encryption_passphrase and kms option set$/ },
    ],
    [
      "RESTORE SYSTEM USERS FROM LATEST IN $",
      { code: "engine/unsupported", message: /SYSTEM USERS/, hint: /whole server/ },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $ WITH skip_localities_check",
      { code: "engine/unsupported", message: /skip_localities_check needs a CockroachDB cluster/ },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN $ AS OF SYSTEM TIME '2020-01-01' WITH new_db_name = 'y'",
      { code: "option/value", message: /^the backup is of .* not of 2020-01-01$/ },
    ],
    [
      "RESTORE DATABASE shop FROM '2020/01/01-000000.00' IN $",
      {
        code: "backup/not-found",
        message: /^backup 2020\/01\/01-000000\.00 is not in/,
        hint: /did you mean '20\d\d\/\d\d\/\d\d-\d{6}\.\d\d'\?/,
      },
    ],
    [
      "RESTORE DATABASE shop FROM LATEST IN 'file:///nowhere/at/all'",
      { code: "backup/not-found", message: /does not contain a completed backup$/, hint: /check the URI/ },
    ],
  ];
  for (const [sql, refusal] of cases) {
    test(sql, async () => {
      const text = sql.replace("$", `'${clear}'`);
      const { span } = await refused(text, refusal);
      if (refusal.at !== undefined) assert.equal(text.slice(span?.start, span?.end), refusal.at);
    });
  }

  test("inside a transaction", async () => {
    await session.ok("BEGIN");
    const message = /^RESTORE cannot be used inside a multi-statement transaction without DETACHED option$/;
    await refused(`RESTORE DATABASE shop FROM LATEST IN '${clear}'`, { code: "statement/transaction", message });
    await session.ok("ROLLBACK");
  });
});
