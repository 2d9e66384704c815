import assert from "node:assert/strict";
import { chmod, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { parseStorageLocation } from "../../src/location-parse.ts";
import { storageError } from "../../src/storage/local-errors.ts";
import { TEMPORARY_PREFIX } from "../../src/storage/local-list.ts";
import { writePieces } from "../../src/storage/local-write.ts";
import { LocalStore } from "../../src/storage/local.ts";
import { openStore } from "../../src/storage/schemes.ts";
import { readAll, streamOf, textOf, utf8 } from "../../src/std/bytes.ts";
import { objectStoreContract } from "../contracts/object-store.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

const root = await temporaryFolder();
let count = 0;

function openLocal(): LocalStore {
  count += 1;
  return new LocalStore({ root: join(root, `store ${count}`, "deeper"), label: "file:///store" });
}

function folderOf(number: number): string {
  return join(root, `store ${number}`, "deeper");
}

objectStoreContract("local", async () => openLocal());

describe("local files", () => {
  it("are closed to others", async () => {
    const store = openLocal();
    await store.put("a/b/c", streamOf(utf8("x")));
    const folder = folderOf(count);
    assert.equal((await stat(join(folder, "a/b/c"))).mode & 0o777, 0o600);
    for (const name of ["", "a", "a/b"]) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o700);
  });

  it("leftovers of a dead writer are not listed, not counted and not reachable", async () => {
    const store = openLocal();
    await store.put("a/b", streamOf(utf8("x")));
    await writeFile(join(folderOf(count), "a", `${TEMPORARY_PREFIX}0123`), "half");
    const keys = await Array.fromAsync(store.list(""), ({ key }) => key);
    assert.deepEqual(keys, ["a/b"]);
    await assert.rejects(store.get(`a/${TEMPORARY_PREFIX}0123`), { code: "location/invalid" });
    await assert.rejects(store.put(`${TEMPORARY_PREFIX}x/b`, streamOf()), { code: "location/invalid" });
  });

  it("no temporary file stays after success or failure", async () => {
    const store = openLocal();
    await store.put("a", streamOf(utf8("x")), { ifAbsent: true });
    await store.put("a", streamOf(utf8("y")));
    await assert.rejects(store.put("a", streamOf(utf8("z")), { ifAbsent: true }), { code: "storage/exists" });
    assert.deepEqual(await readdir(folderOf(count)), ["a"]);
  });

  it("takes folders back with its files: those that it made and nothing is in", async () => {
    const folder = join(root, "shared");
    await mkdir(join(folder, "2026"), { recursive: true });
    {
      await using store = new LocalStore({ root: folder, label: "file:///shared" });
      await store.put("2026/11/30-1/data/a", streamOf(utf8("x")));
      await store.put("2026/11/30-1/b", streamOf(utf8("x")));
      await writeFile(join(folder, "2026/11/theirs"), "x");
      for (const key of ["2026/11/30-1/data/a", "2026/11/30-1/b"]) await store.delete(key);
    }
    assert.deepEqual((await readdir(folder, { recursive: true })).toSorted(), ["2026", "2026/11", "2026/11/theirs"]);
    {
      await using store = new LocalStore({ root: folder, label: "file:///shared" });
      await store.delete("2026/11/theirs");
    }
    assert.deepEqual((await readdir(folder, { recursive: true })).toSorted(), ["2026", "2026/11"], "not its own");
  });

  it("takes back the folder of a file that could not be written, and the store's own", async () => {
    const folder = join(root, "failed", "store");
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield utf8("x");
      throw new Error("the source is gone");
    };
    {
      await using store = new LocalStore({ root: folder, label: "file:///failed" });
      await assert.rejects(store.put("a/b", failing()), /the source is gone/);
    }
    await assert.rejects(stat(join(root, "failed")), { code: "ENOENT" });
  });

  it("writes into a folder that others remove as often as they have used it", async () => {
    const folder = join(root, "contended");
    const work = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 60; turn += 1) {
        await using store = new LocalStore({ root: folder, label: "file:///contended" });
        await store.put(`a/b/${name}`, streamOf(utf8("x")));
        await store.delete(`a/b/${name}`);
      }
    };
    await Promise.all(["one", "two", "three"].map(work));
    // Who made a folder that another one still used has left it.
    const left = await readdir(folder, { recursive: true }).catch(() => []);
    assert.ok(left.every((name) => name === "a" || name === "a/b"));
  });

  it("a link to a file is an object, a link to a folder is not walked", async () => {
    const store = openLocal();
    await store.put("a", streamOf(utf8("x")));
    await symlink(join(folderOf(count), "a"), join(folderOf(count), "b"));
    await symlink(folderOf(count), join(folderOf(count), "round"));
    await symlink(join(folderOf(count), "nowhere"), join(folderOf(count), "dangling"));
    assert.deepEqual(await Array.fromAsync(store.list(""), ({ key }) => key), ["a", "b"]);
  });

  it("a file where a folder is needed is named", async () => {
    const store = openLocal();
    await store.put("a", streamOf(utf8("x")));
    await assert.rejects(store.put("a/b", streamOf(utf8("x"))), { code: "storage/exists" });
    await mkdir(join(folderOf(count), "folder", "sub"), { recursive: true });
    await assert.rejects(store.put("folder", streamOf(utf8("x"))), {
      code: "storage/exists",
      message: "file:///store/folder cannot be written: a folder has this name",
    });
    assert.equal(await store.head("a/b"), undefined);
  });

  it(
    "a folder that may not be written is denied",
    { skip: process.getuid?.() === 0 && "runs as another user than root, who may write everywhere" },
    async () => {
      const store = openLocal();
      await store.put("a", streamOf(utf8("x")));
      await chmod(folderOf(count), 0o500);
      await assert.rejects(store.put("b", streamOf(utf8("x"))), { code: "storage/denied" });
      await chmod(folderOf(count), 0o700);
    },
  );

  it("refuses metadata it cannot keep", async () => {
    await assert.rejects(openLocal().put("a", streamOf(), { metadata: { a: "b" } }), { code: "bug/invariant" });
  });
});

