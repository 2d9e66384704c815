// What goes wrong between a store and us, and what is said of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { readAll, streamOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { S3Emulator } from "../emulators/s3.ts";
import { openTestStore, type Emulator } from "../harness/test-store.ts";

const BODY = (): ByteStream => streamOf(utf8("some text"));
const LARGE_BYTES = 3_000_000;
const HOUR_MS = 3_600_000;

type Times = Parameters<typeof openTestStore>[3];
const QUICK = { pauseMs: 5 };
const IMPATIENT = { pauseMs: 5, silenceMs: 300 };

interface Stage<E extends Emulator = Emulator> extends AsyncDisposable {
  readonly emulator: E;
  readonly store: ObjectStore;
  readonly remove: (name: string) => void;
}

function stageOf<E extends Emulator>(emulator: E, store: ObjectStore, remove: (name: string) => void): Stage<E> {
  return { emulator, store, remove, [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]() };
}

async function openS3(times: Times = QUICK): Promise<Stage<S3Emulator>> {
  const emulator = await S3Emulator.start();
  const store = await openTestStore(emulator.uri("/p"), emulator, {}, times);
  return stageOf(emulator, store, (name) => emulator.objects.delete(name));
}

async function openGcs(times: Times = QUICK): Promise<Stage<GcsEmulator>> {
  const emulator = await GcsEmulator.start();
  const store = await openTestStore(
    emulator.uri("/p"),
    emulator,
    { STORAGE_EMULATOR_HOST: emulator.server.origin },
    times,
  );
  return stageOf(emulator, store, (name) => emulator.files.delete(name));
}

async function openAzure(times: Times = QUICK): Promise<Stage<AzureBlobEmulator>> {
  const emulator = await AzureBlobEmulator.start();
  const store = await openTestStore(emulator.uri("/p"), emulator, { AZURE_STORAGE_ENDPOINT: emulator.endpoint }, times);
  return stageOf(emulator, store, (name) => emulator.blobs.delete(name));
}

const CLOUDS = { S3: openS3, "Google Cloud Storage": openGcs, "Azure Blob Storage": openAzure };

async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError, String(thrown));
  return thrown;
}

/** Downloads, and not what only asks about an object. */
function isBody({ method, query, target }: { method: string; query: URLSearchParams; target: string }): boolean {
  return method === "GET" && (!target.includes("/storage/v1/") || query.get("alt") === "media");
}

function everyCall(store: ObjectStore): readonly (() => Promise<unknown>)[] {
  return [
    () => store.put("b", BODY()),
    () => store.put("c", BODY(), { ifAbsent: true }),
    async () => readAll(await store.get("a")),
    () => store.head("a"),
    () => Array.fromAsync(store.list("")),
    () => store.delete("a"),
  ];
}

/** On a busy machine an emulator, too, may be slower than an impatient store waits. */
async function putPatiently(store: ObjectStore, key: string, body: () => ByteStream): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await store.put(key, body());
      return;
    } catch (thrown) {
      if (tries === 20) throw thrown;
    }
  }
}

for (const [name, open] of Object.entries(CLOUDS)) {
  describe(`${name}: nothing hangs`, () => {
    it("a store that takes the request and never answers is given up", async () => {
      await using stage: Stage = await open(IMPATIENT);
      const { store, emulator } = stage;
      await putPatiently(store, "a", BODY);
      emulator.server.faults.silent = Infinity;
      for (const call of everyCall(store)) {
        const error = await failureOf(call());
        assert.equal(error.code, "storage/unavailable", String(call));
        assert.match(error.message, /there was no answer in time$/u);
      }
    });

    it("a store that falls silent in the middle of a body is asked for the rest", async () => {
      await using stage: Stage = await open(IMPATIENT);
      const { store, emulator } = stage;
      await putPatiently(store, "a", () => streamOf(new Uint8Array(LARGE_BYTES)));
      Object.assign(emulator.server.faults, { stalls: 2, cutAfterBytes: 500_000, only: isBody });
      assert.equal((await readAll(await store.get("a"))).length, LARGE_BYTES);
      assert.equal(emulator.server.faults.stalls, 0);
      emulator.server.faults.stalls = Infinity;
      emulator.server.faults.cutAfterBytes = 0;
      const error = await failureOf(store.get("a").then(readAll));
      assert.equal(error.code, "storage/unavailable");
    });

    it("a silent store is left at once when the statement is stopped", async () => {
      await using stage: Stage = await open();
      const { store, emulator } = stage;
      await store.put("a", streamOf(new Uint8Array(LARGE_BYTES)));
      const stopped = { message: "stopped" };
      const stopping = (): AbortSignal => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error("stopped")), 30);
        return controller.signal;
      };
      Object.assign(emulator.server.faults, { stalls: Infinity, cutAfterBytes: 500_000, only: isBody });
      await assert.rejects(store.get("a", { signal: stopping() }).then(readAll), stopped);
      Object.assign(emulator.server.faults, { silent: Infinity, only: () => true });
      await assert.rejects(store.head("a", stopping()), stopped);
      await assert.rejects(store.delete("a", stopping()), stopped);
      await assert.rejects(Array.fromAsync(store.list("", stopping())), stopped);
      await assert.rejects(store.get("a", { signal: stopping() }).then(readAll), stopped);
    });
  });

  describe(`${name}: an object that goes while it is read`, () => {
    it("is told from one that was replaced, and from one that was never there", async () => {
      await using stage: Stage = await open();
      const { store, emulator, remove } = stage;
      await store.put("a", streamOf(new Uint8Array(LARGE_BYTES)));
      Object.assign(emulator.server.faults, { cuts: 1, cutAfterBytes: 500_000, only: isBody });
      const stream = await store.get("a");
      const reading = readAll(afterFirst(stream, () => remove("p/a")));
      const gone = await failureOf(reading);
      assert.equal(gone.code, "storage/not-found");
      assert.match(gone.message, /p\/a cannot be read: it was deleted while it was read$/u);
      const never = await failureOf(store.get("a").then(readAll));
      assert.equal(never.code, "storage/not-found");
      assert.doesNotMatch(never.message, /while it was read/u);
    });
  });
}

