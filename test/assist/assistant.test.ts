import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AssistantContext } from "../../src/assist/assistant.ts";
import { LiveAssistant, type AssistantWorld } from "../../src/assist/live-assistant.ts";
import { ConnectionUri } from "../../src/external/connection-uri.ts";
import { resolveExternal, type ExternalConnection } from "../../src/external/connections.ts";
import { openStore } from "../../src/storage/schemes.ts";
import { listCommands } from "../../src/script/commands/index.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

const BACKUPS = ["2026/11/20-071826.12", "2026/11/21-071826.12"];
/** What a session on a database without tables answers. */
const EMPTY: AssistantWorld["openCatalogue"] = async () => undefined;

const folder = await temporaryFolder();

describe("completion in strings and commands", () => {
  let assistant: LiveAssistant;
  let opened = 0;
  let connections: readonly ExternalConnection[] = [];

  before(async () => {
    for (const backup of BACKUPS) await place(`collection/${backup}/BACKUP_MANIFEST`);
    await place("collection/2026/11/22-000000.00/data/unfinished");
    await place("files/a.sql");
    connections = [
      { name: "key", uri: new ConnectionUri("local-kms:///k") },
      { name: "store", uri: new ConnectionUri(`file://${folder}/collection`) },
    ];
    assistant = new LiveAssistant(worldOf(EMPTY), contextOf([]));
  });

  after(async () => assistant[Symbol.asyncDispose]());

  async function place(path: string): Promise<void> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "x");
  }

  function worldOf(openCatalogue: AssistantWorld["openCatalogue"]): AssistantWorld {
    const catalogue = { all: async () => connections } as Parameters<typeof resolveExternal>[1];
    return {
      openCatalogue,
      openStore: async (location) => {
        opened++;
        const resolved = await resolveExternal(location, catalogue);
        return openStore(resolved, { externDirectory: folder, network: { variables: {} } });
      },
      connections: async () => connections,
      localKeys: async () => ["main"],
      commands: listCommands(),
      listFolder: async (path) => (path === "scripts/" ? ["deep/", "load.sql", ".hidden"] : ["scripts/"]),
      services: async () => ["production"],
    };
  }

  function contextOf(recent: readonly string[]): AssistantContext {
    return { variables: () => ["region", "retries"], recent: () => recent };
  }

  /** The texts that may take the place of what is typed before the `|`. */
  async function complete(marked: string, from = assistant): Promise<readonly string[]> {
    const cursor = marked.indexOf("|");
    const { span, items } = await from.complete(marked.replace("|", ""), cursor, new AbortController().signal);
    assert.ok(span.start <= cursor && span.end >= cursor, `the span ${JSON.stringify(span)} holds the cursor`);
    return items.map(({ insert }) => insert);
  }

  it("offers the backups of a collection, newest first, and not the one that is not finished", async () => {
    const newestFirst = ["LATEST'", ...BACKUPS.toReversed().map((backup) => `${backup}'`)];
    assert.deepEqual(await complete("RESTORE FROM '| IN 'external://store'"), newestFirst);
    assert.deepEqual(await complete(`SHOW BACKUP FROM '|' IN 'file://${folder}/collection'`), [
      "LATEST",
      ...BACKUPS.toReversed(),
    ]);
    assert.deepEqual(await complete("ALTER BACKUP '2026/11/21|' IN 'external://store'"), [BACKUPS[1]]);
    assert.deepEqual(await complete("restore from | in 'external://store'"), [
      "LATEST",
      ...BACKUPS.toReversed().map((backup) => `'${backup}'`),
    ]);
  });

  it("lists folders of a store once, and filters what it knows", async () => {
    const before = opened;
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/|`), ["collection/", "files/"]);
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/fi|`), ["files/"]);
    assert.equal(opened - before, 1);
  });

  it("writes names of folders as a URI in a string has them, and reads them so", async () => {
    for (const name of ["it's", "50% off?", "sp ace"]) await place(`files/odd/${name}/in`);
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/files/odd/|`), [
      "50%25 off%3F/",
      "it''s/",
      "sp ace/",
    ]);
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/files/odd/it''s/|`), ["in"]);
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/files/odd/50%25 off%3F/|`), ["in"]);
    assert.deepEqual(await complete(`BACKUP INTO 'file://${folder}/files/odd/50%25|`), ["50%25 off%3F/"]);
  });

  it("signs in with what stands behind the cursor", async () => {
    assert.deepEqual(await complete("BACKUP INTO 'nodelocal://1/|?COCKROACH_LOCALITY=default'"), [
      "collection/",
      "files/",
    ]);
    assert.deepEqual(await complete("BACKUP INTO 'nodelocal://1/|?NO_SUCH=1'"), []);
  });

  it("offers the connections that are for places, or for keys", async () => {
    assert.deepEqual(await complete("BACKUP INTO 'ext|"), ["external://store"]);
    assert.deepEqual(await complete("BACKUP INTO 'x' WITH kms = 'ext|"), ["external://key'"]);
    assert.deepEqual(await complete("DROP EXTERNAL CONNECTION |"), ["key", "store"]);
  });

  it("offers places and keys of earlier statements without their secrets", async () => {
    const recent = [
      "BACKUP INTO 's3://b/p?AUTH=specified&AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=canary' WITH kms = 'aws-kms:///k?REGION=r&AUTH=implicit'",
    ];
    await using other = new LiveAssistant(worldOf(EMPTY), contextOf(recent));
    assert.ok((await complete("BACKUP INTO 's3:|", other)).includes("s3://b/p?AUTH=specified&AWS_ACCESS_KEY_ID=id'"));
    assert.ok((await complete("CHECK KMS |", other)).includes("'aws-kms:///k?REGION=r&AUTH=implicit'"));
    const all = [...(await complete("COPY t FROM '|", other)), ...(await complete("CHECK KMS '|", other))];
    assert.ok(!all.join(" ").includes("canary"));
  });

  it("offers parameters of a URI and their values", async () => {
    assert.deepEqual(await complete("BACKUP INTO 's3://b?AUTH=|"), ["specified", "implicit"]);
    assert.deepEqual(await complete("BACKUP INTO 'gs://b?AUTH=implicit&BEA|"), ["BEARER_TOKEN="]);
  });

  it("offers nothing where a secret is typed", async () => {
    assert.deepEqual(await complete("BACKUP INTO 'x' WITH encryption_passphrase = '|"), []);
    assert.deepEqual(await complete("COPY t FROM 's3://b' CREDENTIALS '|"), []);
  });

  it("offers values of options", async () => {
    assert.deepEqual(await complete("BACKUP INTO 'x' WITH rows = '|"), ["binary'", "text'"]);
  });

  it("completes commands, what they take, and variables", async () => {
    assert.deepEqual(await complete("\\timi|"), ["\\timing"]);
    assert.deepEqual(await complete("\\dx|"), ["\\dx", "\\dX", "\\dx+"]);
    assert.deepEqual(await complete("\\dRp|"), ["\\dRp"]);
    assert.deepEqual(
      (await complete("\\dF|")).filter((name) => name.startsWith("\\dF")),
      ["\\dF", "\\dFd", "\\dFp", "\\dFt"],
    );
    assert.deepEqual(await complete("\\pset format |"), ["aligned", "unaligned", "csv", "json", "ndjson"]);
    assert.deepEqual(await complete("\\i |"), ["scripts/"]);
    assert.deepEqual(await complete("\\i scripts/|"), ["scripts/deep/", "scripts/load.sql"]);
    assert.deepEqual(await complete("\\c serv|"), ["service=production"]);
    assert.deepEqual((await complete("\\h alter ba|")).slice(0, 2), ["ALTER BACKUP", "ALTER BACKUP SCHEDULE"]);
    assert.deepEqual(await complete("\\unset re|"), ["region", "retries"]);
    assert.deepEqual(await complete("select :reg|"), [":region"]);
    assert.deepEqual(await complete("select :'|"), [":'region'", ":'retries'"]);
    assert.deepEqual(await complete("select 'a :reg|"), []);
    assert.ok((await complete("\\copy t |")).includes("from"));
  });

  it("mixes our statements with the database's", async () => {
    assert.deepEqual(await complete("back|"), ["backup"]);
    const created = await complete("CREATE |");
    assert.ok(created.includes("EXTERNAL") && created.includes("TABLE"));
    assert.deepEqual(await complete("backup into 'x' with k|"), ["kms"]);
  });

  it("does not wait for a database that it need not know", async () => {
    await using slow = new LiveAssistant(
      worldOf(() => new Promise(() => undefined)),
      contextOf([]),
    );
    const at = async (text: string): Promise<boolean | undefined> => {
      const { isPartial, items } = await slow.complete(text, text.length, new AbortController().signal);
      assert.ok(items.length > 0, text);
      return isPartial;
    };
    assert.equal(await at("RESTORE FROM LATEST IN '"), false);
    assert.equal(await at("BACKUP INTO 'x' WITH kms = '"), false);
    assert.equal(await at("\\pset "), false);
    assert.equal(await at("BACKUP INTO 'x' WITH "), false);
    assert.equal(await at("SELECT "), true);
  });

  it("gives nothing after an abort, and does not ask the store", async () => {
    const before = opened;
    const stop = new AbortController();
    const text = `BACKUP INTO 'file://${folder}/collection/`;
    const pending = assistant.complete(text, text.length, stop.signal);
    stop.abort();
    assert.deepEqual((await pending).items, []);
    assert.equal(opened, before);
  });
});
