import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EncryptionInfoFile } from "../../src/backups/encryption-info-files.ts";
import { unwrapWithAny, type Unwrapped } from "../../src/backups/unwrap-with-any.ts";
import { wrapForAll } from "../../src/backups/wrap-for-all.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { ShellError } from "../../src/errors.ts";
import { KeyError } from "../../src/kms/key-error.ts";
import type { KeyManagementService, MasterKeyId } from "../../src/kms/kms.ts";
import { hexOf } from "../../src/std/bytes.ts";
import { FakeKms } from "../harness/fake-kms.ts";

/** Deadlines are met by services that never answer, so they may be short. */
const TIMES = { keyMs: 40, aheadMs: 10, settleMs: 10 };
const LONG = 3_600_000;

const key = DataKey.generate();

async function fileOf(...ids: readonly string[]): Promise<EncryptionInfoFile> {
  const services = ids.map((id) => new FakeKms({ id }));
  return { name: "ENCRYPTION_INFO", info: await wrapForAll(key, services) };
}

/** A key of a region that takes every question and never answers, and does not heed signals. */
function silent(id: string): FakeKms {
  const service = new FakeKms({ id });
  service.unwrap = async () => new Promise<never>(() => undefined);
  return service;
}

function outcomes({ attempts }: Unwrapped): readonly string[] {
  return attempts.map(({ label, outcome }) => `${label.slice(12)} ${outcome}`);
}

describe("master keys are asked together", () => {
  it("a key whose service is silent does not keep the others from opening", async () => {
    const files = [await fileOf("dead", "alive")];
    const services = [silent("dead"), new FakeKms({ id: "alive" })];
    const opened = await unwrapWithAny(files, services, undefined, { ...TIMES, keyMs: LONG, aheadMs: LONG });
    assert.equal(opened.openedBy, "fake-kms:///alive");
    assert.deepEqual(outcomes(opened), ["dead unreachable", "alive ok"]);
    assert.equal(opened.attempts[0]?.reason, "did not answer within 0.01 seconds after another key had opened");
  });

  it("all are under way before any has answered", async () => {
    const files = [await fileOf("a", "b", "c")];
    const services = ["a", "b", "c"].map((id) => new FakeKms({ id }));
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    for (const service of services) {
      const unwrap = service.unwrap.bind(service);
      service.unwrap = async (wrapped) => {
        if ((asked += 1) === services.length) gate.resolve();
        await gate.promise;
        return unwrap(wrapped);
      };
    }
    const opened = await unwrapWithAny(files, services, undefined, { ...TIMES, settleMs: LONG });
    assert.deepEqual(outcomes(opened), ["a ok", "b ok", "c ok"]);
    assert.equal(opened.key.reveal(hexOf), key.reveal(hexOf));
  });

  it("every key has a deadline of its own when none opens", async () => {
    const denied = new KeyError("key/denied", "denied", "no");
    const services = [silent("a"), new FakeKms({ id: "b", failure: denied }), silent("stranger")];
    await assert.rejects(unwrapWithAny([await fileOf("a", "b")], services, undefined, TIMES), (error: ShellError) => {
      assert.equal(error.code, "key/denied");
      assert.deepEqual(error.detail.slice(0, 3), [
        "1  fake-kms:///a         unreachable  did not answer within 0.04 seconds",
        "2  fake-kms:///b         denied       no",
        "3  fake-kms:///stranger  unreachable  did not answer within 0.04 seconds",
      ]);
      assert.ok(error.cause instanceof AggregateError);
      assert.deepEqual(
        error.cause.errors.map((one) => (one as ShellError).code),
        ["key/unavailable", "key/denied", "key/unavailable"],
      );
      return true;
    });
  });

  it("a key under another name has its turn though a named one is silent", async () => {
    const alias = new FakeKms({ id: "alias/b", secret: "b" });
    const opened = await unwrapWithAny([await fileOf("a", "b")], [silent("a"), alias], undefined, {
      ...TIMES,
      keyMs: LONG,
    });
    assert.equal(opened.openedBy, alias.label);
  });

  it("one that cannot be used is not asked again for the next entry", async () => {
    const files = [await fileOf("a", "b", "c")];
    const off = new FakeKms({ id: "off", failure: new KeyError("key/unavailable", "disabled", "it is off") });
    const wrong = new FakeKms({ id: "wrong" });
    await assert.rejects(unwrapWithAny(files, [off, wrong]), { code: "key/unavailable" });
    assert.deepEqual([off.calls.length, wrong.calls.length], [1, 3]);
  });

  it("a key that opens something else than the winner did is told", async () => {
    const lying = new FakeKms({ id: "b" });
    lying.unwrap = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return DataKey.generate();
    };
    const opened = await unwrapWithAny([await fileOf("a", "b")], [new FakeKms({ id: "a" }), lying]);
    assert.deepEqual(outcomes(opened), ["a ok", "b not a match"]);
    assert.equal(opened.attempts[1]?.reason, "opens another data key");
  });

  it("an abort ends the waiting", async () => {
    const controller = new AbortController();
    const service = silent("a");
    service.unwrap = async () => {
      controller.abort(new Error("stopped"));
      return new Promise<never>(() => undefined);
    };
    const work = unwrapWithAny([await fileOf("a")], [service], controller.signal, { ...TIMES, keyMs: LONG });
    await assert.rejects(work, { message: "stopped" });
  });
});

