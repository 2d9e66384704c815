// Encrypted files on S3: the envelope is user metadata, so that Redshift and the AWS SDK find it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseEnvelope } from "../../src/crypto/s3-envelope.ts";
import { openEnvelope } from "../../src/crypto/s3-client-side.ts";
import { readAll, streamOf } from "../../src/std/bytes.ts";
import { gunzipSync } from "node:zlib";
import { S3Emulator } from "../emulators/s3.ts";
import { MASTER, masterKey, unloadStage } from "../harness/unload-stage.ts";

const stage = unloadStage("CREATE TABLE back (LIKE many)");
const KEY = `MASTER_SYMMETRIC_KEY '${MASTER}' ENCRYPTED`;
let s3: S3Emulator;

before(async () => {
  s3 = await S3Emulator.start();
});

after(async () => {
  await s3[Symbol.asyncDispose]();
});

const sameRows = async (): Promise<void> => {
  const digest = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY id)) FROM";
  const [back, many] = [await stage.session.ok(`${digest} back AS t`), await stage.session.ok(`${digest} many AS t`)];
  assert.deepEqual(back.rows, many.rows);
};

describe("encrypted files on S3", () => {
  it("carry the envelope as metadata, without a file beside, and come back", async () => {
    await stage.session.ok(
      `UNLOAD ('SELECT * FROM many') TO '${s3.uri("/own/x_")}' GZIP ESCAPE MANIFEST MAXFILESIZE 5 MB ${KEY}`,
    );
    const names = [...s3.objects.keys()].filter((name) => name.startsWith("own/"));
    assert.ok(names.length >= 3 && !names.some((name) => name.endsWith(".instruction")), names.join());
    for (const name of names) {
      const object = s3.objects.get(name) ?? assert.fail(name);
      const given = Object.entries(object.metadata).map(([key, value]) => [key.replace("x-amz-meta-", ""), value]);
      const metadata = Object.fromEntries(given) as Record<string, string>;
      if (name.endsWith("manifest")) {
        assert.equal(metadata["x-amz-key"], undefined);
        continue;
      }
      assert.equal(metadata["x-amz-matdesc"], "{}");
      const plain = await readAll(
        openEnvelope(streamOf(object.bytes), parseEnvelope(metadata, name), masterKey(), name),
      );
      assert.match(gunzipSync(plain).toString().split("\n")[0] ?? "", /^\d+\|[0-9a-f]{64}\|[012]$/);
    }
    await stage.session.ok("TRUNCATE back");
    await stage.session.ok(`COPY back FROM '${s3.uri("/own/x_manifest")}' MANIFEST GZIP ESCAPE ${KEY}`);
    await sameRows();
  });

  it("open by ENCRYPTION_INFO when keys of the shell wrap them", async () => {
    const keys = "WITH kms = ('local-kms:///one', 'local-kms:///two')";
    await stage.session.ok(`UNLOAD ('SELECT * FROM many') TO '${s3.uri("/kms/x_")}' CSV GZIP ${keys}`);
    assert.ok([...s3.objects.keys()].some((name) => name.endsWith("x_ENCRYPTION_INFO")));
    await stage.session.ok("TRUNCATE back");
    await stage.session.ok(`COPY back FROM '${s3.uri("/kms/x_")}' CSV GZIP WITH kms = 'local-kms:///two'`);
    await sameRows();
  });

  it("load nothing when their metadata are gone, or another key's", async () => {
    const uri = s3.uri("/lost/x_");
    await stage.session.ok(`UNLOAD ('SELECT * FROM many WHERE id < 10') TO '${uri}' ESCAPE PARALLEL OFF ${KEY}`);
    const name = [...s3.objects.keys()].find((one) => one.startsWith("lost/")) ?? assert.fail("no file");
    const whole = s3.objects.get(name) ?? assert.fail(name);
    const copy = `COPY back FROM '${uri}' ESCAPE`;
    await stage.session.fails(copy, "key/required");
    const other = "//////////////////////////////////////////8=";
    await stage.session.fails(`${copy} MASTER_SYMMETRIC_KEY '${other}' ENCRYPTED`, "key/mismatch");
    s3.objects.set(name, { ...whole, metadata: {} });
    await stage.session.fails(`${copy} ${KEY}`, "key/not-encrypted");
    const half = Object.entries(whole.metadata).filter(([key]) => !key.endsWith("x-amz-iv"));
    s3.objects.set(name, { ...whole, metadata: Object.fromEntries(half) });
    await stage.session.fails(`${copy} ${KEY}`, "integrity/missing");
  });
});

describe("what S3 is asked to encrypt by itself", () => {
  it("is ENCRYPTED with S3's own key, AUTO with the bucket's, KMS_KEY_ID with that one; URIs go before", async () => {
    const asked = async (path: string, clauses: string, parameters = {}): Promise<readonly unknown[]> => {
      await stage.session.ok(`UNLOAD ('SELECT 1') TO '${s3.uri(path, parameters)}' MANIFEST ${clauses}`);
      const objects = [...s3.objects].filter(([name]) => `/${name}`.startsWith(path));
      assert.equal(objects.length, 2);
      const [data, manifest] = objects.map(([, { asked: headers }]) => [
        headers["x-amz-server-side-encryption"],
        headers["x-amz-server-side-encryption-aws-kms-key-id"],
      ]);
      assert.deepEqual(manifest, data);
      return data ?? assert.fail();
    };
    assert.deepEqual(await asked("/sse/plain_", ""), [undefined, undefined]);
    assert.deepEqual(await asked("/sse/auto_", "ENCRYPTED AUTO"), [undefined, undefined]);
    assert.deepEqual(await asked("/sse/s3_", "ENCRYPTED"), ["AES256", undefined]);
    assert.deepEqual(await asked("/sse/kms_", "ENCRYPTED KMS_KEY_ID 'alias/a'"), ["aws:kms", "alias/a"]);
    const inUri = { AWS_SERVER_ENC_MODE: "aws:kms", AWS_SERVER_KMS_ID: "alias/b" };
    assert.deepEqual(await asked("/sse/uri_", "ENCRYPTED", inUri), ["aws:kms", "alias/b"]);
    assert.deepEqual(await asked("/sse/client_", `ENCRYPTED ${KEY.replace(" ENCRYPTED", "")}`), [undefined, undefined]);
  });
});
