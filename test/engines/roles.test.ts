import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { restoreRoles } from "../../src/backups/restore-roles.ts";
import { planDatabase, readDatabaseFacts } from "../../src/engines/database-facts.ts";
import type { Engine, EngineDescription } from "../../src/engines/engine.ts";
import { readParameterRights } from "../../src/engines/role-grants.ts";
import type { RoleStatement } from "../../src/engines/role-statement.ts";
import { planRoles, readRoles, type RoleTarget } from "../../src/engines/roles.ts";
import { ShellError } from "../../src/errors.ts";
import { scrubSecrets } from "../../src/std/secret.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { openSession, type Session } from "../harness/schema.ts";

type Source = Pick<Engine, "rows" | "description">;

async function sourceOf(session: Session, more: Partial<EngineDescription> = {}): Promise<Source> {
  const [[version] = []] = await session.query("SELECT current_setting('server_version_num')");
  const versionNumber = Number(version);
  const description = { versionNumber, superuser: true, ...more } as EngineDescription;
  return { rows: (sql) => session.query(sql), description };
}

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

const SCRIPT = `
  CREATE ROLE "We;rd ""group" NOINHERIT;
  CREATE ROLE plain LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS CONNECTION LIMIT 3 VALID UNTIL '2031-02-03 04:05:06+00';
  CREATE ROLE forever LOGIN SUPERUSER PASSWORD 'canary-password' VALID UNTIL 'infinity';
  COMMENT ON ROLE plain IS 'says; -- it''s';
  ALTER ROLE plain SET search_path = "$user", "My;Schema";
  ALTER ROLE plain SET work_mem = '8MB';
  ALTER ROLE plain SET "app.name" = 'a, b';
  GRANT "We;rd ""group" TO plain WITH ADMIN OPTION;
  GRANT "We;rd ""group" TO forever;
  GRANT pg_monitor TO plain;
`;
const ROLES = ["forever", "plain", 'We;rd "group'];
const DROP = `DROP ROLE plain; DROP ROLE forever; DROP ROLE "We;rd ""group"`;

function ours(statements: readonly RoleStatement[]): readonly RoleStatement[] {
  return statements.filter(({ role }) => ROLES.includes(role));
}

async function targetOf(session: Session): Promise<RoleTarget> {
  const source = await sourceOf(session);
  const { versionNumber } = source.description;
  return {
    versionNumber,
    roles: new Set((await session.query("SELECT rolname FROM pg_roles")).map(([name]) => name ?? "")),
    rights: await readParameterRights(source, versionNumber),
  };
}

