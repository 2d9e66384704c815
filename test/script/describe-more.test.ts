import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { Event } from "../../src/events.ts";
import { casesFor, said, schemaFor, shown } from "../harness/describe-stage.ts";
import { startPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";
import { runTexts } from "../harness/script-stage.ts";

const SCHEMA = readFileSync(join(ROOT, "test/vectors/describe-more.sql"), "utf8");
const VECTORS = readFileSync(join(ROOT, "test/vectors/describe-more.txt"), "utf8");

test("more describe commands print what psql prints", async (t) => {
  await using server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    await drain(engine.run(schemaFor(engine, SCHEMA)));
    const cases = casesFor(engine, VECTORS);
    assert.ok(cases.length > 50);
    for (const { command, expected } of cases) {
      await t.test(command, async () => assert.equal(await said(engine, command), expected));
    }
    await t.test("a name of three parts is of this database", async () => {
      assert.equal(await shown(engine, `\\d ${settings.database}.app.log`), await shown(engine, "\\d app.log"));
      await assert.rejects(shown(engine, "\\d elsewhere.app.log"), { code: "engine/unsupported" });
    });
    await t.test("sizes and databases", async () => {
      assert.match(await shown(engine, "\\dP+ parts"), / parts .* \d+ (bytes|kB) +\| /);
      assert.match(await shown(engine, "\\z app.log"), / reader=ar\/postgres .*\| +ann=w\/postgres /);
      const { versionNumber } = engine.description;
      const provider = versionNumber >= 150_000 ? "Locale Provider +\\| " : "";
      const locale = versionNumber >= 150_000 ? "\\| Locale +" : "";
      const rules = versionNumber >= 160_000 ? "\\| ICU Rules +" : "";
      assert.match(
        await shown(engine, "\\l"),
        new RegExp(`Encoding +\\| ${provider}Collate +\\| Ctype +${locale}${rules}\\| +Access privileges`),
      );
      assert.match(await shown(engine, "\\dx+"), /Objects in extension "plpgsql"[\s\S]* language plpgsql\n\(4 rows\)/);
      await assert.rejects(shown(engine, "\\dx+ nosuch"), { message: 'Did not find any extension named "nosuch"' });
    });
    await t.test("a column that an index only includes is no key of it", async (index) => {
      if (engine.description.versionNumber < 110_000) return index.skip("PostgreSQL 11 added them");
      await drain(engine.run("CREATE INDEX covering ON orders (customer) INCLUDE (total)"));
      const text = await shown(engine, "\\d covering");
      assert.match(text, / customer \| integer +\| yes  \| customer\n total +\| numeric\(10,2\) \| no   \| total\n/);
      await drain(engine.run("DROP INDEX covering"));
    });
    await t.test("what is no view, and what is not there", async () => {
      const message = 'Did not find any relation named "orderz"';
      await assert.rejects(shown(engine, "\\d orderz"), { message, hint: "did you mean orders?" });
      await assert.rejects(shown(engine, "\\d+ orderz"), { message });
      await assert.rejects(shown(engine, "\\d or?erz"), { message: /or\?erz/, hint: undefined });
      assert.match(await shown(engine, "\\dt orderz"), /^Did not find any relation named "orderz"\.\n$/);
      await assert.rejects(shown(engine, "\\sv orders"), { code: "shell/command" });
      await assert.rejects(shown(engine, "\\sf nosuch"), { sqlState: "42883" });
      await assert.rejects(shown(engine, "\\sf"), { code: "shell/command" });
    });
  });
});

async function drain(events: AsyncIterable<Event>): Promise<void> {
  for await (const event of events) assert.notEqual(event.type, "failed");
}

suite("mixtures of kinds", () => {
  test("are listings like \\dt", async () => {
    const { sent } = await runTexts(["\\dtvS+ pg_*"]);
    assert.match(sent[0] ?? "", /c\.relkind IN \('r','p','v',''\)/);
  });

  test("of unknown letters are no command", async () => {
    assert.match((await runTexts(["\\dtq"])).transcript, /unknown command \\dtq\n/);
  });
});
