// An identity that may do nothing: the roles of other exchanges are needed, and the refusals are understood.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ShellError } from "../../../src/errors.ts";
import { openKms } from "../../../src/kms/schemes.ts";
import { locationError, parseStorageLocation } from "../../../src/location-parse.ts";
import { streamOf, utf8 } from "../../../src/std/bytes.ts";
import { openStore } from "../../../src/storage/schemes.ts";
import type { ObjectStore } from "../../../src/storage/store.ts";
import { keyFailureOf, kmsLocation } from "../../harness/kms-location.ts";

const network = { variables: process.env };

async function open(change: (uri: URL) => void = () => undefined): Promise<ObjectStore> {
  const uri = new URL(process.env["STORE_URI"] ?? "");
  change(uri);
  const parsed = parseStorageLocation(uri.href);
  if (!parsed.ok) throw locationError(parsed.error);
  return openStore(parsed.value, { externDirectory: "/nowhere", network });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (thrown) {
    return thrown instanceof ShellError ? thrown.code : String(thrown);
  }
  return "nothing was thrown";
}

it("the store refuses, and the refusal is understood", async () => {
  await using store = await open();
  assert.equal(await codeOf(store.put("a", streamOf(utf8("x")))), "storage/denied");
  assert.equal(await codeOf(Array.fromAsync(store.list(""))), "storage/denied");
  assert.equal(await codeOf(store.get("a")), "storage/denied");
});

it("the key service refuses", async () => {
  const kms = await openKms(kmsLocation(process.env["KMS_URI"] ?? ""), { keyring: "/nowhere", network });
  // moto says so in XML, which KMS never speaks: the SDK cannot read it, and the outcome is that of a broken answer.
  assert.equal((await keyFailureOf(kms)).outcome, "unreachable");
});

it("a wrong secret and an unknown access key are wrong credentials", async () => {
  const secret = await open((uri) => uri.searchParams.set("AWS_SECRET_ACCESS_KEY", "wrong"));
  assert.equal(await codeOf(Array.fromAsync(secret.list(""))), "location/credentials");
  const nobody = await open((uri) => uri.searchParams.set("AWS_ACCESS_KEY_ID", "AKIANOBODY"));
  assert.equal(await codeOf(Array.fromAsync(nobody.list(""))), "location/credentials");
});
