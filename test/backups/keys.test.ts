import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { EncryptionInfoFile } from "../../src/backups/encryption-info-files.ts";
import { hashMasterKeyId, type EncryptionInfo } from "../../src/backups/encryption-info.ts";
import { dataKeyByPassphrase, unwrapWithAny } from "../../src/backups/unwrap-with-any.ts";
import { wrapForAll } from "../../src/backups/wrap-for-all.ts";
import { explainFirstFile } from "../../src/backups/wrong-key.ts";
import { openBytes, sealBytes } from "../../src/crypto/cockroach-file.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { ShellError } from "../../src/errors.ts";
import { KeyError } from "../../src/kms/key-error.ts";
import { Secret } from "../../src/std/secret.ts";
import { hexOf } from "../../src/std/bytes.ts";
import { FakeKms } from "../harness/fake-kms.ts";

const denied = new KeyError("key/denied", "denied", "kms:Decrypt is not allowed for role reader", { hint: "grant it" });
const unreachable = new ShellError("key/unavailable", "the host was not found");

function file(name: string, info: EncryptionInfo): EncryptionInfoFile {
  return { name, info };
}

async function failure(work: Promise<unknown>): Promise<ShellError> {
  try {
    await work;
  } catch (thrown) {
    assert.ok(thrown instanceof ShellError, String(thrown));
    return thrown;
  }
  return assert.fail("it did not fail");
}

describe("wrapping for all", () => {
  it("gives one entry a key, each proved", async () => {
    using key = DataKey.generate();
    const services = [new FakeKms({ id: "a" }), new FakeKms({ id: "b" })];
    const info = await wrapForAll(key, services);
    assert.deepEqual(
      [...info.wrappedKeys.keys()],
      services.map(({ masterKeyId }) => hashMasterKeyId(masterKeyId)),
    );
    for (const { calls } of services) assert.deepEqual(calls, ["wrap", "unwrap"]);
  });

  it("tries all when some fail, and tells of all in one error", async () => {
    using key = DataKey.generate();
    const services = [
      new FakeKms({ id: "alpha" }),
      new FakeKms({ id: "b", failure: denied }),
      new FakeKms({ id: "c", failure: unreachable }),
    ];
    const error = await failure(wrapForAll(key, services));
    assert.equal(error.code, "key/denied");
    assert.equal(error.message, "2 of 3 master keys could not wrap the data key");
    assert.deepEqual(error.detail, [
      "1  fake-kms:///alpha  ok",
      "2  fake-kms:///b      denied       kms:Decrypt is not allowed for role reader",
      "3  fake-kms:///c      unreachable  the host was not found",
    ]);
    assert.equal(error.note, "nothing was written");
    assert.equal(error.hint, "grant it");
  });

  it("does not believe a service that unwraps another key", async () => {
    using key = DataKey.generate();
    const lying = new FakeKms({ id: "lying" });
    lying.unwrap = async () => DataKey.generate();
    const error = await failure(wrapForAll(key, [lying]));
    assert.equal(error.code, "key/mismatch");
    assert.deepEqual(error.detail, ["1  fake-kms:///lying  not a match  unwrapped another key than it wrapped"]);
  });

  it("refuses two keys of one name before asking any, and no keys at all", async () => {
    using key = DataKey.generate();
    const services = [new FakeKms({ id: "bk" }), new FakeKms({ id: "x" }), new FakeKms({ id: "bk" })];
    const error = await failure(wrapForAll(key, services));
    assert.deepEqual([error.code, error.message], ["option/conflict", "keys 1 and 3 are both named bk"]);
    assert.deepEqual(
      services.flatMap(({ calls }) => calls),
      [],
    );
    assert.equal((await failure(wrapForAll(key, []))).code, "bug/invariant");
  });

  it("an abort is an abort, not a table", async () => {
    using key = DataKey.generate();
    const reason = new Error("stopped");
    await assert.rejects(wrapForAll(key, [new FakeKms({ id: "a" })], AbortSignal.abort(reason)), reason);
  });
});

