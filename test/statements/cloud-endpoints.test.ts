// The built program at addresses that its environment names, as with private endpoints and test servers.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GcpKmsGrpcServer } from "../emulators/gcp-kms-grpc.ts";
import { GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { realProgram } from "../harness/program.ts";

const quoted = (uris: readonly string[]): string => uris.map((uri) => `'${uri}'`).join(", ");

describe("keys at addresses of one's own", () => {
  let [aws, gcp, grpc, azure]: [AwsKmsEmulator, GcpKmsEmulator, GcpKmsGrpcServer, AzureVaultEmulator] = [] as never;
  const program = realProgram();
  let places: Readonly<Record<string, string>>;
  before(async () => {
    [aws, gcp, azure] = [await AwsKmsEmulator.start(), await GcpKmsEmulator.start(), await AzureVaultEmulator.start()];
    grpc = await GcpKmsGrpcServer.start(gcp);
    program.trust(azure.server.certificate);
    const { origin } = azure.server;
    places = { AZURE_KEY_VAULT_ENDPOINT: origin, AZURE_AUTHORITY_HOST: origin };
  });
  after(async () => {
    for (const one of [grpc, aws, gcp, azure]) await one[Symbol.asyncDispose]();
  });

  for (const transport of ["REST", "gRPC"] as const)
    it(`wrap and unwrap in all three clouds, Google's over ${transport}`, async () => {
      const endpoint = transport === "REST" ? gcp.server.origin : grpc.origin;
      const uris = [aws.uri(), gcp.uri(), azure.uri()];
      const variables = { ...places, GOOGLE_CLOUD_KMS_ENDPOINT: endpoint };
      const checked = await program.run(`CHECK KMS (${quoted(uris)});`, variables);
      assert.equal(checked.complaints, "");
      assert.deepEqual(
        checked.rows.map((row) => row.split("|").slice(1).join("|")),
        ["t|ok|", "t|ok|", "t|ok|"],
      );
      assert.equal(grpc.calls.length > 0, transport === "gRPC");
      const sealed = await program.run(`ENCRYPT VALUE 'pass word' WITH kms = (${quoted(uris)});`, variables);
      for (const uri of uris) {
        const opened = await program.run(`DECRYPT VALUE '${sealed.rows[0]}' WITH kms = '${uri}';`, variables);
        assert.deepEqual(opened.rows, ["pass word"], opened.complaints);
      }
    });

  it("are made there, once", async () => {
    const variables = { ...places, GOOGLE_CLOUD_KMS_ENDPOINT: gcp.server.origin };
    const uris = [
      aws.uri("alias/made"),
      gcp.uri("projects/p/locations/europe-west1/keyRings/r/cryptoKeys/made"),
      azure.uri("made"),
    ];
    for (const uri of uris) {
      const made = await program.run(`CREATE KMS KEY '${uri}';`, variables);
      assert.equal(made.status, 0, made.complaints);
      assert.match(made.rows[0] ?? "", /made/u);
      const again = await program.run(`CREATE KMS KEY '${uri}';`, variables);
      assert.match(again.complaints, /key\/exists/u);
    }
  });

  it("are not asked for at an address that is none", async () => {
    for (const [name, value, uri] of [
      ["AZURE_KEY_VAULT_ENDPOINT", "http://127.0.0.1:1", azure.uri()],
      ["AZURE_KEY_VAULT_ENDPOINT", "https://vault/keys", azure.uri()],
      ["GOOGLE_CLOUD_KMS_ENDPOINT", "grpc://10.1.2.3:4", gcp.uri()],
    ] as const) {
      const { status, complaints } = await program.run(`CHECK KMS '${uri}';`, { ...places, [name]: value });
      assert.match(complaints, new RegExp(`error\\[location/invalid\\]: ${name} cannot be used`, "u"));
      assert.notEqual(status, 0);
    }
  });

  it("are not looked for elsewhere when the URI names a cloud", async () => {
    const uri = azure.uri(undefined, { AZURE_ENVIRONMENT: "AzureUSGovernmentCloud" });
    const asked = azure.server.requests.filter(({ path }) => path.includes("/oauth2/")).length;
    const proxies = { HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "localhost" };
    const { rows } = await program.run(`CHECK KMS '${uri}';`, { ...places, ...proxies });
    assert.match(rows[0] ?? "", /\|f\|unreachable\|/u);
    assert.equal(azure.server.requests.filter(({ path }) => path.includes("/oauth2/")).length, asked);
  });
});
