import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import { parsePattern } from "../../src/script/describe/pattern.ts";
import { casesFor, schemaFor, shown } from "../harness/describe-stage.ts";
import { ROOT } from "../harness/root.ts";
import { startPostgres } from "../harness/postgres-server.ts";

const SCHEMA = `
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'the application';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL,
  mood mood DEFAULT 'ok', CHECK (email <> ''));
CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL REFERENCES customers ON DELETE CASCADE,
  total numeric(10,2) DEFAULT 0, twice numeric GENERATED ALWAYS AS (total * 2) STORED);
CREATE INDEX orders_customer ON orders (customer) WHERE total > 0;
CREATE VIEW big AS SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer WHERE o.total > 100;
CREATE TABLE "Odd Name" (x text COLLATE "C");
CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE app.log (at timestamptz);
CREATE FUNCTION add_one(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders FOR SELECT USING (customer = 1);
CREATE SEQUENCE counter START 5 INCREMENT 2;
`;

const VECTORS = readFileSync(join(ROOT, "test/vectors/describe.txt"), "utf8");

test("describe commands print what psql prints", async (t) => {
  await using server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    for await (const event of engine.run(schemaFor(engine, SCHEMA))) assert.notEqual(event.type, "failed");
    const cases = casesFor(engine, VECTORS);
    assert.ok(cases.length > 20);
    for (const { command, expected } of cases) {
      await t.test(command, async () => assert.equal(await shown(engine, command), expected));
    }
    await t.test("\\x expands listings, and no table that one relation is described by", async () => {
      assert.match(await shown(engine, "\\x on\n\\dn app"), /^List of schemas\n-\[ RECORD 1 ]-*\nName +\| app\n/m);
      assert.match(await shown(engine, "\\x on\n\\d parts_1"), /^ Column \| /m);
    });
    await t.test("\\dx, \\l, \\du and \\df+ list what is there", async () => {
      assert.match(await shown(engine, "\\dx"), / plpgsql \| 1\.0 /);
      assert.match(await shown(engine, "\\l postgres"), / postgres \| postgres \| UTF8 /);
      assert.match(
        await shown(engine, "\\du postgres"),
        / postgres +\| Superuser, Create role, Create DB, Replication, Bypass RLS/,
      );
      assert.match(await shown(engine, "\\df+ add_one"), / volatile +\| unsafe .*SELECT \$1 \+ 1/);
      assert.match(await shown(engine, "\\dT+ mood"), / sad +\+/);
    });
  });
});

suite("patterns", () => {
  const cases: Readonly<Record<string, ReturnType<typeof parsePattern>>> = {
    foo: { name: "^(foo)$" },
    FOO: { name: "^(foo)$" },
    '"FOO"': { name: "^(FOO)$" },
    "f*o?": { name: "^(f.*o.)$" },
    "s.t": { schema: "^(s)$", name: "^(t)$", anywhere: true },
    "s.*": { schema: "^(s)$", anywhere: true },
    "*.t": { name: "^(t)$", anywhere: true },
    'shop."S".t': { database: "shop", schema: "^(S)$", name: "^(t)$", anywhere: true },
    "*": {},
    '"a.b"': { name: "^(a\\.b)$" },
    '"a""b"': { name: '^(a"b)$' },
    a$b: { name: "^(a\\$b)$" },
    "t[12]": { name: "^(t[12])$" },
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(text, () => assert.deepEqual(parsePattern(text), expected));
  }
});
