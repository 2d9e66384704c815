// local-kms: AWS KMS in Go. It looks at no credentials.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { KMS_CONTRACT, STATEMENTS, type Peer } from "../peer.ts";
import { startServer } from "../server.ts";

const VERSION = "v0.0.0-20260228092603-2a5e92d09ab6";
const REGION = "eu-west-1";
const ACCOUNT = "111122223333";

export const LOCAL_KMS: Peer = {
  name: "local-kms",
  version: VERSION,
  install: async (installer) =>
    installer.once(`local-kms-${VERSION}`, async (folder) => {
      const module = "github.com/nsmithuk/local-kms";
      await installer.goProgram(folder, module, module, VERSION);
    }),
  meet: async (folder) => {
    const server = await startServer({
      words: (port, data) => [
        "/usr/bin/env",
        `PORT=${port}`,
        `KMS_DATA_PATH=${data}`,
        `KMS_REGION=${REGION}`,
        `KMS_ACCOUNT_ID=${ACCOUNT}`,
        join(folder, "local-kms"),
      ],
    });
    await createKeys(server.origin);
    const query = new URLSearchParams({
      AWS_ENDPOINT: server.origin,
      AWS_ACCESS_KEY_ID: "it-is-not-looked-at",
      AWS_SECRET_ACCESS_KEY: "neither",
      REGION,
    }).toString();
    const [KMS_URI, KMS_URI_OTHER] = ["one", "two"].map((name) => `aws-kms:///alias/${name}?${query}`) as [
      string,
      string,
    ];
    // A ciphertext begins with the length and the text of its key's ARN, of which only the length is checked.
    const KMS_UNCHECKED_BYTES = String(1 + `arn:aws:kms:${REGION}:${ACCOUNT}:key/`.length + 36);
    const STORE_URI = pathToFileURL(join(server.folder, "store")).href;
    return {
      exchanges: [
        { what: "KMS contract", file: KMS_CONTRACT, variables: { KMS_URI, KMS_URI_OTHER, KMS_UNCHECKED_BYTES } },
        { what: "KMS statements", file: STATEMENTS, variables: { KMS_URI, STORE_URI } },
      ],
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};

async function createKeys(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "anybody", secretAccessKey: "anything" };
  const client = new KMSClient({ endpoint, region: REGION, credentials });
  for (const name of ["one", "two"]) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    await client.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata?.KeyId }));
  }
  client.destroy();
}
