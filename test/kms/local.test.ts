import assert from "node:assert/strict";
import { chmod, copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { KeyError, outcomeOf } from "../../src/kms/key-error.ts";
import { createLocalKey, keyFilePath } from "../../src/kms/local-key-file.ts";
import { LocalKms } from "../../src/kms/local.ts";
import { createKmsKey, openKms } from "../../src/kms/schemes.ts";
import { parseKmsLocation } from "../../src/location-parse.ts";
import type { Location } from "../../src/location.ts";
import { ShellError } from "../../src/errors.ts";
import { kmsContract } from "../contracts/kms.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

const root = await temporaryFolder();
const keyring = join(root, "deep", "keyring");
await createLocalKey(keyring, "laptop");
await createLocalKey(keyring, "other");

kmsContract("local", {
  open: async () => new LocalKms({ name: "laptop", keyring }),
  openOther: async () => new LocalKms({ name: "other", keyring }),
});

function kmsLocation(uri: string): Location {
  const parsed = parseKmsLocation(uri);
  assert.ok(parsed.ok, uri);
  return parsed.value;
}

describe("key files", () => {
  it("are closed to others and hold one line of base64", async () => {
    const path = keyFilePath(keyring, "laptop");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(keyring)).mode & 0o777, 0o700);
    assert.match(await readFile(path, "latin1"), /^[A-Za-z0-9+/]{43}=\n$/u);
    assert.deepEqual((await readdir(keyring)).sort(), ["laptop.key", "other.key"]);
  });

  it("are never replaced", async () => {
    const before = await readFile(keyFilePath(keyring, "laptop"));
    await assert.rejects(createLocalKey(keyring, "laptop"), { code: "key/exists" });
    assert.deepEqual(await readFile(keyFilePath(keyring, "laptop")), before);
    assert.deepEqual((await readdir(keyring)).sort(), ["laptop.key", "other.key"]);
  });

  it("that others can read are refused, with the command that closes them", async () => {
    await createLocalKey(root, "open");
    const path = keyFilePath(root, "open");
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      await chmod(path, mode);
      await assert.rejects(new LocalKms({ name: "open", keyring: root }).wrap(DataKey.generate()), {
        code: "key/denied",
        message: `the key file ${path} can be read by others`,
        hint: `chmod 600 ${path}`,
      });
    }
  });

  it("that are not there are named; a new one is for new backups only", async () => {
    await assert.rejects(new LocalKms({ name: "none", keyring }).wrap(DataKey.generate()), (error: KeyError) => {
      assert.equal(error.code, "key/unavailable");
      assert.equal(error.outcome, "not found");
      assert.equal(error.message, `there is no key file ${keyFilePath(keyring, "none")}`);
      assert.match(
        error.hint ?? "",
        /^\?KEYRING=directory.*; for new backups CREATE KMS KEY 'local-kms:\/\/\/none' makes a key$/u,
      );
      return true;
    });
  });

  it("that hold no key are refused", async () => {
    for (const [name, text] of [
      ["short", "AAAA\n"],
      ["empty", ""],
      ["long", "A".repeat(80)],
    ] as const) {
      await writeFile(keyFilePath(root, name), text, { mode: 0o600 });
      await assert.rejects(new LocalKms({ name, keyring: root }).wrap(DataKey.generate()), {
        code: "key/unavailable",
        message: `the key file ${keyFilePath(root, name)} holds no 256-bit key`,
      });
    }
  });
});

describe("a wrapped key", () => {
  it("tells another key of the same name from a changed blob", async () => {
    const elsewhere = join(root, "elsewhere");
    await createLocalKey(elsewhere, "laptop");
    const wrapped = await new LocalKms({ name: "laptop", keyring }).wrap(DataKey.generate());
    await assert.rejects(new LocalKms({ name: "laptop", keyring: elsewhere }).unwrap(wrapped), {
      code: "key/mismatch",
    });
    const changed = Uint8Array.from(wrapped);
    changed[60] = (changed[60] ?? 0) ^ 1;
    await assert.rejects(new LocalKms({ name: "laptop", keyring }).unwrap(changed), { code: "integrity/tampered" });
  });

  it("is opened by a copy of the key file in another place", async () => {
    const copies = join(root, "copies");
    await createLocalKey(copies, "placeholder");
    await copyFile(keyFilePath(keyring, "laptop"), keyFilePath(copies, "laptop"));
    await chmod(keyFilePath(copies, "laptop"), 0o600);
    using key = DataKey.generate();
    const wrapped = await new LocalKms({ name: "laptop", keyring }).wrap(key);
    using back = await new LocalKms({ name: "laptop", keyring: copies }).unwrap(wrapped);
    assert.ok(key.reveal((mine) => back.reveal((theirs) => Buffer.compare(mine, theirs) === 0)));
  });
});

describe("schemes", () => {
  it("create and open a local key, in the URI's keyring or the given one", async () => {
    const options = { keyring: join(root, "default") };
    await createKmsKey(kmsLocation("local-kms:///a"), options);
    await createKmsKey(kmsLocation(`local-kms:///b?KEYRING=${root}/named`), options);
    assert.deepEqual(await readdir(join(root, "default")), ["a.key"]);
    assert.deepEqual(await readdir(join(root, "named")), ["b.key"]);
    const kms = await openKms(kmsLocation(`local-kms:///b?KEYRING=${root}/named`), options);
    assert.equal(kms.masterKeyId, "b");
    assert.equal(kms.label, "local-kms:///b");
    (await kms.unwrap(await kms.wrap(DataKey.generate())))[Symbol.dispose]();
  });

  it("refuse services without an adapter, and keys that are made elsewhere", async () => {
    const location = kmsLocation("external://conn");
    await assert.rejects(openKms(location, { keyring }), { code: "engine/unsupported" });
    await assert.rejects(createKmsKey(location, { keyring }), { code: "engine/unsupported" });
  });
});

describe("outcomes", () => {
  it("every failure has a word", () => {
    const words = [
      ["key/mismatch", "not a match"],
      ["key/denied", "denied"],
      ["key/unavailable", "unreachable"],
      ["location/credentials", "bad credentials"],
      ["engine/unsupported", "invalid uri"],
      ["bug/invariant", "unreachable"],
    ] as const;
    for (const [code, word] of words) assert.equal(outcomeOf(new ShellError(code, "x")), word);
    assert.equal(outcomeOf(new KeyError("key/unavailable", "throttled", "x")), "throttled");
  });
});
