// What the pages of docs/clouds say that a statement needs is what it asks for: nothing more, and nothing less.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { S3Emulator } from "../emulators/s3.ts";
import type { EmulatorServer, Request } from "../emulators/server.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

const pageOf = (name: string): string => readFileSync(join(ROOT, "docs/clouds", `${name}.md`), "utf8");

/** The permissions in the row of a page's table that begins with these words. */
function documented(page: string, row: string, pattern: RegExp): readonly string[] {
  const line = pageOf(page)
    .split("\n")
    .find((text) => text.startsWith(`| ${row} |`));
  assert.ok(line, `${page}.md has a row ${row}`);
  return [...new Set((line.match(pattern) ?? []).toSorted())];
}

/** Source: the actions that the API reference of Amazon S3 names for each operation. */
function s3Action({ method, path, query }: Request): string | undefined {
  // The probe is taken away where that is allowed; of locks the page has a row of their own.
  if (path.includes("/.sealift-locks/")) return undefined;
  if (path === "/bucket" || path === "/bucket/")
    return query.has("uploads") ? "s3:ListBucketMultipartUploads" : "s3:ListBucket";
  if (method === "DELETE") return query.has("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
  if (method === "PUT" || method === "POST") return "s3:PutObject";
  return query.has("uploadId") ? "s3:ListMultipartUploadParts" : "s3:GetObject";
}

/** Source: IAM permissions for JSON methods, Cloud Storage. */
function gcsAction({ method, path }: Request): string | undefined {
  if (path.startsWith("/upload/")) return "storage.objects.create";
  if (method === "DELETE") return path.includes("/o/") ? "storage.objects.delete" : undefined;
  if (method === "GET" && path.includes("/o/")) return "storage.objects.get";
  return method === "GET" && path.endsWith("/o") ? "storage.objects.list" : undefined;
}

describe("the permissions in the documentation", () => {
  let [server, world, session]: [TestPostgres, BackupWorld, TestSession] = [] as never;
  let [s3, gcs]: [S3Emulator, GcsEmulator] = [] as never;
  before(async () => {
    server = await startPostgres();
    world = await BackupWorld.open();
    [s3, gcs] = [await S3Emulator.start(), await GcsEmulator.start()];
    world.variables = { STORAGE_EMULATOR_HOST: gcs.server.origin };
    session = world.postgres(server.settings);
    await session.ok(SMALL_SHOP);
    await session.ok("CREATE KMS KEY 'local-kms:///laptop'; CREATE TABLE copied (text text)");
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await server.stop();
    for (const emulator of [s3, gcs]) await emulator[Symbol.asyncDispose]();
  });

  /** What was asked for while statements ran, in the words of the cloud. */
  async function used(
    { requests }: EmulatorServer,
    actionOf: (request: Request) => string | undefined,
    statements: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    const from = requests.length;
    await statements();
    const actions = requests.slice(from).map(actionOf);
    return [...new Set(actions.filter((action) => action !== undefined))].toSorted();
  }

  const LONG = "select repeat(md5(i::text), 8) from generate_series(1, 40000) i";
  const write = async (uri: (path: string) => string): Promise<void> => {
    const keys = "kms = 'local-kms:///laptop'";
    await session.ok(`BACKUP DATABASE postgres INTO '${uri("/backups")}' WITH ${keys}`);
    await session.ok(`UNLOAD ('${LONG}') TO '${uri("/files/x_")}' MANIFEST WITH ${keys}`);
    const broken = LONG.replace("40000", "60000").replace("select", "select 1 / (50000 - i),");
    await session.fails(`UNLOAD ('${broken}') TO '${uri("/broken/x_")}' PARALLEL OFF WITH ${keys}`, "engine/failed");
  };
  let copies = 0;
  const read = async (uri: (path: string) => string): Promise<void> => {
    const keys = "kms = 'local-kms:///laptop'";
    copies += 1;
    await session.ok(`SHOW BACKUPS IN '${uri("/backups")}'`);
    await session.ok(`SHOW BACKUP FROM LATEST IN '${uri("/backups")}' WITH ${keys}`);
    await session.ok(`VERIFY BACKUP FROM LATEST IN '${uri("/backups")}' WITH ${keys}`);
    await session.ok(
      `RESTORE DATABASE postgres FROM LATEST IN '${uri("/backups")}' WITH new_db_name = 'copy${copies}', ${keys}`,
    );
    await session.ok(`COPY copied FROM '${uri("/files/x_")}' WITH ${keys}`);
  };

  it("of S3 are those that BACKUP, UNLOAD, RESTORE and COPY ask for", async () => {
    const uri = (path: string): string => s3.uri(path);
    const writing = await used(s3.server, s3Action, async () => write(uri));
    const leftovers = documented("s3", "uploads that a crash on another machine left", /s3:\w+/gu);
    const needed = documented("s3", "BACKUP, UNLOAD", /s3:\w+/gu);
    assert.deepEqual(
      writing.filter((action) => !leftovers.includes(action)),
      [
        ...needed,
        ...documented(
          "s3",
          "cleaning up after a failure, CLEANPATH, staging, and stores without conditional puts",
          /s3:\w+/gu,
        ),
      ].toSorted(),
    );
    assert.deepEqual(
      await used(s3.server, s3Action, async () => read(uri)),
      documented("s3", "RESTORE, COPY, SHOW BACKUP", /s3:\w+/gu),
    );
  });

  it("of Google Cloud Storage, too", async () => {
    const uri = (path: string): string => gcs.uri(path);
    const writing = await used(gcs.server, gcsAction, async () => write(uri));
    assert.deepEqual(writing, documented("gcs", "BACKUP, UNLOAD", /storage\.\w+\.\w+/gu));
    const reading = await used(gcs.server, gcsAction, async () => read(uri));
    assert.deepEqual(reading, documented("gcs", "RESTORE, COPY, SHOW BACKUP", /storage\.\w+\.\w+/gu));
  });

  it("of the key services: encrypt and decrypt to write, decrypt to read", async () => {
    const [aws, gcp, azure] = [
      await AwsKmsEmulator.start(),
      await GcpKmsEmulator.start(),
      await AzureVaultEmulator.start(),
    ];
    world.kmsAddresses = { gcp: gcp.addresses, azure: azure.addresses };
    const operations: Readonly<Record<string, (request: Request) => string | undefined>> = {
      "kms-aws": ({ headers }) => `kms:${String(headers["x-amz-target"]).replace("TrentService.", "")}`,
      "kms-gcp": ({ path }) => path.split(":")[1],
      "kms-azure": ({ path }) => (path.startsWith("/keys/") ? `keys/${path.split("/").at(-1)}` : undefined),
    };
    const expected: Readonly<Record<string, readonly string[]>> = {
      "kms-aws": ["kms:Decrypt", "kms:Encrypt"],
      "kms-gcp": ["decrypt", "encrypt"],
      "kms-azure": ["keys/decrypt", "keys/encrypt"],
    };
    for (const [page, emulator] of [
      ["kms-aws", aws],
      ["kms-gcp", gcp],
      ["kms-azure", azure],
    ] as const) {
      const place = `${world.uri}/${page}`;
      const keys = `kms = '${emulator.uri()}'`;
      const actionOf = operations[page] ?? (() => undefined);
      const both = expected[page] ?? [];
      assert.deepEqual(
        await used(emulator.server, actionOf, async () =>
          session.ok(`BACKUP DATABASE postgres INTO '${place}' WITH ${keys}`),
        ),
        both,
        page,
      );
      const reading = async (): Promise<unknown> => session.ok(`VERIFY BACKUP FROM LATEST IN '${place}' WITH ${keys}`);
      assert.deepEqual(await used(emulator.server, actionOf, reading), both.slice(0, 1), page);
      await emulator[Symbol.asyncDispose]();
    }
    assert.match(pageOf("kms-aws"), /`kms:Encrypt` and `kms:Decrypt` on the key/u);
    assert.match(pageOf("kms-aws"), /Restoring needs `kms:Decrypt` alone/u);
    assert.match(
      pageOf("kms-gcp"),
      /cryptoKeyEncrypterDecrypter` on the key; to restore, `roles\/cloudkms\.cryptoKeyDecrypter`/u,
    );
    assert.match(pageOf("kms-azure"), /`keys\/encrypt` and `keys\/decrypt`.*to restore, `keys\/decrypt` is enough/u);
  });
});
