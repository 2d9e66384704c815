// \d and its family against a catalogue of release 8.0: nothing may use what that does not have.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLayout, type Layout } from "../../repl/layout/layout.ts";
import { DEFAULT_DISPLAY } from "../../src/script/display.ts";
import { Interpreter } from "../../src/script/interpreter.ts";
import { ScriptState } from "../../src/script/state.ts";
import { Variables } from "../../src/script/variables.ts";
import { fakeHost } from "../harness/script-stage.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();

/** What a command prints, drawn as the shell draws it; a failure fails the test. */
async function shown(command: string): Promise<string> {
  const state = new ScriptState(new Variables());
  const session = stage.session.live;
  const shell = new Interpreter({ session, host: fakeHost(), state, interactive: false });
  let text = "";
  let layout: Layout | undefined;
  for await (const told of shell.run({ name: "t", text: command })) {
    if (told.type === "text") text += told.text;
    if (told.type === "failed") throw told.error;
    if (told.type !== "statement") continue;
    const { event, display, footers } = told;
    if (event.type === "columns") {
      layout = createLayout(
        { ...DEFAULT_DISPLAY, ...display },
        { escapes: false, ...(footers === undefined ? {} : { footers }) },
      );
      text += layout.begin(event.columns);
    }
    if (event.type === "rows") text += layout?.rows(event.rows) ?? "";
    if (event.type === "finished") text += [...(layout?.end() ?? [])].join("");
  }
  return text;
}

suite("describe commands on a cluster", () => {
  const names = ["d", "dt", "dv", "dm", "di", "ds", "dE", "dn", "du", "dg", "df", "dT", "dx", "dp", "z", "l"];
  for (const name of names) {
    test(`\\${name}, with + and S and a pattern`, async () => {
      const plain = name === "dp" || name === "z" ? `\\${name}` : `\\${name}+`;
      const system = name === "dx" ? "\\dx pg_lang*" : `\\${name}S pg_lang*`;
      for (const command of [`\\${name}`, plain, system]) assert.notEqual(await shown(command), "", command);
      const none = shown(`\\${name} nope.nope*`);
      if (name === "d") await assert.rejects(none, { message: 'Did not find any relation named "nope.nope*"' });
      else assert.notEqual(await none, "");
    });
  }

  test("\\d of a table has encodings, keys, distribution and constraints", async () => {
    await stage.session.ok(
      "DROP TABLE IF EXISTS orders; CREATE TABLE orders (id int PRIMARY KEY, city varchar(20) DEFAULT 'x', n int)",
    );
    const lines = (await shown("\\d orders")).split("\n").map((line) => line.trimEnd());
    assert.match(lines[0] ?? "", /Table "public\.orders"/);
    assert.match(lines[1] ?? "", / Column .* Nullable .* Encoding .* Keys/);
    assert.match(lines[3] ?? "", / id +\| integer +\| not null .*\| distkey, sortkey 1$/);
    assert.match(lines[4] ?? "", / city +\| character varying\(20\) .*'x'::character varying/);
    assert.ok(lines.includes("Distribution style: KEY"));
    assert.ok(lines.includes('    "orders_pkey" PRIMARY KEY (id)'));
    assert.match(await shown("\\dt"), / public \| orders \| table \| postgres/);
  });

  test("\\d of a view, of an external table, and of nothing", async () => {
    await stage.session.ok("CREATE OR REPLACE VIEW young AS SELECT id FROM t WHERE id < 2");
    assert.match(await shown("\\d+ young"), /View "public\.young"[\s\S]*View definition:\n +SELECT id/);
    await stage.session.ok(
      "INSERT INTO pg_catalog.svv_external_tables VALUES ('ext', 'clicks', 's3://b/clicks', 'text')",
    );
    await stage.session.ok(
      "INSERT INTO pg_catalog.svv_columns VALUES ('ext', 'clicks', 'url', 1, NULL, 'NO', 'character varying', 100, NULL, NULL), ('ext', 'clicks', 'price', 2, NULL, 'YES', 'numeric', NULL, 10, 2)",
    );
    const external = await shown("\\d ext.clicks");
    assert.match(external, /External table "ext\.clicks"/);
    assert.match(external, / url +\| character varying\(100\) +\| not null/);
    assert.match(external, / price +\| numeric\(10,2\)/);
    assert.match(await shown("\\dE"), / ext +\| clicks \| external table \| s3:\/\/b\/clicks/);
    await assert.rejects(shown("\\d nowhere"), { message: 'Did not find any relation named "nowhere"' });
  });

  test("what 8.0 has of other objects is listed", async () => {
    assert.match(await shown("\\daS sum"), /List of aggregate functions[\s\S]* pg_catalog \| sum /);
    assert.match(await shown("\\dLS sql"), / sql  \| t/);
    assert.match(await shown("\\dC int4"), / integer +\| bigint +\| int8 +\| yes/);
    assert.match(await shown("\\do - int int"), / - +\| integer +\| integer +\| integer/);
    assert.match(await shown("\\do - bigint"), / - +\| +\| bigint +\| bigint/);
    assert.match(await shown("\\dconfig datestyle"), / DateStyle \| /);
  });

  const missing: Readonly<Record<string, RegExp>> = {
    "\\dA": /access methods/,
    "\\dAo+ btree": /access methods/,
    "\\db": /tablespaces/,
    "\\dc": /conversions/,
    "\\dd": /\\dd describes/,
    "\\ddp": /pg_default_acl/,
    "\\dD": /domains/,
    "\\des": /foreign servers/,
    "\\deu+": /user mappings/,
    "\\dF": /text search configurations/,
    "\\dF+": /text search configurations/,
    "\\dFd": /text search dictionaries/,
    "\\dl": /large objects/,
    "\\dO": /collations/,
    "\\dP": /partitioned tables/,
    "\\drds": /settings of roles/,
    "\\dRp+": /publications/,
    "\\dRs": /subscriptions/,
    "\\dX": /extended statistics/,
    "\\dy": /event triggers/,
  };
  for (const [command, what] of Object.entries(missing)) {
    test(`${command} says that Redshift has none`, async () => {
      await assert.rejects(shown(command), { code: "engine/unsupported", message: what });
    });
  }

  test("\\du has users and groups, \\dx says what there is instead of extensions", async () => {
    assert.match(await shown("\\du postgres"), / postgres \| Superuser, Create DB/);
    assert.match(await shown("\\dx"), /Redshift has no extensions/);
  });
});
