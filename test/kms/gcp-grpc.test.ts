import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import type { CloudNetwork } from "../../src/credentials/network.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { createGcpKey } from "../../src/kms/gcp-create.ts";
import { parseGcpEndpoint } from "../../src/kms/gcp-endpoint.ts";
import { GcpKms } from "../../src/kms/gcp.ts";
import type { WrappedKey } from "../../src/kms/kms.ts";
import { openKms } from "../../src/kms/schemes.ts";
import { kmsContract } from "../contracts/kms.ts";
import { GcpKmsGrpcServer } from "../emulators/gcp-kms-grpc.ts";
import { GCP_CREDENTIALS, GCP_KEY, GCP_OTHER_KEY, GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { assertOutcome, keyFailureOf, kmsLocation } from "../harness/kms-location.ts";

const shared = await GcpKmsEmulator.start();
const sharedGrpc = await GcpKmsGrpcServer.start(shared);
after(async () => {
  await sharedGrpc[Symbol.asyncDispose]();
  await shared[Symbol.asyncDispose]();
});

const sharedKms = async (key: string): Promise<GcpKms> =>
  new GcpKms(kmsLocation(shared.uri(key)), { kms: sharedGrpc.origin });
kmsContract("Google Cloud KMS over gRPC", {
  open: async () => sharedKms(GCP_KEY),
  openOther: async () => sharedKms(GCP_OTHER_KEY),
});

describe("Google Cloud KMS over gRPC", () => {
  let [emulator, grpc]: [GcpKmsEmulator, GcpKmsGrpcServer] = [] as never;
  beforeEach(async () => {
    emulator = await GcpKmsEmulator.start();
    grpc = await GcpKmsGrpcServer.start(emulator);
  });
  afterEach(async () => {
    await grpc[Symbol.asyncDispose]();
    await emulator[Symbol.asyncDispose]();
  });

  const open = (uri = emulator.uri(), network: Partial<CloudNetwork> = {}): GcpKms =>
    new GcpKms(
      kmsLocation(uri),
      { kms: grpc.origin, impersonation: emulator.server.origin },
      { variables: {}, ...network },
    );
  const wrapped = async (): Promise<WrappedKey> => {
    await using kms = open();
    using key = DataKey.generate();
    const blob = await kms.wrap(key);
    return blob;
  };

  it("is chosen by the environment, and then nothing goes over HTTP", async () => {
    const variables = { GOOGLE_CLOUD_KMS_ENDPOINT: grpc.origin };
    await using kms = await openKms(kmsLocation(emulator.uri()), { keyring: "/none", network: { variables } });
    (await kms.unwrap(await kms.wrap(DataKey.generate())))[Symbol.dispose]();
    assert.deepEqual(
      grpc.calls.map(({ method }) => method),
      ["Encrypt", "Decrypt"],
    );
    assert.deepEqual(emulator.server.requests, []);
  });

  it("sends tokens of a service account's key, and of who is impersonated", async () => {
    await using own = open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS }));
    await own.wrap(DataKey.generate());
    await using other = open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS, ASSUME_ROLE: "last@p" }));
    await other.wrap(DataKey.generate());
    assert.match(grpc.calls[0]?.authorization ?? "", /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/u);
    assert.equal(grpc.calls[1]?.authorization, "Bearer ya29.of-last@p");
    emulator.denied.add("iam.serviceAccounts.getAccessToken");
    const error = await keyFailureOf(open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS, ASSUME_ROLE: "a@b" })));
    assert.equal(error.outcome, "denied");
    assert.match(error.message, /iam\.serviceAccounts\.getAccessToken is not allowed/u);
  });

  it("notices what was changed on its way, and a key that answers for another", async () => {
    const blob = await wrapped();
    emulator.corrupt = "request";
    assert.equal((await keyFailureOf(open())).message, "Encrypt: request corrupted in-transit");
    emulator.corrupt = "response";
    assert.equal((await keyFailureOf(open())).message, "Encrypt: response corrupted in-transit");
    assert.equal((await keyFailureOf(open(), blob)).message, "Decrypt: response corrupted in-transit");
    emulator.corrupt = "decrypt request";
    assert.equal((await keyFailureOf(open(), blob)).message, "Decrypt: request corrupted in-transit");
    emulator.corrupt = undefined;
    emulator.impostor = GCP_OTHER_KEY;
    await assertOutcome(open(), "not a match");
  });

  it("tells what is wrong with the key, and what is not allowed", async () => {
    const blob = await wrapped();
    emulator.state = "DISABLED";
    await assertOutcome(open(), "disabled", blob);
    emulator.state = "DESTROY_SCHEDULED";
    await assertOutcome(open(), "pending deletion (until 2031-05-06 07:08)", blob);
    emulator.state = "ENABLED";
    await assertOutcome(open(emulator.uri(`${GCP_KEY}x`)), "not found", blob);
    emulator.denied.add("cloudkms.cryptoKeyVersions.useToDecrypt");
    const error = await keyFailureOf(open(), blob);
    assert.equal(error.outcome, "denied");
    assert.match(error.message, /useToDecrypt is not allowed for the bearer token/u);
  });

  it("tells a wrong token, and a wrong clock", async () => {
    const wrong = emulator.uri(GCP_KEY, { BEARER_TOKEN: "nobody's" });
    assert.match((await keyFailureOf(open(wrong))).message, /does not accept the credentials/u);
    grpc.clockMs = 3_600_000;
    const error = await keyFailureOf(open(wrong));
    assert.equal(error.outcome, "bad credentials");
    assert.match(error.message, /this machine's clock is wrong/u);
  });

  it("tries again, and not for long", async () => {
    const failing = setTimeout(() => (emulator.failure = undefined), 100);
    emulator.failure = { status: 503, name: "UNAVAILABLE" };
    await wrapped();
    clearTimeout(failing);
    emulator.failure = { status: 429, name: "RESOURCE_EXHAUSTED" };
    await assertOutcome(open(), "throttled");
    emulator.failure = { status: 503, name: "UNAVAILABLE" };
    await assertOutcome(open(), "unreachable");
  });

  it("gives a silent service up at the deadline", async () => {
    grpc.silent = Infinity;
    const times = { silenceMs: 300, callMs: 2000 };
    const error = await keyFailureOf(open(emulator.uri(), { times }));
    assert.equal(error.outcome, "unreachable");
    assert.match(error.message, /does not answer|did not answer|timed out/u);
  });

  it("tells a server that does not know the call", async () => {
    emulator.failure = { status: 501, name: "UNIMPLEMENTED" };
    const error = await keyFailureOf(open());
    assert.equal(error.outcome, "unreachable");
    assert.match(error.message, /was asked for what its server does not do$/u);
  });

  it("takes a call back when it is asked to", async () => {
    grpc.silent = Infinity;
    await using kms = open();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stopped")), 200);
    await assert.rejects(kms.wrap(DataKey.generate(), controller.signal), /stopped/u);
    for (let waits = 0; grpc.cancelled === 0 && waits < 100; waits += 1)
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    assert.equal(grpc.cancelled, 1);
  });

  it("tells within seconds that nobody is there", async () => {
    await grpc[Symbol.asyncDispose]();
    const error = await keyFailureOf(open());
    assert.equal(error.outcome, "unreachable");
    assert.equal(error.message, `gcp-kms:///${GCP_KEY} cannot be reached: connection refused`);
  });

  it("tells that DNS knows no such host", async () => {
    const kms = new GcpKms(kmsLocation(emulator.uri()), { kms: "grpcs://nowhere.invalid" }, { variables: {} });
    const error = await keyFailureOf(kms);
    assert.equal(error.message, `gcp-kms:///${GCP_KEY} cannot be reached: DNS knows no such host`);
  });

  it("goes over TLS with an authority of one's own, and not without it", async () => {
    await using secure = await GcpKmsGrpcServer.start(emulator, { tls: true });
    const addresses = { kms: secure.origin };
    const network = { variables: {}, certificates: secure.certificate };
    await using kms = new GcpKms(kmsLocation(emulator.uri()), addresses, network);
    await kms.wrap(DataKey.generate());
    const error = await keyFailureOf(new GcpKms(kmsLocation(emulator.uri()), addresses, { variables: {} }));
    assert.equal(error.outcome, "unreachable");
    assert.match(error.message, /certificate is signed by itself$/u);
    assert.equal(secure.calls.length, 1, "no token went to the server that is not trusted");
  });

  it("makes keys", async () => {
    const location = kmsLocation(emulator.uri("projects/p/locations/europe-west1/keyRings/r/cryptoKeys/new"));
    const options = { addresses: { kms: grpc.origin }, network: { variables: {} }, signal: undefined };
    assert.match((await createGcpKey(location, options)).name, /cryptoKeys\/new$/u);
    await assert.rejects(createGcpKey(location, options), { code: "key/exists" });
  });
});