describe("unwrapping with any", () => {
  const key = DataKey.generate();
  const keyHex = key.reveal(hexOf);
  const older = new FakeKms({ id: "older" });
  const newer = new FakeKms({ id: "newer" });

  async function files(): Promise<readonly EncryptionInfoFile[]> {
    return [
      file("ENCRYPTION_INFO-2", await wrapForAll(key, [newer])),
      file("ENCRYPTION_INFO", await wrapForAll(key, [older, new FakeKms({ id: "gone" })])),
    ];
  }

  it("mixes files and keys: the first that answers is enough, the others are told", async () => {
    const broken = new FakeKms({ id: "newer", failure: denied });
    const stranger = new FakeKms({ id: "stranger" });
    const opened = await unwrapWithAny(await files(), [stranger, broken, older]);
    assert.equal(opened.key.reveal(hexOf), keyHex);
    assert.equal(opened.openedBy, "fake-kms:///older");
    assert.deepEqual(
      opened.attempts.map(({ position, outcome, reason }) => [position, outcome, reason]),
      [
        [1, "not a match", "is named in no ENCRYPTION_INFO"],
        [2, "denied", "kms:Decrypt is not allowed for role reader"],
        [3, "ok", ""],
      ],
    );
    assert.deepEqual(stranger.calls, [], "a key that is named nowhere is not asked while another opens");
  });

  it("asks every key that is named, of its own entries only", async () => {
    const [first, second] = [new FakeKms({ id: "older" }), new FakeKms({ id: "newer" })];
    const opened = await unwrapWithAny(await files(), [first, second]);
    assert.deepEqual([first.calls, second.calls], [["unwrap"], ["unwrap"]]);
    assert.deepEqual(
      opened.attempts.map(({ outcome }) => outcome),
      ["ok", "ok"],
    );
  });

  it("a key under another of its names opens at last", async () => {
    const alias = new FakeKms({ id: "alias/older", secret: "older" });
    const opened = await unwrapWithAny(await files(), [alias]);
    assert.equal(opened.key.reveal(hexOf), keyHex);
    assert.equal(opened.openedBy, alias.label);
  });

  it("when none opens, the error has the table, what is recorded, and the hint of the nearest", async () => {
    const services = [
      new FakeKms({ id: "stranger" }),
      new FakeKms({ id: "older", failure: unreachable }),
      new FakeKms({ id: "newer", failure: denied }),
    ];
    const error = await failure(unwrapWithAny(await files(), services));
    assert.equal(error.code, "key/denied");
    assert.equal(error.message, "none of the 3 master keys opens this backup");
    assert.deepEqual(error.detail.slice(0, 3), [
      "1  fake-kms:///stranger  not a match  does not open this data key",
      "2  fake-kms:///older     unreachable  the host was not found",
      "3  fake-kms:///newer     denied       kms:Decrypt is not allowed for role reader",
    ]);
    assert.match(error.detail[3] ?? "", /^ENCRYPTION_INFO-2 holds [0-9a-f]{12}… \(SHA-256 of the keys' names\)$/u);
    assert.equal(error.hint, "grant it");
  });

  it("a single wrong key is a mismatch; an unreachable one may be tried again", async () => {
    const wrong = await failure(unwrapWithAny(await files(), [new FakeKms({ id: "wrong" })]));
    assert.equal(wrong.code, "key/mismatch");
    assert.equal(wrong.message, "the master key does not open this backup");
    const away = await failure(unwrapWithAny(await files(), [new FakeKms({ id: "older", failure: unreachable })]));
    assert.ok(away.retryable);
  });

  it("an abort is an abort", async () => {
    const reason = new Error("stopped");
    await assert.rejects(unwrapWithAny(await files(), [older], AbortSignal.abort(reason)), reason);
  });
});

describe("passphrase or keys", () => {
  const salted = file("ENCRYPTION-INFO", { salt: Buffer.alloc(16, 5), wrappedKeys: new Map() });
  const wrapped = file("ENCRYPTION-INFO", { wrappedKeys: new Map([["ab".repeat(32), Uint8Array.of(1)]]) });
  const passphrase = new Secret("correct horse");

  it("takes the salt of the newest file that has one", async () => {
    const newest = file("ENCRYPTION-INFO-2", { salt: Buffer.alloc(16, 6), wrappedKeys: new Map() });
    using one = await dataKeyByPassphrase([wrapped, newest, salted], passphrase);
    using two = await dataKeyByPassphrase([newest], passphrase);
    assert.equal(one.reveal(hexOf), two.reveal(hexOf));
  });

  it("says which of the two opens the backup when the other is given", async () => {
    assert.equal((await failure(dataKeyByPassphrase([wrapped], passphrase))).code, "key/passphrase");
    assert.equal((await failure(unwrapWithAny([salted], [new FakeKms({ id: "a" })]))).code, "key/mismatch");
    assert.equal((await failure(dataKeyByPassphrase([], passphrase))).code, "key/not-encrypted");
    assert.equal((await failure(unwrapWithAny([], []))).code, "key/not-encrypted");
  });

  it("a first chunk that does not open is the passphrase's fault, never a proved key's", () => {
    const stored = sealBytes(new Uint8Array(10), createSecretKey(randomBytes(32)));
    let thrown: unknown;
    try {
      openBytes(stored, createSecretKey(randomBytes(32)));
    } catch (error) {
      thrown = error;
    }
    assert.equal((explainFirstFile(thrown, "passphrase") as ShellError).code, "key/passphrase");
    assert.equal(explainFirstFile(thrown, "master key"), thrown);
    const other = new ShellError("storage/not-found", "x");
    assert.equal(explainFirstFile(other, "passphrase"), other);
  });
});
