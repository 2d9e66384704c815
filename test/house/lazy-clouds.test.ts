import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";

const DIST = join(import.meta.dirname, "../..");
const SDKS = ["@aws-sdk/", "@azure/", "@google-cloud/", "google-auth-library", "gaxios", "@smithy/"];

/** Which clouds' packages a program loads, in a process of its own. */
function loadedBy(program: string): readonly string[] {
  const script = `
    import { registerHooks } from "node:module";
    const found = new Set();
    registerHooks({ resolve(specifier, context, next) { const to = next(specifier, context); found.add(to.url); return to; } });
    const dist = ${JSON.stringify(`file://${DIST}`)};
    ${program}
    process.stdout.write(JSON.stringify([...found]));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const urls = JSON.parse(stdout) as readonly string[];
  assert.ok(urls.length > 3, "the program was watched");
  return SDKS.filter((sdk) => urls.some((url) => url.includes(`/node_modules/${sdk}`)));
}

const OPEN = (uri: string): string => `
  const { parseStorageLocation } = await import(dist + "/src/location-parse.js");
  const { openStore } = await import(dist + "/src/storage/schemes.js");
  await openStore(parseStorageLocation(${JSON.stringify(uri)}).value, { externDirectory: "/x", network: { variables: {} } });`;

describe("the clouds' SDKs", () => {
  it("are not loaded by what every session loads", () => {
    assert.deepEqual(loadedBy('await import(dist + "/src/wiring.js"); await import(dist + "/src/index.js");'), []);
  });

  it("are not loaded for local files", () => {
    assert.deepEqual(loadedBy(OPEN("file:///tmp")), []);
  });

  it("are loaded each for its own URIs only", () => {
    const keys = "AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b";
    assert.deepEqual(loadedBy(OPEN(`s3://b/p?${keys}`)), ["@aws-sdk/", "@smithy/"]);
    const google = loadedBy(OPEN("gs://b/p?BEARER_TOKEN=t"));
    assert.deepEqual(google, ["@google-cloud/", "google-auth-library", "gaxios"]);
    const azure = loadedBy(OPEN("azure-blob://c/p?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=a2V5"));
    assert.deepEqual(azure, ["@azure/"]);
  });
});