async function* afterFirst(stream: ByteStream, act: () => void): ByteStream {
  let count = 0;
  for await (const piece of stream) {
    if ((count += 1) === 1) act();
    yield piece;
  }
}

describe("a clock that is wrong", () => {
  it("S3: is told with both times when the SDK could not correct for it", async () => {
    await using stage = await openS3();
    stage.emulator.skewedAt = new Date("2030-01-02T03:04:05Z");
    const error = await failureOf(stage.store.put("a", BODY()));
    assert.equal(error.code, "location/credentials");
    assert.match(
      error.message,
      /p\/a cannot be written: this machine's clock is wrong: it says \S+ \S+ UTC, the service's 2030-01-02 03:04:05 UTC$/u,
    );
    assert.match(error.hint ?? "", /^set the clock/u);
    stage.emulator.skewedAt = new Date();
    assert.match((await failureOf(stage.store.put("a", BODY()))).message, /clock differs too much from the store's$/u);
  });

  it("S3: is told when it is STS that minds it", async () => {
    const emulator = await S3Emulator.start();
    emulator.stsRefusal = {
      code: "SignatureDoesNotMatch",
      message: "Signature expired: 20300102T030405Z is now earlier than 20300102T035500Z (20300102T040000Z - 5 min.)",
    };
    const uri = emulator.uri("/p", { ASSUME_ROLE: "arn:aws:iam::1:role/r" });
    await using store = await openTestStore(uri, emulator);
    const error = await failureOf(store.head("a"));
    assert.equal(error.code, "location/credentials");
    assert.match(
      error.message,
      /this machine's clock is wrong: it says .* UTC, the service's 2030-01-02 04:00:00 UTC$/u,
    );
  });

  it("Google and Azure: is told with both times by the answer's Date", async () => {
    await using gcs = await openGcs();
    gcs.emulator.tokens.clear();
    await using azure = await openAzure();
    azure.emulator.isKeyRefused = true;
    for (const { store, emulator } of [gcs, azure]) {
      assert.doesNotMatch((await failureOf(store.put("a", BODY()))).message, /clock/u);
      emulator.server.faults.clockMs = HOUR_MS;
      const error = await failureOf(store.put("a", BODY()));
      assert.equal(error.code, "location/credentials");
      assert.match(error.message, /this machine's clock is wrong: it says \S+ \S+ UTC, the service's \S+ \S+ UTC$/u);
    }
  });
});

describe("a permission that is missing", () => {
  it("is told with who, what and where, as the store says it", async () => {
    await using s3 = await openS3();
    s3.emulator.denied.add("PUT");
    s3.emulator.refusal =
      'User: arn:aws:iam::1:user/ada is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::bucket/p/a" because no identity-based policy allows it';
    const aws = await failureOf(s3.store.put("a", BODY()));
    assert.equal(aws.code, "storage/denied");
    assert.deepEqual(aws.detail, ["arn:aws:iam::1:user/ada lacks s3:PutObject on arn:aws:s3:::bucket/p/a"]);
    assert.equal(aws.hint, "grant s3:PutObject on arn:aws:s3:::bucket/p/a to arn:aws:iam::1:user/ada");
    await using gcs = await openGcs();
    gcs.emulator.denied.add("list");
    gcs.emulator.refusal =
      "ada@p.iam.gserviceaccount.com does not have storage.objects.list access to the Google Cloud Storage bucket.";
    const google = await failureOf(Array.fromAsync(gcs.store.list("")));
    assert.deepEqual(google.detail, ["ada@p.iam.gserviceaccount.com lacks storage.objects.list on bucket bucket"]);
  });

  it("is told with who asked when the store does not say", async () => {
    await using s3 = await openS3();
    s3.emulator.denied.add("GET");
    await s3.store.put("a", BODY());
    assert.deepEqual((await failureOf(s3.store.get("a"))).detail, [
      "the access key AKIDEXAMPLE lacks s3:GetObject on s3://bucket/p/a",
    ]);
    await using azure = await openAzure();
    azure.emulator.denied.add("DELETE");
    assert.deepEqual((await failureOf(azure.store.delete("a"))).detail, [
      "the account key lacks the role Storage Blob Data Contributor on azure-blob://container/p/a",
    ]);
  });
});
