import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isSegmentKey } from "../../src/backups/folders.ts";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import type { Location } from "../../src/location.ts";
import { streamOf } from "../../src/std/bytes.ts";
import { takeBackLeftovers } from "../../src/storage/leftovers.ts";
import { openStore } from "../../src/storage/schemes.ts";
import type { Leftovers, ObjectStore } from "../../src/storage/store.ts";
import { unloadLeftovers } from "../../src/unload/names.ts";
import { S3Emulator } from "../emulators/s3.ts";
import { openTestStore } from "../harness/test-store.ts";

const HOUR_MS = 3_600_000;
const ID = "ab".repeat(32);
const SEGMENT = `2026/11/21-071826.12/data/${ID}`;
const SIGNAL = new AbortController().signal;
const OWN: Leftovers = { prefix: "", isOwn: isSegmentKey, idleMs: HOUR_MS };

function locationOf(uri: string): Location {
  const parsed = parseStorageLocation(uri);
  if (!parsed.ok) throw locationError(parsed.error);
  return parsed.value;
}

describe("uploads that a crash left", () => {
  let [emulator, store]: [S3Emulator, ObjectStore] = [] as never;
  beforeEach(async () => {
    emulator = await S3Emulator.start();
    store = await openTestStore(emulator.uri("/some/prefix"), emulator);
  });
  afterEach(async () => store[Symbol.asyncDispose]());

  /** An upload that was begun, and whose only part came, so many hours ago. */
  function plant(id: string, key: string, begunHours: number, partHours = begunHours): void {
    const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);
    const [begun] = emulator.server.requests;
    assert.ok(begun);
    const part = { bytes: Buffer.from("x"), etag: '"x"', modified: ago(partHours) };
    emulator.uploads.set(id, { key, begun, initiated: ago(begunHours), parts: new Map([[1, part]]) });
  }

  const left = (): readonly string[] => [...emulator.uploads.keys()].toSorted();

  beforeEach(async () => {
    await store.put("a", streamOf(Uint8Array.of(1)));
  });

  it("are taken back when they are ours and nobody goes on with them", async () => {
    plant("dead", `some/prefix/${SEGMENT}`, 2);
    plant("dead too", `some/prefix/${SEGMENT.replace("21-", "20-")}`, 30);
    plant("third", `some/prefix/${SEGMENT.replace("21-", "19-")}`, 30);
    const notices = await takeBackLeftovers(store, OWN, SIGNAL);
    assert.deepEqual(left(), []);
    assert.deepEqual(
      notices.map((event) => event.type === "notice" && event.message),
      ["taken back what an earlier job left unfinished: 3 uploads"],
    );
    assert.deepEqual(await takeBackLeftovers(store, OWN, SIGNAL), []);
  });

  it("are left alone when they are young, still grow, or are somebody else's", async () => {
    plant("young", `some/prefix/${SEGMENT}`, 0.5);
    plant("growing", `some/prefix/${SEGMENT}`, 5, 0.1);
    plant("of another tool", "some/prefix/2026/11/21-071826.12/photo.jpg", 1000);
    plant("of another name", "some/prefix/data/photo", 1000);
    plant("elsewhere", `some/prefix2/${SEGMENT}`, 1000);
    const all = left();
    assert.deepEqual(await takeBackLeftovers(store, OWN, SIGNAL), []);
    assert.deepEqual(left(), all);
  });

  it("are no reason to fail for a writer that may not list or abort them", async () => {
    plant("dead", `some/prefix/${SEGMENT}`, 2);
    for (const action of ["LIST", "DELETE"]) {
      emulator.denied.add(action);
      assert.deepEqual(await takeBackLeftovers(store, OWN, SIGNAL), []);
      emulator.denied.delete(action);
    }
    assert.deepEqual(left(), ["dead"]);
    const stopped = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(takeBackLeftovers(store, OWN, stopped), { message: "stopped" });
  });

  it("of UNLOAD are known by its names of files below its prefix", async () => {
    const leftovers = unloadLeftovers("out/orders_");
    const isOwn = (name: string): boolean => leftovers.isOwn(`${leftovers.prefix}${name}`);
    for (const name of ["0000_part_00", "0012_part_103.gz", "000", "001.parquet", "/year=2026/0001_part_00.bz2"])
      assert.ok(isOwn(name), name);
    for (const name of ["photo.jpg", "manifest", "old/000", "00", "x/year=1/0000_part_00", "0000_part_00/x"])
      assert.ok(!isOwn(name), name);
    assert.equal(leftovers.idleMs, 24 * HOUR_MS);
  });

  describe("of a process of this machine", () => {
    let folder: string;
    beforeEach(() => {
      folder = join(mkdtempSync(join(tmpdir(), "sealift-notes-")), "uploads");
    });
    afterEach(() => rmSync(dirname(folder), { recursive: true }));

    /** Another process begins an upload and is killed, unless it is to live. */
    async function begin(key: string): Promise<ChildProcess> {
      const script = join(import.meta.dirname, "../harness/dying-writer.js");
      const child = spawn(process.execPath, [script, emulator.uri("/some/prefix"), key, folder], { stdio: "pipe" });
      after(() => child.kill("SIGKILL"));
      await once(child.stdout, "data");
      for (let waits = 0; left().length === 0 && waits < 200; waits += 1) await sleep(10);
      return child;
    }

    async function kill(child: ChildProcess): Promise<void> {
      child.kill("SIGKILL");
      await once(child, "exit");
    }

    async function takeBack(leftovers = OWN, uri = emulator.uri("/some/prefix")): Promise<number> {
      const options = { externDirectory: "/nowhere", network: { variables: {} }, uploadNotes: folder };
      await using mine = await openStore(locationOf(uri), options);
      return (await mine.abortLeftovers?.(leftovers, SIGNAL)) ?? 0;
    }

    it("are taken back at once when it was killed, and not before", async () => {
      const child = await begin(SEGMENT);
      assert.equal(await takeBack(), 0, "it is alive");
      assert.equal(left().length, 1);
      await kill(child);
      assert.equal(await takeBack({ ...OWN, prefix: "2026/12/" }), 0, "it is of another place");
      assert.equal(await takeBack(OWN, emulator.uri("/some/prefix").replace("127.0.0.1", "localhost")), 0);
      assert.equal(await takeBack(), 1);
      assert.deepEqual(left(), []);
      assert.deepEqual(await readdir(folder), []);
    });

    it("are taken back from a folder of this machine as well, where they are files that nothing lists", async () => {
      const root = join(dirname(folder), "store");
      const uri = `file://${root}`;
      const script = join(import.meta.dirname, "../harness/dying-writer.js");
      const child = spawn(process.execPath, [script, uri, SEGMENT, folder], { stdio: "pipe" });
      after(() => child.kill("SIGKILL"));
      await once(child.stdout, "data");
      const partial = (): string[] => readdirSync(dirname(join(root, SEGMENT)));
      assert.equal(await takeBack(OWN, uri), 0, "it is alive");
      assert.match(partial().join(), /^\.sealift-partial-/);
      await kill(child);
      assert.equal(await takeBack(OWN, `${uri}2`), 0, "it is of another place");
      assert.equal(await takeBack({ ...OWN, prefix: "2026/12/" }, uri), 0);
      assert.equal(await takeBack(OWN, uri), 1);
      assert.deepEqual(partial(), []);
      assert.deepEqual(await readdir(folder), []);
    });

    it("are taken back by a writer that may not list uploads", async () => {
      await kill(await begin("any/name"));
      emulator.denied.add("LIST");
      assert.equal(await takeBack(), 1);
      assert.deepEqual(left(), []);
    });

    it("are kept in mind while they cannot be taken back, and forgotten when they are gone", async () => {
      await kill(await begin("any/name"));
      emulator.denied.add("DELETE");
      assert.equal(await takeBack(), 0);
      assert.equal((await readdir(folder)).length, 1);
      emulator.denied.delete("DELETE");
      emulator.uploads.clear();
      assert.equal(await takeBack(), 0);
      assert.deepEqual(await readdir(folder), []);
    });

    it("are left to the hour's rule when their note is of another realm, or damaged", async () => {
      await kill(await begin("any/name"));
      const [name = ""] = await readdir(folder);
      const text = await readFile(join(folder, name), "utf8");
      for (const other of [
        text.replace(/"realm":"[^"]*"/u, '"realm":"a container"'),
        text.slice(0, -20),
        "[]",
        "null",
      ]) {
        await writeFile(join(folder, name), other);
        assert.equal(await takeBack(), 0);
      }
      assert.equal(left().length, 1);
    });

    it("are noted for nobody else to read, only while they are under way", async () => {
      const options = { externDirectory: "/nowhere", network: { variables: {} }, uploadNotes: folder };
      await using mine = await openStore(locationOf(emulator.uri("/some/prefix")), options);
      const during: (readonly string[])[] = [];
      const watched = async function* (): AsyncIterable<Uint8Array> {
        yield new Uint8Array(9_000_000);
        during.push(await readdir(folder));
        assert.equal((await stat(join(folder, during.at(-1)?.[0] ?? ""))).mode & 0o777, 0o600);
      };
      await mine.put("a", watched());
      const failing = async function* (): AsyncIterable<Uint8Array> {
        yield* watched();
        throw new Error("the source broke");
      };
      await assert.rejects(mine.put("b", failing()), /the source broke/u);
      assert.deepEqual(
        during.map((names) => names.length),
        [1, 1],
      );
      assert.deepEqual(await readdir(folder), []);
    });

    it("are uploaded though nothing can be noted", async () => {
      await writeFile(folder, "a file where the folder should be");
      const options = { externDirectory: "/nowhere", network: { variables: {} }, uploadNotes: folder };
      await using mine = await openStore(locationOf(emulator.uri("/some/prefix")), options);
      await mine.put("a", streamOf(new Uint8Array(9_000_000)));
      assert.equal((await mine.head("a"))?.bytes, 9_000_000);
      assert.equal(await mine.abortLeftovers?.(OWN, SIGNAL), 0);
    });
  });

  it("after a crash in the middle of a put, the next one takes them back", async () => {
    const crash = new Error("the process died");
    // Nothing is aborted when a process dies: the request that would do so is lost.
    emulator.server.faults.only = ({ method }) => method === "DELETE";
    emulator.server.faults.dropped = Infinity;
    const dying = async function* (): AsyncIterable<Uint8Array> {
      yield new Uint8Array(9_000_000);
      throw crash;
    };
    await assert.rejects(store.put(SEGMENT, dying()), crash);
    emulator.server.faults.dropped = 0;
    assert.equal(left().length, 1);
    assert.equal((await takeBackLeftovers(store, OWN, SIGNAL)).length, 0, "it may still be alive");
    assert.equal((await takeBackLeftovers(store, { ...OWN, idleMs: -HOUR_MS }, SIGNAL)).length, 1);
    assert.deepEqual(left(), []);
  });
});