describe("roles", () => {
  test("read, dropped and recreated they are the same", async () => {
    await using session = await openSession(server.settings);
    await session.run(SCRIPT);
    const statements = await readRoles(await sourceOf(session));
    await session.run(DROP);
    const target = await targetOf(session);
    const existing = target.roles;
    const plan = planRoles(statements, target);
    assert.ok(plan.kept.includes("postgres"));
    assert.ok(plan.kept.every((role) => existing.has(role)));
    assert.deepEqual(plan.statements, ours(statements));
    for (const { sql } of plan.statements) await session.run(sql);
    assert.deepEqual(await readRoles(await sourceOf(session)), statements);
    const kinds = new Set(plan.statements.map(({ kind }) => kind));
    assert.deepEqual(
      [...kinds].sort((a, b) => a.localeCompare(b)),
      ["comment", "membership", "password", "role", "setting"],
    );
    for (const sql of plan.undo) await session.run(sql);
    assert.deepEqual(
      await readRoles(await sourceOf(session)),
      statements.filter(({ role }) => !ROLES.includes(role)),
    );
  });

  test("options of memberships that later versions have", async (t) => {
    await using session = await openSession(server.settings);
    if ((await sourceOf(session)).description.versionNumber < 160_000)
      return t.skip("runs on PostgreSQL 16 and newer, which have them");
    await session.run(`CREATE ROLE g; CREATE ROLE m; GRANT g TO m WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    const all = await readRoles(await sourceOf(session));
    const membership = all.find(({ kind, role }) => kind === "membership" && role === "m");
    assert.equal(membership?.sql, 'GRANT "g" TO "m" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE');
    await session.run("DROP ROLE m; DROP ROLE g");
  });

  test("who granted a membership stays who granted it, and grants before what needs it", async (t) => {
    await using session = await openSession(server.settings);
    if ((await sourceOf(session)).description.versionNumber < 160_000)
      return t.skip("runs on PostgreSQL 16 and newer, which keep grantors");
    const drop = "DROP OWNED BY a_granter, z_granter; DROP ROLE a_member, a_granter, z_granter, g";
    await session.run(`CREATE ROLE g; CREATE ROLE a_member; CREATE ROLE a_granter; CREATE ROLE z_granter;
      GRANT g TO z_granter WITH ADMIN OPTION;
      GRANT g TO a_granter WITH ADMIN OPTION GRANTED BY z_granter;
      GRANT g TO a_member WITH INHERIT FALSE GRANTED BY a_granter;
      GRANT g TO a_member WITH SET FALSE GRANTED BY z_granter;
      GRANT g TO a_member`);
    const statements = (await readRoles(await sourceOf(session))).filter(({ role }) => role !== "postgres");
    await session.run(drop);
    const plan = planRoles(statements, await targetOf(session));
    for (const { sql } of plan.statements) await session.run(sql);
    const again = (await readRoles(await sourceOf(session))).filter(({ role }) => role !== "postgres");
    assert.deepEqual(again, statements);
    const said = statements.filter(({ kind }) => kind === "membership").map(({ sql }) => sql);
    assert.deepEqual(said, [
      'GRANT "g" TO "a_member"',
      'GRANT "g" TO "z_granter" WITH ADMIN OPTION',
      'GRANT "g" TO "a_granter" WITH ADMIN OPTION GRANTED BY "z_granter"',
      'GRANT "g" TO "a_member" WITH SET FALSE GRANTED BY "z_granter"',
      'GRANT "g" TO "a_member" WITH INHERIT FALSE GRANTED BY "a_granter"',
    ]);
    const kept = planRoles(statements, { ...(await targetOf(session)), roles: new Set(["g", "z_granter"]) });
    assert.ok(kept.statements.some(({ sql }) => sql === 'GRANT "g" TO "a_granter" WITH ADMIN OPTION'));
    assert.deepEqual(kept.reports.slice(0, 1), [
      "role z_granter is left as it is: the membership of a_granter in g is granted by the restoring user",
    ]);
    for (const sql of plan.undo) await session.run(sql);
    assert.deepEqual(await session.query("SELECT rolname FROM pg_roles WHERE rolname IN ('g', 'a_member')"), []);
  });

  test("memberships that a server cannot grant as they were are left out and told", () => {
    const membership = (group: string, options: string): RoleStatement => ({
      what: `membership of m in ${group}`,
      kind: "membership",
      role: "m",
      sql: `GRANT "${group}" TO "m"${options}`,
    });
    const role: RoleStatement = { what: "role m", kind: "role", role: "m", sql: 'CREATE ROLE "m"' };
    const plain = [role, membership("g", " WITH ADMIN OPTION"), membership("INHERIT", "")];
    const statements = [
      ...plain,
      membership("g", " WITH ADMIN TRUE, INHERIT FALSE"),
      membership("g", ' WITH SET FALSE GRANTED BY "z"'),
      membership("pg_later", ""),
    ];
    const target = { roles: new Set(["g", "INHERIT"]), rights: [] };
    const older = planRoles(statements, { ...target, versionNumber: 150_000 });
    assert.deepEqual(older.statements, plain);
    assert.deepEqual(older.reports, [
      "this server knows no options of memberships: the membership of m in g is left out",
      "this server knows no options of memberships: the membership of m in g is left out",
      "role pg_later does not exist here: the membership of m in pg_later is left out",
    ]);
    const newer = planRoles(statements, { ...target, versionNumber: 160_000 });
    assert.deepEqual(newer.statements, statements.slice(0, -1));
  });

  test("rights on parameters come back, those passed on in the role that passed them on", async (t) => {
    await using session = await openSession(server.settings);
    if ((await sourceOf(session)).description.versionNumber < 150_000)
      return t.skip("runs on PostgreSQL 15 and newer, which have them");
    const source = await sourceOf(session);
    await session.run(`CREATE ROLE z_tuner; CREATE ROLE a_helper;
      GRANT SET, ALTER SYSTEM ON PARAMETER work_mem TO z_tuner WITH GRANT OPTION;
      GRANT SET ON PARAMETER "my.Odd_Name" TO a_helper;
      GRANT SET ON PARAMETER log_min_messages TO PUBLIC`);
    await session.run("BEGIN; SET LOCAL ROLE z_tuner; GRANT SET ON PARAMETER work_mem TO a_helper; COMMIT");
    const statements = (await readRoles(source)).filter(({ role }) => role !== "postgres");
    const rights = statements.filter(({ kind }) => kind === "parameter");
    assert.deepEqual(
      rights.map(({ sql, grantor }) => [sql, grantor]),
      [
        ['GRANT SET ON PARAMETER "log_min_messages" TO PUBLIC', undefined],
        ['GRANT SET ON PARAMETER "my"."odd_name" TO "a_helper"', undefined],
        ['GRANT SET ON PARAMETER "work_mem" TO "z_tuner" WITH GRANT OPTION', undefined],
        ['GRANT ALTER SYSTEM ON PARAMETER "work_mem" TO "z_tuner" WITH GRANT OPTION', undefined],
        ['GRANT SET ON PARAMETER "work_mem" TO "a_helper"', "z_tuner"],
      ],
    );
    const untouched = planRoles(statements, await targetOf(session));
    assert.deepEqual([untouched.statements, untouched.undo], [[], []], "what is there is not given again, nor taken");
    await session.run("DROP OWNED BY z_tuner CASCADE; DROP OWNED BY a_helper; DROP ROLE z_tuner, a_helper");
    await session.run("REVOKE SET ON PARAMETER log_min_messages FROM PUBLIC");
    const restored = restoreRoles(statements, { ...source, rows: (sql) => session.query(sql) } as Engine);
    for await (const _ of restored);
    assert.deepEqual(await readParameterRights(source, source.description.versionNumber), rights);
    const older = planRoles(statements, { versionNumber: 140_000, roles: new Set(["postgres"]), rights: [] });
    assert.ok(older.statements.every(({ kind }) => kind !== "parameter"));
    assert.deepEqual(older.reports, ["this server knows no rights on parameters: they are left out"]);
    for (const { undo } of rights.toReversed()) await session.run(undo ?? "");
    await session.run("DROP ROLE z_tuner, a_helper");
    assert.deepEqual(await readParameterRights(source, source.description.versionNumber), []);
  });

  test("a password's hash is marked, scrubbed from messages, and not read without the right to", async () => {
    await using session = await openSession(server.settings);
    await session.run(SCRIPT);
    const statements = await readRoles(await sourceOf(session));
    const password = statements.find(({ secret }) => secret === true);
    assert.equal(password?.role, "forever");
    assert.match(password?.sql ?? "", /^ALTER ROLE "forever" PASSWORD '(?:SCRAM-SHA-256\$|md5)/);
    assert.doesNotMatch(scrubSecrets(password?.sql ?? ""), /SCRAM|md5/);
    const less = await readRoles(await sourceOf(session, { superuser: false }));
    assert.deepEqual(
      less,
      statements.filter(({ secret }) => secret !== true),
    );
    await session.run(DROP);
  });
});

describe("a database's own facts", () => {
  test("another database made from them has the same", async () => {
    await using session = await openSession(server.settings);
    await session.run(SCRIPT);
    const name = 'da"ta; base';
    await session.run(
      `CREATE DATABASE "da""ta; base" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' OWNER plain`,
    );
    await session.run(`COMMENT ON DATABASE "da""ta; base" IS 'it''s';
      ALTER DATABASE "da""ta; base" CONNECTION LIMIT 7;
      ALTER DATABASE "da""ta; base" SET default_transaction_read_only = on;
      ALTER ROLE plain IN DATABASE "da""ta; base" SET search_path = a, "B";
      REVOKE TEMPORARY ON DATABASE "da""ta; base" FROM PUBLIC;
      GRANT CREATE ON DATABASE "da""ta; base" TO "We;rd ""group" WITH GRANT OPTION`);
    assert.equal((await factsOf(name)).definition.largeObjects, 0);
    const facts = await factsOf(name);
    const { versionNumber } = (await sourceOf(session)).description;
    const plan = planDatabase(facts, { name: "copy", versionNumber });
    await session.run(plan.create);
    for (const sql of plan.last) await session.run(sql);
    const { statements: _, ...said } = facts;
    const { statements: copied, ...copy } = await factsOf("copy");
    assert.deepEqual(copy, { ...said, name: "copy" });
    assert.deepEqual(
      copied.map(({ sql }) => sql),
      [plan.create, ...plan.first, ...plan.last],
    );
    await session.run(plan.undo);
    await session.run('DROP DATABASE "da""ta; base"');
    await session.run(DROP);
  });

  test("large objects are counted", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run("SELECT lo_create(0), lo_create(0)");
      assert.equal((await factsOf(settings.database)).definition.largeObjects, 2);
    });
  });

  test("roles that are not there are left out and named", async () => {
    const facts = await factsOf("postgres");
    const definition = {
      ...facts.definition,
      grants: [
        { role: "", privilege: "CONNECT", grantable: false },
        { role: "gone", privilege: "CREATE", grantable: false },
      ],
      roleSettings: [{ role: "gone", setting: "work_mem=8MB" }],
    };
    const target = { name: "x", versionNumber: 150_000, roles: new Set(["postgres"]) };
    const plan = planDatabase({ ...facts, definition }, target);
    assert.deepEqual(plan.missingRoles, ["gone"]);
    assert.ok(plan.last.includes('GRANT CONNECT ON DATABASE "x" TO PUBLIC'));
    assert.ok(plan.last.every((sql) => !sql.includes("gone")));
  });

  test("an older server that cannot have the locale refuses, one without public drops it", async () => {
    const facts = await factsOf("postgres");
    const icu = { ...facts, definition: { ...facts.definition, provider: "icu" as const, locale: "de" } };
    assert.throws(
      () => planDatabase(icu, { name: "x", versionNumber: 140_000 }),
      (thrown) => thrown instanceof ShellError && thrown.code === "engine/unsupported",
    );
    assert.match(
      planDatabase(icu, { name: "x", versionNumber: 180_000 }).create,
      /LOCALE_PROVIDER = icu .* ICU_LOCALE = 'de'/,
    );
    const bare = { ...facts, definition: { ...facts.definition, hasPublic: false } };
    assert.deepEqual(planDatabase(bare, { name: "x", versionNumber: 100_000 }).first, ["DROP SCHEMA public"]);
    assert.doesNotMatch(planDatabase(bare, { name: "x", versionNumber: 140_000 }).create, /PROVIDER/);
  });

  async function factsOf(database: string): ReturnType<typeof readDatabaseFacts> {
    await using session = await openSession({ ...server.settings, database });
    return await readDatabaseFacts(await sourceOf(session));
  }
});
