// Versity's S3 gateway over a folder: signatures, conditional puts and multipart uploads by another hand.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { STATEMENTS, STORE_CONTRACT, type Peer } from "../peer.ts";
import { startServer, type Server } from "../server.ts";

const VERSION = "v1.8.0";
const REGION = "eu-west-1";

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of a folder in the bucket. */
  uri(folder: string): string;
}

export const VERSITYGW: Peer = {
  name: "versitygw",
  version: VERSION,
  install: async (installer) =>
    installer.once(`versitygw-${VERSION}`, async (folder) => {
      const module = "github.com/versity/versitygw";
      await installer.goProgram(folder, module, `${module}/cmd/versitygw`, VERSION);
    }),
  meet: async (folder) => {
    const server = await startVersitygw(folder);
    const variables = { STORE_URI: server.uri("contract") };
    return {
      exchanges: [
        { what: "S3 store contract", file: STORE_CONTRACT, variables },
        { what: "S3 uploads", file: "interop/exchanges/s3-uploads.exchange.js", variables },
        { what: "S3 statements", file: STATEMENTS, variables: { STORE_URI: server.uri("statements") } },
      ],
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};

/** A gateway with one bucket, from the folder it was installed in. */
export async function startVersitygw(installed: string): Promise<S3Server> {
  const [accessKey, secretKey] = [randomBytes(10).toString("hex"), randomBytes(20).toString("base64")];
  const server: Server = await startServer({
    words: (port, folder) => {
      const program = [join(installed, "versitygw"), "--port", `127.0.0.1:${port}`, "--region", REGION, "--quiet"];
      // Beside the data, since not every file system keeps attributes.
      return [...program, "posix", "--sidecar", join(folder, "meta"), join(folder, "data")];
    },
    variables: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    prepare: async (folder) => {
      for (const name of ["data", "meta"]) await mkdir(join(folder, name));
    },
  });
  const bucket = "interop";
  const identity = { endpoint: server.origin, region: REGION, accessKey, secretKey };
  await createBucket(identity, bucket);
  const parameters = new URLSearchParams({
    AWS_ENDPOINT: server.origin,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
  });
  return {
    ...identity,
    bucket,
    uri: (folder) => `s3://${bucket}/${folder}?${parameters.toString()}`,
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  };
}

/** Creates a bucket, which no statement of ours does. */
export async function createBucket(
  server: Pick<S3Server, "endpoint" | "region" | "accessKey" | "secretKey">,
  bucket: string,
): Promise<void> {
  const { endpoint, region, accessKey, secretKey } = server;
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
