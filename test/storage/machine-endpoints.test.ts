// Addresses that the machine's environment names: AWS's count where the URI leaves the question to the machine, and
// none of them is an unreadable error.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EmulatorServer } from "../emulators/server.ts";
import { startProxy, type Proxy } from "../emulators/proxy.ts";
import { realProgram } from "../harness/program.ts";

const KEYS = "AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b";
const S3 = "SHOW BACKUPS IN 's3://bucket/p";
const KMS = "CHECK KMS 'aws-kms:///alias/a";

describe("an endpoint of the machine", () => {
  const program = realProgram();
  let [elsewhere, proxy]: [EmulatorServer, Proxy] = [] as never;
  before(async () => {
    elsewhere = await EmulatorServer.start(() => ({ status: 403 }));
    // Whoever goes to AWS comes to the proxy.
    proxy = await startProxy(elsewhere.origin);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await elsewhere[Symbol.asyncDispose]();
  });

  for (const [statement, region, host, variable] of [
    [S3, "AWS_REGION", "bucket.s3.eu-west-1.amazonaws.com", "AWS_ENDPOINT_URL_S3"],
    [KMS, "REGION", "kms.eu-west-1.amazonaws.com", "AWS_ENDPOINT_URL_KMS"],
  ] as const)
    for (const name of [variable, "AWS_ENDPOINT_URL"]) {
      const variables = (): Readonly<Record<string, string>> => ({
        [name]: elsewhere.origin,
        HTTPS_PROXY: proxy.url,
        NO_PROXY: "127.0.0.1",
        AWS_ACCESS_KEY_ID: "machine",
        AWS_SECRET_ACCESS_KEY: "machine's",
      });

      it(`${name} does not get what the URI's own keys sign`, async () => {
        const from = elsewhere.requests.length;
        await program.run(`${statement}?${KEYS}&${region}=eu-west-1';`, variables());
        assert.equal(elsewhere.requests.length, from, "nothing went to the machine's endpoint");
        assert.ok(proxy.hosts.includes(`${host}:443`), proxy.hosts.join());
      });

      it(`${name} is asked for AUTH=implicit`, async () => {
        const from = elsewhere.requests.length;
        await program.run(`${statement}?AUTH=implicit&${region}=eu-west-1';`, variables());
        assert.ok(elsewhere.requests.length > from);
      });
    }

  for (const [name, value, statement] of [
    [
      "AZURE_STORAGE_ENDPOINT",
      "nonsense",
      "SHOW BACKUPS IN 'azure-blob://c/p?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=a2V5'",
    ],
    ["STORAGE_EMULATOR_HOST", "ftp://x", "SHOW BACKUPS IN 'gs://b/p?BEARER_TOKEN=t'"],
    ["AWS_ENDPOINT_URL_S3", "minio:9000", `${S3}?AUTH=implicit'`],
    ["AWS_ENDPOINT_URL", "nonsense", `${KMS}?AUTH=implicit&REGION=r'`],
    [
      "AZURE_AUTHORITY_HOST",
      "http://login",
      "CHECK KMS 'azure-kms:///a/b?AZURE_VAULT_NAME=v&AZURE_TENANT_ID=t&AZURE_CLIENT_ID=c&AZURE_CLIENT_SECRET=s'",
    ],
  ] as const)
    it(`${name} that is no address is refused by its name`, async () => {
      const { complaints, status } = await program.run(`${statement};`, { [name]: value });
      assert.match(complaints, new RegExp(`error\\[location/invalid\\]: ${name} cannot be used`, "u"));
      assert.equal(status, 3);
    });
});