describe("the names of one key", () => {
  type Named = KeyManagementService & { readonly tried: readonly string[] };

  /** Opens nothing but the entry of `secret`, and remembers what it tried. */
  function named(id: string, secret: string, names: Partial<KeyManagementService>): Named {
    const base = new FakeKms({ id, secret });
    const tried: string[] = [];
    return {
      label: base.label,
      masterKeyId: base.masterKeyId,
      wrap: async (one) => base.wrap(one),
      unwrap: async (wrapped) => {
        tried.push(Buffer.from(wrapped).toString("latin1").split(":")[0] ?? "");
        return base.unwrap(wrapped);
      },
      [Symbol.asyncDispose]: async () => undefined,
      tried,
      ...names,
    };
  }

  it("that its own name tells are looked up like it", async () => {
    const service = named("arn/k2", "k2", { otherIds: ["k2" as MasterKeyId] });
    const opened = await unwrapWithAny([await fileOf("k1", "k2", "k3")], [service]);
    assert.deepEqual([opened.openedBy, service.tried], [service.label, ["k2"]]);
  });

  it("that its service tells go first, and the rest is tried all the same", async () => {
    const files = [await fileOf("k1", "k2", "k3")];
    const told = named("alias/x", "k3", { findOtherIds: async () => ["k3" as MasterKeyId] });
    await unwrapWithAny(files, [told]);
    assert.deepEqual(told.tried, ["k3"]);
    const renamed = named("alias/x", "k2", { findOtherIds: async () => ["k3" as MasterKeyId] });
    await unwrapWithAny(files, [renamed]);
    assert.deepEqual(renamed.tried, ["k3", "k1", "k2"]);
  });

  it("are not asked for when there is a single entry", async () => {
    const service = named("alias/x", "k1", { findOtherIds: async () => assert.fail("it was asked") });
    await unwrapWithAny([await fileOf("k1")], [service]);
    assert.deepEqual(service.tried, ["k1"]);
  });

  it("that nobody tells because nobody answers are that key's failure", async () => {
    const away = new KeyError("key/unavailable", "unreachable", "nobody is there");
    const service = named("alias/x", "k1", { findOtherIds: async () => Promise.reject(away) });
    await assert.rejects(unwrapWithAny([await fileOf("k1", "k2")], [service]), { code: "key/unavailable" });
    assert.deepEqual(service.tried, []);
  });
});