describe("an endpoint of Google Cloud KMS", () => {
  it("names transport, host and port", () => {
    const tls = { isPlain: false, port: 443 };
    const rest = { ...tls, transport: "rest", host: "kms.p.googleapis.com" };
    assert.deepEqual(parseGcpEndpoint("https://kms.p.googleapis.com/"), rest);
    assert.deepEqual(parseGcpEndpoint("grpcs://kms.p.googleapis.com"), { ...rest, transport: "grpc" });
    const plain = { transport: "grpc", isPlain: true, port: 9010 };
    assert.deepEqual(parseGcpEndpoint("grpc://127.0.0.1:9010"), { ...plain, host: "127.0.0.1" });
    assert.deepEqual(parseGcpEndpoint("grpc://[::1]:9010"), { ...plain, host: "::1" });
  });

  it("is refused when keys would go in the clear, or when it is none", async () => {
    for (const text of ["grpc://kms.example:9010", "http://10.0.0.1", "kms.example:9010", "ftp://x", "https://h/v1"]) {
      const opening = openKms(kmsLocation("gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/k?AUTH=implicit"), {
        keyring: "/none",
        network: { variables: { GOOGLE_CLOUD_KMS_ENDPOINT: text } },
      });
      await assert.rejects(opening, { code: "location/invalid" }, text);
    }
  });
});
