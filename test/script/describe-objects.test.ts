import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { Event } from "../../src/events.ts";
import { parsePattern, parseTypePattern } from "../../src/script/describe/pattern.ts";
import { casesFor, schemaFor, shown } from "../harness/describe-stage.ts";
import { startPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";

const SCHEMA = readFileSync(join(ROOT, "test/vectors/describe-objects.sql"), "utf8");
const VECTORS = readFileSync(join(ROOT, "test/vectors/describe-objects.txt"), "utf8");

/** A database with a subscription cannot be dropped; roles are the cluster's. */
const CLEAN_UP = [
  "ALTER SUBSCRIPTION sub SET (slot_name = NONE)",
  "DROP SUBSCRIPTION sub",
  "DROP OWNED BY lister, keeper CASCADE",
  "DROP ROLE lister, keeper",
];

test("listings of what is no relation print what psql prints", async (t) => {
  await using server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    await drain(engine.run(schemaFor(engine, SCHEMA)));
    const cases = casesFor(engine, VECTORS);
    assert.ok(cases.length > 80);
    for (const { command, expected } of cases) {
      await t.test(command, async () => assert.equal(await shown(engine, command), expected));
    }
    await t.test("what is not there fails where each is described", async () => {
      const failures: Readonly<Record<string, string>> = {
        "\\dF+ nosuch": 'Did not find any text search configuration named "nosuch"',
        "\\dFp+ nosuch": 'Did not find any text search parser named "nosuch"',
        "\\dRp+ nosuch": 'Did not find any publication named "nosuch"',
      };
      for (const [command, message] of Object.entries(failures)) {
        await assert.rejects(shown(engine, command), { code: "shell/command", message });
      }
    });
    await t.test("a parser has its functions and its tokens", async () => {
      const text = await shown(engine, "\\dFp+ app.parts");
      assert.match(
        text,
        /Text search parser "app\.parts"\n[\s\S]* Get headline +\| - +\| \n Get token types +\| prsd_lextype/,
      );
      assert.match(text, /Token types for parser "app\.parts"\n[\s\S]* word +\| Word, all letters\n\(23 rows\)/);
    });
    await t.test("parameters: those that were set, and any by a pattern", async () => {
      assert.match(await shown(engine, "\\dconfig"), /List of non-default [\s\S]*\n application_name +\| sealift/);
      assert.doesNotMatch(await shown(engine, "\\dconfig"), /enable_/);
      await drain(engine.run("LOAD 'plpgsql'"));
      assert.match(await shown(engine, "\\dconfig PLPGSQL.check*"), / plpgsql\.check_asserts \| on\n/);
      assert.match(await shown(engine, "\\dconfig work.mem"), /\(0 rows\)/);
    });
    await t.test("rights that were all revoked are none, not the default", async () => {
      await drain(engine.run("REVOKE ALL ON SCHEMA app FROM PUBLIC, CURRENT_USER"));
      assert.match(await shown(engine, "\\dn+ app"), / app +\| postgres \| \(none\) /);
    });
    await t.test("sizes of tablespaces", async () => {
      assert.match(await shown(engine, "\\db+ pg_default"), / pg_default \| postgres .* \d+ (kB|MB|GB) \| \n/);
      await drain(engine.run("SET ROLE lister"));
      assert.match(
        await shown(engine, "\\db+ pg_*"),
        / pg_default .* \d+ (kB|MB|GB) +\| \n pg_global .* \| No Access \| /,
      );
      await drain(engine.run("RESET ROLE"));
    });
    await t.test("letters that a command does not take make it unknown", async () => {
      await assert.rejects(shown(engine, "\\dAS"), { code: "shell/command", message: /unknown command \\dAS/ });
    });
    for (const sql of CLEAN_UP) await drain(engine.run(sql));
  });
});

async function drain(events: AsyncIterable<Event>): Promise<void> {
  for await (const event of events) assert.notEqual(event.type, "failed");
}

suite("patterns of signs and types", () => {
  test("only * and ? are wildcards in the name of an operator", () => {
    assert.deepEqual(parsePattern("|+", true), { name: "^(\\|\\+)$" });
    assert.deepEqual(parsePattern("pg_catalog.<*", true), {
      schema: "^(pg_catalog)$",
      name: "^(<.*)$",
      anywhere: true,
    });
  });
  test("more than three parts are too many", () => {
    assert.throws(() => parsePattern("a.b.c.d"), {
      code: "shell/command",
      message: /too many dotted names.*: a\.b\.c\.d$/,
    });
    assert.deepEqual(parsePattern('a.b."c.d"'), { database: "a", schema: "^(b)$", name: "^(c\\.d)$", anywhere: true });
  });
  const types: Readonly<Record<string, string>> = {
    int: "^(integer)$",
    "INT[]": "^(integer\\[\\])$",
    float: "^(double precision)$",
    "mo*": "^(mo.*)$",
    numeric: "^(numeric)$",
  };
  for (const [text, name] of Object.entries(types)) {
    test(text, () => assert.deepEqual(parseTypePattern(text), { name }));
  }
});
