import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { readAll, streamOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import type { Emulator } from "../harness/test-store.ts";
import { assertWhole, flow, LARGE_BYTES, longBodiesContract, PART_BYTES } from "./long-bodies.ts";

const CLEANING_US_MAX = 400_000;

/** A cloud's emulator with a store on it, whose root is `some/prefix`. */
export interface CloudStage {
  readonly emulator: Emulator;
  readonly store: ObjectStore;
  /** Full names of what is stored. */
  readonly names: () => readonly string[];
  /** Puts an object that the store did not write. */
  readonly plant: (name: string) => void;
  /** Uploads that were begun and neither finished nor taken back. */
  readonly dangling: () => number;
  readonly deny: (action: "write" | "read" | "list" | "delete") => void;
}

export interface CloudContract {
  readonly name: string;
  readonly partsInFlight: number;
  /** What the hint of a refused write names. */
  readonly writePermission: RegExp;
  stage(): Promise<CloudStage>;
}

const MEBIBYTE = 1_048_576;
const ROOT = "some/prefix";

/** What is the same in every cloud beyond the contract of stores: parts, faults, leftovers. */
export function cloudStoreContract(contract: CloudContract): void {
  longBodiesContract(contract.name, async () => (await contract.stage()).store);
  describe(`cloud store contract: ${contract.name}`, () => {
    let stage: CloudStage;
    beforeEach(async () => {
      stage = await contract.stage();
    });
    afterEach(async () => {
      await stage.store[Symbol.asyncDispose]();
    });
    uploads(contract, () => stage);
    faults(() => stage);
    answers(contract, () => stage);
  });
}

function uploads(contract: CloudContract, stage: () => CloudStage): void {
  it("sends a long body in parts, a bounded number of them together", async () => {
    const { store, emulator, dangling } = stage();
    emulator.server.faults.slowMs = 20;
    const info = await store.put("large", flow(LARGE_BYTES));
    assert.equal(info.bytes, LARGE_BYTES);
    const { requests, bodiesTogetherMax } = emulator.server;
    const sizes = requests.map(({ body }) => body.length).filter((size) => size > 10_000);
    assert.deepEqual(
      sizes.toSorted((a, b) => a - b),
      [12_345, PART_BYTES, PART_BYTES, PART_BYTES],
    );
    assert.ok(bodiesTogetherMax <= contract.partsInFlight, `${bodiesTogetherMax} together`);
    assert.equal(dangling(), 0);
    await assertWhole(await store.get("large"), LARGE_BYTES);
  });

  it("leaves nothing of a long body whose source breaks", async () => {
    const { store, names, dangling } = stage();
    let before = process.cpuUsage();
    const breaking = async function* (): ByteStream {
      yield* flow(2 * PART_BYTES + 1000);
      before = process.cpuUsage();
      throw new Error("the source broke");
    };
    await assert.rejects(store.put("broken", breaking()), { message: "the source broke" });
    // A library that looks through what was sent, byte by byte, stops everything for that long.
    const { user } = process.cpuUsage(before);
    assert.ok(user < CLEANING_US_MAX, `${user / 1000} ms of work`);
    assert.deepEqual([names(), dangling()], [[], 0]);
  });

  it("leaves nothing of it either when the first request to take it back is lost", async () => {
    const { store, emulator, names, dangling } = stage();
    Object.assign(emulator.server.faults, {
      dropped: 1,
      only: ({ method }: { method: string }) => method === "DELETE",
    });
    const breaking = async function* (): ByteStream {
      yield* flow(PART_BYTES + 1000);
      throw new Error("the source broke");
    };
    await assert.rejects(store.put("broken", breaking()), { message: "the source broke" });
    assert.deepEqual([names(), dangling()], [[], 0]);
  });

  it("leaves nothing of a long body that is aborted, and stops at once", async () => {
    const { store, emulator, names, dangling } = stage();
    const controller = new AbortController();
    const endless = async function* (): ByteStream {
      yield* flow(2 * PART_BYTES + 1000);
      emulator.server.faults.slowMs = 300;
      setTimeout(() => controller.abort(new Error("stopped")), 30);
      for (;;) yield* flow(PART_BYTES);
    };
    await assert.rejects(store.put("aborted", endless(), { signal: controller.signal }), { message: "stopped" });
    assert.deepEqual([names(), dangling()], [[], 0]);
  });

  it("does not replace a long body with ifAbsent, and leaves nothing of the loser", async () => {
    const { store, names, dangling } = stage();
    const put = (): Promise<unknown> => store.put("once", flow(PART_BYTES + 5), { ifAbsent: true });
    await put();
    await assert.rejects(put(), { code: "storage/exists" });
    assert.deepEqual([names(), dangling()], [[`${ROOT}/once`], 0]);
  });
}

function faults(stage: () => CloudStage): void {
  const isUpload = ({ method }: { method: string }): boolean => method === "PUT" || method === "POST";

  it("outlasts a store that is not able to answer for a while", async () => {
    const { store, emulator } = stage();
    emulator.server.faults.unavailable = 1;
    await store.put("a", flow(1000));
    emulator.server.faults.unavailable = 1;
    await assertWhole(await store.get("a"), 1000);
    emulator.server.faults.unavailable = 1;
    assert.equal((await Array.fromAsync(store.list(""))).length, 1);
    emulator.server.faults.unavailable = 1;
    await store.delete("a");
  });

  it("sends a part again that was refused or lost", async () => {
    const { store, emulator } = stage();
    const { faults: fault } = emulator.server;
    fault.only = ({ body }) => body.length > 10_000;
    fault.unavailable = 1;
    await store.put("refused", flow(LARGE_BYTES));
    await assertWhole(await store.get("refused"), LARGE_BYTES);
    fault.dropped = 1;
    await store.put("lost", flow(LARGE_BYTES));
    await assertWhole(await store.get("lost"), LARGE_BYTES);
    fault.unanswered = 1;
    await store.put("unanswered", flow(LARGE_BYTES));
    await assertWhole(await store.get("unanswered"), LARGE_BYTES);
  });

  it("knows its own object when the answer to ifAbsent was lost", async () => {
    for (const bytes of [1000, PART_BYTES + 1000]) {
      const { store, emulator, names, dangling } = stage();
      await store.put(`first/${bytes}`, flow(1), { ifAbsent: true });
      const { faults: fault } = emulator.server;
      const before = names().length;
      // The request that publishes is the one after which the object is there.
      fault.only = (request) => isUpload(request) && names().length > before;
      fault.unanswered = 1;
      const info = await store.put(`own/${bytes}`, flow(bytes), { ifAbsent: true });
      assert.equal(fault.unanswered, 0, "the answer was lost");
      assert.deepEqual([info.bytes, dangling()], [bytes, 0]);
      await assert.rejects(store.put(`own/${bytes}`, flow(1), { ifAbsent: true }), { code: "storage/exists" });
      await assertWhole(await store.get(`own/${bytes}`), bytes);
    }
  });

  it("reads on where the connection broke", async () => {
    const { store, emulator } = stage();
    await store.put("a", flow(3 * MEBIBYTE));
    Object.assign(emulator.server.faults, { cuts: 3, cutAfterBytes: 700_000, only: isBody });
    await assertWhole(await store.get("a"), 3 * MEBIBYTE);
    assert.equal(emulator.server.faults.cuts, 0);
  });

  it("does not read on in another object of the same name", async () => {
    const { store, emulator } = stage();
    await store.put("a", flow(3 * MEBIBYTE));
    Object.assign(emulator.server.faults, { cuts: 1, cutAfterBytes: 700_000, only: isBody });
    const stream = await store.get("a");
    await store.put("a", streamOf(new Uint8Array(3 * MEBIBYTE)));
    // What was opened before the change may be served whole; a mixture must not.
    const outcome = await readAll(stream).then(
      (bytes) => Buffer.compare(bytes, Buffer.from(new Uint8Array(3 * MEBIBYTE))) === 0,
      (thrown: unknown) => thrown,
    );
    assert.ok(outcome instanceof ShellError && /replaced/u.test(outcome.message), String(outcome));
    assert.equal(outcome.code, "storage/unavailable");
  });

  it("stops waiting for a slow store when it is aborted", async () => {
    const { store, emulator } = stage();
    await store.put("a", flow(10));
    emulator.server.faults.slowMs = 5000;
    const begun = Date.now();
    await assert.rejects(store.head("a", AbortSignal.timeout(50)), { name: "TimeoutError" });
    await assert.rejects(async () => readAll(await store.get("a", { signal: AbortSignal.timeout(50) })));
    assert.ok(Date.now() - begun < 3000);
  });
}

/** Downloads, and not what only asks about an object. */
function isBody({ method, query, target }: { method: string; query: URLSearchParams; target: string }): boolean {
  const isGcs = target.includes("/storage/v1/");
  return method === "GET" && (!isGcs || query.get("alt") === "media");
}

function answers(contract: CloudContract, stage: () => CloudStage): void {
  it("lists no folder markers, no locks, and nothing outside of its root", async () => {
    const { store, plant } = stage();
    for (const name of ["folder/", "", "folder/a", ".sealift-locks/x/y", "b"]) plant(`${ROOT}/${name}`);
    for (const name of ["some/prefix2/x", "some/other", "zzz"]) plant(name);
    const keys = (await Array.fromAsync(store.list(""))).map(({ key }) => key);
    assert.deepEqual(keys, ["b", "folder/a"]);
  });

  it("says what is refused and what to grant", async () => {
    const { store, deny, names } = stage();
    await store.put("a", streamOf(utf8("x")));
    for (const action of ["write", "read", "list", "delete"] as const) deny(action);
    const refused = async (work: Promise<unknown>, message: RegExp): Promise<ShellError> => {
      const thrown: unknown = await work.then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(thrown instanceof ShellError, String(thrown));
      assert.equal(thrown.code, "storage/denied");
      assert.match(thrown.message, message);
      assert.ok(thrown.hint !== undefined && thrown.cause instanceof Error);
      return thrown;
    };
    const error = await refused(store.put("b", flow(10)), /some\/prefix\/b cannot be written: access denied$/u);
    assert.match(error.hint ?? "", contract.writePermission);
    await refused(store.put("b", flow(PART_BYTES + 1)), /b cannot be written: access denied$/u);
    await refused(Array.fromAsync(store.list("")), /some\/prefix cannot be listed: access denied$/u);
    await refused(store.delete("a"), /a cannot be deleted: access denied$/u);
    await refused(store.get("a"), /a cannot be (read|looked at): access denied$/u);
    await refused(store.head("a"), /a cannot be looked at: access denied$/u);
    assert.deepEqual(names(), [`${ROOT}/a`]);
  });

  it("says that nobody answers", async () => {
    const { store, emulator } = stage();
    await emulator[Symbol.asyncDispose]();
    emulator[Symbol.asyncDispose] = async () => undefined;
    await assert.rejects(store.head("a"), { code: "storage/unavailable", message: /the connection was refused$/u });
  });
}