describe("what the system says, in the words of storage", () => {
  const CASES = [
    ["ENOSPC", "storage/full"],
    ["EDQUOT", "storage/full"],
    ["EFBIG", "storage/full"],
    ["EACCES", "storage/denied"],
    ["EPERM", "storage/denied"],
    ["EROFS", "storage/denied"],
    ["ENOENT", "storage/not-found"],
    ["EEXIST", "storage/exists"],
    ["ENAMETOOLONG", "location/invalid"],
    ["EIO", "storage/unavailable"],
    ["EMFILE", "storage/unavailable"],
  ] as const;
  for (const [system, code] of CASES) {
    it(`${system} is ${code}`, () => {
      const cause = Object.assign(new Error("the raw text"), { code: system, syscall: "write", errno: -1 });
      const error = storageError(cause, "file:///x/a", "be written");
      assert.ok(error instanceof ShellError);
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
      assert.match(error.message, /^file:\/\/\/x\/a cannot be written: /u);
      assert.doesNotMatch(error.message, /raw text/u);
    });
  }

  it("what is no system error stays what it is", () => {
    const own = new Error("the source's own");
    assert.equal(storageError(own, "x", "be written"), own);
    const shell = new ShellError("key/mismatch", "x");
    assert.equal(storageError(shell, "x", "be written"), shell);
  });
});

describe("writing", () => {
  it("goes on after a part was taken, and reports a disk that fills up", async () => {
    const taken: Uint8Array[] = [];
    const handle = {
      write: async (bytes: Uint8Array, at: number) => {
        const part = bytes.subarray(at, at + 70_000);
        if (taken.length === 20) throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
        taken.push(Uint8Array.from(part));
        return { bytesWritten: part.length, buffer: bytes };
      },
    };
    const body = Uint8Array.from({ length: 1_200_000 }, (_, index) => index % 253);
    // FileHandle.write has many shapes; this is the one that is called.
    const written = await writePieces(handle as never, streamOf(body.subarray(0, 500_000), body.subarray(500_000)));
    assert.equal(written, body.length);
    assert.equal(Buffer.compare(Buffer.concat(taken), body), 0);
    await assert.rejects(writePieces(handle as never, streamOf(body)), { code: "ENOSPC" });
  });
});

describe("schemes", () => {
  async function open(uri: string): Promise<ReturnType<typeof openStore>> {
    const location = parseStorageLocation(uri);
    assert.ok(location.ok, uri);
    return openStore(location.value, { externDirectory: join(root, "extern"), network: { variables: {} } });
  }

  it("file and nodelocal open folders; nodelocal is below the external I/O directory", async () => {
    const store = await open("nodelocal://1/backups/");
    await store.put("a", streamOf(utf8("x")));
    assert.equal(store.label, "nodelocal://1/backups");
    const same = await open(`file://${root}/extern/backups`);
    assert.equal(textOf(await readAll(await same.get("a"))), "x");
  });

  it("a scheme without an adapter is said to be unsupported", async () => {
    await assert.rejects(open("external://conn/x"), {
      code: "engine/unsupported",
      message: "external storage is not supported yet",
    });
  });
});
