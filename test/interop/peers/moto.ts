// moto's server: AWS in Python. It stands for S3, KMS, STS and IAM together; once it is told to, it checks every
// signature and every policy, so that a chain of roles has to be gone for anything to be allowed.
import { join } from "node:path";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { KMS_CONTRACT, STATEMENTS, STORE_CONTRACT, type Exchange, type Peer } from "../peer.ts";
import { startServer } from "../server.ts";
import { createBucket } from "./versitygw.ts";

const VERSION = "5.2.5";
const REGION = "eu-west-1";
/** moto's account when nobody names one. */
const ACCOUNT = "123456789012";
const BUCKET = "interop";
const EXTERNAL_ID = "sealift interop";

const arnOf = (role: string): string => `arn:aws:iam::${ACCOUNT}:role/${role}`;

export const MOTO: Peer = {
  name: "moto",
  version: VERSION,
  install: async (installer) =>
    installer.once(`moto-${VERSION}`, async (folder) =>
      installer.pythonPackages(folder, [`moto[s3,kms]==${VERSION}`, "flask==3.1.3", "flask-cors==6.0.5"]),
    ),
  meet: async (folder) => {
    const server = await startServer({
      words: (port) => [join(folder, "bin", "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
    });
    const user = await prepare(server.origin);
    return {
      exchanges: exchangesWith(server.origin, user),
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};

interface AccessKey {
  readonly accessKey: string;
  readonly secretKey: string;
}

function exchangesWith(origin: string, user: AccessKey): readonly Exchange[] {
  const identity = { AWS_ENDPOINT: origin, AWS_ACCESS_KEY_ID: user.accessKey, AWS_SECRET_ACCESS_KEY: user.secretKey };
  const ASSUME_ROLE = `${arnOf("hop")};external_id=${EXTERNAL_ID},${arnOf("backup")}`;
  const store = (folder: string, more: Readonly<Record<string, string>>): string =>
    `s3://${BUCKET}/${folder}?${new URLSearchParams({ ...identity, AWS_REGION: REGION, ...more }).toString()}`;
  const key = (name: string, more: Readonly<Record<string, string>>): string =>
    `aws-kms:///alias/${name}?${new URLSearchParams({ ...identity, REGION, ...more }).toString()}`;
  const asRole = { ASSUME_ROLE };
  return [
    {
      what: "S3 and KMS without the roles",
      file: "interop/exchanges/denied.exchange.js",
      variables: { STORE_URI: store("denied", {}), KMS_URI: key("one", {}) },
    },
    {
      what: "S3 contract by way of two roles",
      file: STORE_CONTRACT,
      variables: { STORE_URI: store("contract", asRole) },
    },
    {
      what: "S3 uploads by way of two roles",
      file: "interop/exchanges/s3-uploads.exchange.js",
      variables: { STORE_URI: store("uploads", asRole) },
    },
    {
      what: "KMS contract by way of two roles",
      file: KMS_CONTRACT,
      // It refuses another key's ciphertext as not allowed, where AWS says that the key is incorrect.
      variables: { KMS_URI: key("one", asRole), KMS_URI_OTHER: key("two", asRole), KMS_MISMATCH: "key/denied" },
    },
    {
      what: "S3 and KMS statements",
      file: STATEMENTS,
      variables: { STORE_URI: store("statements", asRole), KMS_URI: key("one", asRole) },
    },
  ];
}

/** Makes a bucket, keys, roles, and a user that may do nothing but take on the first role; then looks at who asks. */
async function prepare(origin: string): Promise<AccessKey> {
  const anybody = { endpoint: origin, region: REGION, accessKey: "anybody", secretKey: "anything" };
  await createBucket(anybody, BUCKET);
  await createKeys(origin);
  await createRole(origin, "hop", allow("sts:AssumeRole", arnOf("backup")));
  await createRole(origin, "backup", allow(["s3:*", "kms:*"], "*"));
  const UserName = "interop";
  await askIam(origin, { Action: "CreateUser", UserName });
  const PolicyDocument = allow("sts:AssumeRole", arnOf("hop"));
  await askIam(origin, { Action: "PutUserPolicy", UserName, PolicyName: "own", PolicyDocument });
  const answer = await askIam(origin, { Action: "CreateAccessKey", UserName });
  const [accessKey = "", secretKey = ""] = ["AccessKeyId", "SecretAccessKey"].map(
    (name) => new RegExp(`<${name}>([^<]+)<`, "u").exec(answer)?.[1] ?? "",
  );
  await ask(`${origin}/moto-api/reset-auth`, { method: "POST", body: "0" });
  return { accessKey, secretKey };
}

async function createKeys(origin: string): Promise<void> {
  const credentials = { accessKeyId: "anybody", secretAccessKey: "anything" };
  const client = new KMSClient({ endpoint: origin, region: REGION, credentials });
  for (const name of ["one", "two"]) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    await client.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata?.KeyId }));
  }
  client.destroy();
}

async function createRole(origin: string, RoleName: string, PolicyDocument: string): Promise<void> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
  });
  await askIam(origin, { Action: "CreateRole", RoleName, AssumeRolePolicyDocument });
  await askIam(origin, { Action: "PutRolePolicy", RoleName, PolicyName: "own", PolicyDocument });
}

function allow(Action: string | readonly string[], Resource: string): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
}

/** IAM's query protocol; moto finds the service by the scope of the signature, which it does not check yet. */
async function askIam(origin: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const scope = `Credential=anybody/20300101/us-east-1/iam/aws4_request`;
  return ask(`${origin}/`, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Version: "2010-05-08", ...parameters }),
  });
}

async function ask(url: string, init: RequestInit): Promise<string> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname}: ${answer.status} ${text.slice(0, 300)}`);
  return text;
}
