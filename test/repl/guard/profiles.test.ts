import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { configPath, promptTag, readProfile } from "../../../repl/guard/profiles.ts";
import { ShellError } from "../../../src/index.ts";
import { Canary } from "../../harness/canary.ts";
import { FakeSession } from "../../harness/script-stage.ts";
import { sealift } from "../../harness/shell-stage.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

async function configured(text: string, mode = 0o600): Promise<Record<string, string>> {
  const home = await temporaryFolder();
  await mkdir(join(home, "sealift"));
  const path = join(home, "sealift", "config.json");
  await writeFile(path, text);
  await chmod(path, mode);
  return { XDG_CONFIG_HOME: home, HOME: home };
}

function refusal(work: () => unknown): ShellError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof ShellError) return thrown;
    throw thrown;
  }
  return assert.fail("it was not refused");
}

const TWO = `{ "profiles": {
  "prod": { "connection": "postgres://app@db/shop", "colour": "bright-red", "guard": "production", "readOnly": true },
  "dev": {}, "loose": { "guard": "off" } } }`;

suite("profiles", () => {
  test("say where to connect and how to treat it", async () => {
    const environment = await configured(TWO);
    const prod = readProfile("prod", environment);
    assert.deepEqual(prod, {
      name: "prod",
      connection: "postgres://app@db/shop",
      colour: "bright-red",
      readOnly: true,
      asks: true,
      production: true,
    });
    assert.equal(promptTag(prod, false), "‹PROD› ");
    assert.equal(promptTag(prod, true), "\u001b[91m‹PROD›\u001b[39m ");
    const dev = readProfile("dev", environment);
    assert.deepEqual(dev, { name: "dev", readOnly: false, asks: true, production: false });
    assert.equal(promptTag(dev, true), "dev ");
    assert.equal(promptTag({ ...dev, production: true }, true), "\u001b[31m‹PROD dev›\u001b[39m ");
    assert.equal(readProfile("loose", environment).asks, false);
    assert.equal(promptTag(undefined, true), "");
  });

  test("stand in config.json, or where SEALIFT_CONFIG says", () => {
    assert.equal(configPath({ HOME: "/h" }), "/h/.config/sealift/config.json");
    assert.equal(configPath({ HOME: "/h", XDG_CONFIG_HOME: "/x", SEALIFT_CONFIG: "/y.json" }), "/y.json");
  });

  const wrong: readonly (readonly [text: string, message: RegExp, hint?: RegExp])[] = [
    [TWO.replace('"prod"', '"prods"'), /^there is no profile prod in .*config\.json$/, /did you mean prods\?/],
    ["{}", /^there is no profile prod/, /the profiles there are: none/],
    ['{"profiles": [1]}', /^profiles in .* is not an object$/],
    ['{"profiles": {"prod": 1}}', /^profile prod is not an object$/],
    [
      '{"profiles": {"prod": {"color": "red"}}}',
      /^profile prod has color, which is not known$/,
      /did you mean colour\?/,
    ],
    ['{"profiles": {"prod": {"colour": "pink"}}}', /^colour of profile prod must be one of black, red/],
    ['{"profiles": {"prod": {"guard": true}}}', /^guard of profile prod must be one of off, ask, production$/],
    ['{"profiles": {"prod": {"readOnly": "yes"}}}', /^readOnly of profile prod must be true or false$/],
    ['{"profiles": {"prod": {"connection": 5}}}', /^connection of profile prod must be a text$/],
  ];
  for (const [text, message, hint] of wrong) {
    test(`refuse ${text.slice(0, 60)}`, async () => {
      const environment = await configured(text);
      const error = refusal(() => readProfile("prod", environment));
      assert.equal(error.code, "shell/usage");
      assert.match(error.message, message);
      if (hint !== undefined) assert.match(error.hint ?? "", hint);
    });
  }

  test("refuse a file that is not there, or no JSON, without quoting it", async () => {
    assert.equal(refusal(() => readProfile("prod", { HOME: "/nowhere" })).code, "shell/file");
    const canary = new Canary("config");
    const environment = await configured(`{"profiles": {"prod": {"connection": "postgres://a:${canary.uriText}@h" x`);
    const error = refusal(() => readProfile("prod", environment));
    assert.match(error.message, / is not JSON: line 1 column \d+$/);
    canary.assertAbsent(`${error.message} ${String(error.hint)}`, "the complaint");
  });

  test("refuse a password that others may read", async () => {
    const text = '{"profiles": {"prod": {"connection": "postgres://ann:hunter2@db/shop"}}}';
    assert.match(refusal(() => readProfile("prod", {})).message, /^cannot read/);
    const loose = await configured(text, 0o644);
    assert.match(refusal(() => readProfile("prod", loose)).message, /holds a password, and others may read/);
    assert.equal(readProfile("prod", await configured(text)).connection, "postgres://ann:hunter2@db/shop");
  });
});

suite("the command line", () => {
  test("--profile connects and guards; a connection that is given goes before the profile's", async () => {
    const environment = await configured(TWO);
    const asked: unknown[] = [];
    const doors = {
      openSession: (...[settings, options]: [{ kind: string; database?: string }, { passwordPrompt?: unknown }?]) => {
        const { passwordPrompt: _, ...others } = { ...options };
        asked.push([settings.database, others]);
        return new FakeSession();
      },
    };
    const refused = await sealift(["--profile", "prod", "-c", "drop table t"], { environment, doors });
    assert.equal(refused.status, 3);
    assert.match(refused.err, /statement\/unconfirmed\]: DROP TABLE t, and profile prod is for production/);
    assert.match(refused.err, /nothing was run/);
    const meant = await sealift(["--profile", "prod", "--yes", "-c", "drop table t", "postgres:///other"], {
      environment,
      doors,
    });
    assert.deepEqual([meant.status, meant.err], [0, "DROP\n"]);
    assert.deepEqual(asked, [
      ["shop", { readOnly: true }],
      ["other", { readOnly: true }],
    ]);
  });

  test("statements that only the run knows are refused when they come", async () => {
    const environment = await configured(TWO);
    const session = new FakeSession();
    const script = "\\set what table\nselect 1;\ndrop :what t;\nselect 2;";
    const answers = await sealift(["--profile", "prod"], { environment, session, stdin: script });
    assert.equal(answers.status, 3);
    assert.deepEqual(session.sent, []);
    const wild = await sealift(["--profile", "prod"], {
      environment,
      session,
      stdin: "\\set s 'drop table t'\nselect 1;\n:s;\nselect 2;",
    });
    assert.equal(wild.status, 3);
    assert.deepEqual(session.sent, ["select 1"]);
  });

  test("--read-only is asked of the session", async () => {
    let options: { readOnly?: boolean } | undefined;
    const doors = {
      openSession: (...given: [unknown, { readOnly?: boolean }?]) => ((options = given[1]), new FakeSession()),
    };
    await sealift(["--read-only", "-c", "select 1"], { doors });
    assert.equal(options?.readOnly, true);
  });
});
