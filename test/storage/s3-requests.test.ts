import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { readAll, streamOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { startProxy } from "../emulators/proxy.ts";
import { S3Emulator, type S3EmulatorOptions } from "../emulators/s3.ts";
import { Canary } from "../harness/canary.ts";
import { openTestStore } from "../harness/test-store.ts";

type Parameters = Readonly<Record<string, string>>;

const PART_BYTES = 8_388_608;
const BODY = (): ByteStream => streamOf(utf8("some text"));

async function open(parameters: Parameters = {}, options: S3EmulatorOptions = {}): Promise<[S3Emulator, ObjectStore]> {
  const emulator = await S3Emulator.start(options);
  return [emulator, await openTestStore(emulator.uri("/p", parameters), emulator)];
}

async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError, String(thrown));
  return thrown;
}

describe("S3: how objects are stored", () => {
  const CASES: readonly (readonly [Parameters, Parameters])[] = [
    [{ S3_STORAGE_CLASS: "STANDARD_IA" }, { "x-amz-storage-class": "STANDARD_IA" }],
    [{ AWS_SERVER_ENC_MODE: "AES256" }, { "x-amz-server-side-encryption": "AES256" }],
    [
      { AWS_SERVER_ENC_MODE: "aws:kms", AWS_SERVER_KMS_ID: "alias/a" },
      { "x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "alias/a" },
    ],
  ];
  for (const [parameters, headers] of CASES) {
    it(`as the URI says: ${Object.values(parameters).join(", ")}`, async () => {
      const [emulator, store] = await open(parameters);
      await using _ = store;
      await store.put("whole", BODY());
      await store.put("parts", streamOf(new Uint8Array(PART_BYTES + 1)));
      for (const name of ["p/whole", "p/parts"]) {
        const { "x-amz-content-sha256": _payload, ...asked } = emulator.objects.get(name)?.asked ?? {};
        assert.deepEqual(asked, headers, name);
      }
    });
  }

  it("signs the body unless TLS protects it", async () => {
    const payloadOf = async (parameters: Parameters, tls: boolean): Promise<string | undefined> => {
      const [emulator, store] = await open(parameters, { tls });
      await using _ = store;
      await store.put("a", BODY());
      return emulator.objects.get("p/a")?.asked["x-amz-content-sha256"];
    };
    assert.equal(await payloadOf({}, true), "UNSIGNED-PAYLOAD");
    assert.match((await payloadOf({}, false)) ?? "", /^[0-9a-f]{64}$/u);
    assert.match((await payloadOf({ AWS_SKIP_TLS_VERIFY: "true" }, true)) ?? "", /^[0-9a-f]{64}$/u);
  });

  it("trusts no unknown certificate, unless it is told to", async () => {
    await using emulator = await S3Emulator.start({ tls: true });
    const strict = {
      server: { certificate: "" },
      [Symbol.asyncDispose]: async () => undefined,
    } as unknown as S3Emulator;
    const error = await failureOf((await openTestStore(emulator.uri("/p"), strict)).put("a", BODY()));
    assert.equal(error.code, "storage/denied");
    assert.match(error.message, /certificate is not trusted/u);
    assert.match(error.hint ?? "", /NODE_EXTRA_CA_CERTS/u);
    const lax = await openTestStore(emulator.uri("/p", { AWS_SKIP_TLS_VERIFY: "true" }), strict);
    await lax.put("a", BODY());
    assert.deepEqual([...emulator.objects.keys()], ["p/a"]);
  });
});

describe("S3: AWS itself, behind a proxy", () => {
  const uri = (parameters: Parameters): string => {
    const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret/key+of=test" };
    return `s3://bucket/p?${new URLSearchParams({ ...keys, ...parameters }).toString()}`;
  };
  const HOSTS = [
    "bucket.s3.us-east-1.amazonaws.com",
    "bucket.s3.eu-west-1.amazonaws.com",
    "s3.us-east-1.amazonaws.com",
  ];

  it("goes by HTTPS_PROXY to the bucket's host, with CRC32 of every part", async () => {
    const emulator = await S3Emulator.start({ tls: true, hosts: HOSTS });
    await using proxy = await startProxy(emulator.server.origin);
    await using store = await openTestStore(uri({}), emulator, { HTTPS_PROXY: proxy.url });
    await store.put("a", BODY(), { ifAbsent: true });
    const body = Uint8Array.from({ length: PART_BYTES + 5 }, (_, index) => index % 250);
    await store.put("large", streamOf(body));
    assert.ok(emulator.objects.get("p/a")?.asked["x-amz-checksum-crc32"] !== undefined);
    const parts = emulator.server.requests.filter(({ query }) => query.has("partNumber"));
    assert.equal(parts.length, 2);
    for (const { headers } of parts) {
      assert.ok(headers["x-amz-checksum-crc32"] !== undefined);
      assert.equal(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    }
    const complete = emulator.server.requests.find(({ method, query }) => method === "POST" && query.has("uploadId"));
    assert.match(complete?.body.toString() ?? "", /<ChecksumCRC32>/u);
    assert.equal(Buffer.compare(await readAll(await store.get("large")), body), 0);
    assert.deepEqual([...new Set(proxy.hosts)], ["bucket.s3.us-east-1.amazonaws.com:443"]);
    const probes = emulator.server.requests.filter(({ path }) => path.includes(".sealift-locks"));
    assert.equal(probes.length, 0, "AWS is known to enforce conditions");
  });

  it("leaves the checksums out when AWS_SKIP_CHECKSUM says so", async () => {
    const emulator = await S3Emulator.start({ tls: true, hosts: HOSTS });
    await using proxy = await startProxy(emulator.server.origin);
    await using store = await openTestStore(uri({ AWS_SKIP_CHECKSUM: "true" }), emulator, { HTTPS_PROXY: proxy.url });
    await store.put("a", BODY());
    assert.equal(emulator.objects.get("p/a")?.asked["x-amz-checksum-crc32"], undefined);
  });

  it("uses path style when AWS_USE_PATH_STYLE says so", async () => {
    const emulator = await S3Emulator.start({ tls: true, hosts: HOSTS });
    await using proxy = await startProxy(emulator.server.origin);
    await using store = await openTestStore(uri({ AWS_USE_PATH_STYLE: "true" }), emulator, { HTTPS_PROXY: proxy.url });
    await store.put("a", BODY());
    assert.deepEqual(proxy.hosts, ["s3.us-east-1.amazonaws.com:443"]);
  });

  it("follows the bucket into its region when none is named", async () => {
    const emulator = await S3Emulator.start({ tls: true, hosts: HOSTS, region: "eu-west-1" });
    await using proxy = await startProxy(emulator.server.origin);
    await using store = await openTestStore(uri({}), emulator, { HTTPS_PROXY: proxy.url });
    await store.put("a", BODY());
    assert.equal((await store.head("a"))?.bytes, 9);
    assert.equal(proxy.hosts.at(-1), "bucket.s3.eu-west-1.amazonaws.com:443");
  });
});

describe("S3: who is asking", () => {
  it("names the region that is right", async () => {
    const [, store] = await open({ AWS_REGION: "us-east-1" }, { region: "eu-west-1" });
    await using _ = store;
    for (const work of [() => store.put("a", BODY()), () => store.head("a"), () => store.delete("a")]) {
      const error = await failureOf(work());
      assert.equal(error.code, "location/invalid");
      assert.match(error.message, /the bucket is in the region eu-west-1$/u);
      assert.equal(error.hint, "set AWS_REGION=eu-west-1 in the URI");
    }
  });

  it("says that the keys are wrong, and shows none of them", async () => {
    const canary = new Canary("s3");
    const CASES: readonly (readonly [Parameters, RegExp])[] = [
      [{ AWS_SECRET_ACCESS_KEY: canary.text }, /the secret key does not fit the access key$/u],
      [{ AWS_ACCESS_KEY_ID: "AKIDOTHER", AWS_SECRET_ACCESS_KEY: canary.text }, /does not know the access key$/u],
      [{ AWS_SESSION_TOKEN: canary.text }, /the session token is not valid$/u],
    ];
    for (const [parameters, message] of CASES) {
      const emulator = await S3Emulator.start();
      const uri = emulator.uri("/p", parameters).replaceAll("+", "%20");
      await using store = await openTestStore(uri, emulator);
      const error = await failureOf(store.put("a", BODY()));
      assert.equal(error.code, "location/credentials");
      assert.match(error.message, message);
      canary.assertAbsent([error.message, error.hint, ...error.detail].join("\n"), "the error");
    }
  });

  it("takes session tokens, and says when one has expired", async () => {
    const emulator = await S3Emulator.start();
    const key = { secret: "s", sessionToken: "tokenOfTheSession" };
    emulator.keys.set("ASIASESSION", key);
    const parameters = { AWS_ACCESS_KEY_ID: "ASIASESSION", AWS_SECRET_ACCESS_KEY: "s" };
    const uri = emulator.uri("/p", { ...parameters, AWS_SESSION_TOKEN: "tokenOfTheSession" });
    await using store = await openTestStore(uri, emulator);
    await store.put("a", BODY());
    emulator.keys.set("ASIASESSION", { ...key, hasExpired: true });
    const error = await failureOf(store.put("b", BODY()));
    assert.equal(error.code, "location/credentials");
    assert.match(error.message, /the session token has expired$/u);
  });

  it("takes on roles one after the other, with external ids", async () => {
    const chain = "arn:aws:iam::1:role/hop;external_id=x-1,arn:aws:iam::2:role/last";
    const [emulator, store] = await open({ ASSUME_ROLE: chain });
    await using _ = store;
    await store.put("a", BODY());
    await store.put("b", BODY());
    assert.deepEqual(emulator.roles, [
      "AKIDEXAMPLE -> arn:aws:iam::1:role/hop (x-1)",
      "ASIAHOP -> arn:aws:iam::2:role/last (none)",
    ]);
  });

  it("says that a role is refused", async () => {
    const [emulator, store] = await open({ ASSUME_ROLE: "arn:aws:iam::1:role/hop" });
    await using _ = store;
    emulator.denied.add("AssumeRole");
    const error = await failureOf(store.put("a", BODY()));
    assert.equal(error.code, "storage/denied");
    assert.match(error.message, /the role in ASSUME_ROLE may not be taken on$/u);
  });

  it("refuses a chain it cannot read", async () => {
    await using emulator = await S3Emulator.start();
    for (const chain of ["a,,b", "a;external=x", "a;external_id=x;y", ","])
      await assert.rejects(openTestStore(emulator.uri("/p", { ASSUME_ROLE: chain }), emulator), {
        code: "location/invalid",
      });
  });

  it("says that there is no such bucket", async () => {
    const emulator = await S3Emulator.start();
    await using store = await openTestStore(emulator.uri("/p").replace("s3://bucket", "s3://elsewhere"), emulator);
    for (const work of [() => store.put("a", BODY()), () => Array.fromAsync(store.list(""))]) {
      const error = await failureOf(work());
      assert.equal(error.code, "storage/not-found");
      assert.match(error.message, /there is no bucket elsewhere$/u);
    }
  });

  it("takes the machine's keys, region and endpoint for AUTH=implicit", async () => {
    const emulator = await S3Emulator.start({ region: "eu-west-1" });
    const machine = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret/key+of=test" };
    Object.assign(process.env, machine);
    try {
      const variables = { ...machine, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_S3: emulator.server.origin };
      await using store = await openTestStore("s3://bucket/p?AUTH=implicit", emulator, variables);
      await store.put("a", BODY());
      assert.deepEqual([...emulator.objects.keys()], ["p/a"]);
    } finally {
      for (const name of Object.keys(machine)) delete process.env[name];
    }
  });
});

describe("S3: stores that know no conditions", () => {
  it("waits for no lock that its writer left behind long ago", async () => {
    const [emulator, store] = await open({}, { conditions: "ignored" });
    await using _ = store;
    await store.put("first", BODY(), { ifAbsent: true });
    const isLock = ({ method, path }: { method: string; path: string }): boolean =>
      method === "PUT" && path.includes("/.sealift-locks/") && !path.endsWith("probe");
    const folder = emulator.server.requests
      .find(isLock)
      ?.path.replace(/^\/bucket\//u, "")
      .replace(/[^/]+$/u, "");
    const old = {
      bytes: Buffer.alloc(0),
      etag: '""',
      modified: new Date(Date.now() - 3_600_000),
      metadata: {},
      asked: {},
    };
    emulator.objects.delete("p/first");
    emulator.objects.set(`${folder}left`, old);
    await store.put("first", BODY(), { ifAbsent: true });
    assert.deepEqual([...emulator.objects.keys()].toSorted(), [`${folder}left`, "p/first"].toSorted());
  });
});

describe("S3: uploads that are given up", () => {
  it("are aborted again while parts of them were still coming", async () => {
    const [emulator, store] = await open();
    await using _ = store;
    const breaking = async function* (): ByteStream {
      yield new Uint8Array(3 * PART_BYTES);
      emulator.server.faults.slowMs = 200;
      emulator.abortsTooEarly = 2;
      yield new Uint8Array(PART_BYTES);
      throw new Error("the source broke");
    };
    await assert.rejects(store.put("broken", breaking()), { message: "the source broke" });
    assert.equal(emulator.uploads.size, 0);
  });
});
