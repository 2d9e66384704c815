import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { inspect } from "node:util";
import type { ShellError } from "../../src/errors.ts";
import { CatalogueFile } from "../../src/external/catalogue-file.ts";
import { ConnectionUri } from "../../src/external/connection-uri.ts";
import type { ExternalConnection } from "../../src/external/connections.ts";
import { ownIdentity, processRealm } from "../../src/std/process-identity.ts";
import { Canary } from "../harness/canary.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

const connection = (name: string, uri = `file:///${name}`): ExternalConnection => ({
  name,
  uri: new ConnectionUri(uri),
});

const root = await temporaryFolder();
let count = 0;

describe("the catalogue file", () => {
  let [folder, path]: [string, string] = ["", ""];
  let catalogue: CatalogueFile;
  beforeEach(() => {
    count += 1;
    folder = join(root, String(count), "sealift");
    path = join(folder, "connections.json");
    catalogue = new CatalogueFile(path);
  });

  const names = async (): Promise<readonly string[]> => (await new CatalogueFile(path).all()).map(({ name }) => name);

  it("is empty before it is there, and lists by name", async () => {
    assert.deepEqual(await names(), []);
    for (const name of ["b", "c", "a"]) await catalogue.create(connection(name));
    assert.deepEqual(await names(), ["a", "b", "c"]);
    await catalogue.drop("b");
    await catalogue.replace(connection("c", "file:///elsewhere"));
    assert.deepEqual(
      (await catalogue.all()).map(({ name, uri }) => [name, uri.reveal()]),
      [
        ["a", "file:///a"],
        ["c", "file:///elsewhere"],
      ],
    );
  });

  it("is closed to others, whole, and leaves nothing beside it", async () => {
    await catalogue.create(connection("a"));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(folder), ["connections.json"]);
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), {
      version: 1,
      connections: [{ name: "a", uri: "file:///a" }],
    });
  });

  it("refuses names that are taken, and names that are not there", async () => {
    await catalogue.create(connection("nightly"));
    await assert.rejects(catalogue.create(connection("nightly")), { code: "connection/exists" });
    const works = [async () => catalogue.drop("nigthly"), async () => catalogue.replace(connection("nigthly"))];
    for (const work of works)
      await assert.rejects(work, { code: "connection/not-found", hint: "did you mean nightly?" });
    assert.deepEqual(await readdir(folder), ["connections.json"]);
  });

  it("loses nothing when many write at once", async () => {
    const all = Array.from({ length: 12 }, (_, index) => `n${String(index).padStart(2, "0")}`);
    await Promise.all(all.map(async (name) => new CatalogueFile(path).create(connection(name))));
    assert.deepEqual(await names(), all);
  });

  it("takes over a lock that a dead process left", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.lock`, "");
    await utimes(`${path}.lock`, 0, 0);
    await catalogue.create(connection("a"));
    assert.deepEqual(await names(), ["a"]);
  });

  it("goes on at once after a process that was killed while it wrote, and leaves no credentials of its behind", async () => {
    await catalogue.create(connection("a"));
    // The process ends between the draft and its publication.
    const draft = `${path}.0123456789ab`;
    const script = `
      const { CatalogueFile } = await import(${JSON.stringify(new URL("../../src/external/catalogue-file.js", import.meta.url).href)});
      const { ConnectionUri } = await import(${JSON.stringify(new URL("../../src/external/connection-uri.js", import.meta.url).href)});
      const { writeFileSync } = await import("node:fs");
      const dying = () => {
        writeFileSync(${JSON.stringify(draft)}, "half", { mode: 0o600 });
        process.kill(process.pid, "SIGKILL");
      };
      const uri = new Proxy(new ConnectionUri("file:///b"), { get: () => dying });
      await new CatalogueFile(${JSON.stringify(path)}).create({ name: "b", uri });`;
    const { signal } = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    assert.equal(signal, "SIGKILL");
    assert.ok((await readdir(folder)).includes("connections.json.lock"));
    const started = performance.now();
    await catalogue.create(connection("c"));
    assert.ok(performance.now() - started < 1000);
    assert.deepEqual(await names(), ["a", "c"]);
    assert.deepEqual(await readdir(folder), ["connections.json"]);
  });

  it("waits for a process that runs, and says who it is", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.lock`, JSON.stringify({ realm: processRealm(), ...ownIdentity(), token: "another" }));
    await assert.rejects(catalogue.create(connection("a")), (error: ShellError) => {
      assert.equal(error.code, "shell/file");
      assert.match(error.message, new RegExp(`is being changed by process ${process.pid}$`, "u"));
      return true;
    });
  });

  it("is not read when others can read it", async () => {
    await catalogue.create(connection("a"));
    await chmod(path, 0o644);
    await assert.rejects(catalogue.all(), { code: "shell/file", hint: `chmod 600 ${path}` });
  });

  it("is refused when it is damaged, without repeating what it holds", async () => {
    const canary = new Canary("catalogue");
    await mkdir(folder, { recursive: true });
    const texts = [
      `{"uri": "${canary.uriText}`,
      "[]",
      `{"version":2,"connections":[]}`,
      `{"version":1,"connections":[{}]}`,
    ];
    for (const text of texts) {
      await writeFile(path, text, { mode: 0o600 });
      await assert.rejects(catalogue.all(), (error: Error & { code: string }) => {
        assert.equal(error.code, "shell/file", text);
        canary.assertAbsent(inspect(error), "the error");
        return true;
      });
    }
  });

  it("a connection's URI prints without its secrets", () => {
    const canary = new Canary("uri");
    const uri = new ConnectionUri(`s3://b/p?AWS_SECRET_ACCESS_KEY=${canary.uriText}&AWS_REGION=eu-west-1`);
    const shown = [String(uri), JSON.stringify({ uri }), inspect({ uri }, { showHidden: true })].join("\n");
    canary.assertAbsent(shown, "what is shown");
    assert.equal(String(uri), "s3://b/p?AWS_SECRET_ACCESS_KEY=redacted&AWS_REGION=eu-west-1");
  });
});
