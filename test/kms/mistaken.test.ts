// What key services answer that is not what was asked, and clocks that are wrong.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { clockComplaint, parseTime } from "../../src/credentials/clock.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { AwsKms } from "../../src/kms/aws.ts";
import { AzureKms } from "../../src/kms/azure.ts";
import { GcpKms } from "../../src/kms/gcp.ts";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { AWS_KEY_ID, AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GCP_CREDENTIALS, GCP_KEY, GCP_OTHER_KEY, GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import type { EmulatorServer } from "../emulators/server.ts";
import { keyFailureOf, kmsLocation } from "../harness/kms-location.ts";

const HOUR_MS = 3_600_000;
/** Services that never answer need no long wait. */
const IMPATIENT = { variables: {}, times: { silenceMs: 60, callMs: 150, pauseMs: 5 } };
const PATIENT = { variables: {} };

let [aws, gcp, azure]: [AwsKmsEmulator, GcpKmsEmulator, AzureVaultEmulator] = [] as never;
beforeEach(async () => {
  [aws, gcp, azure] = [await AwsKmsEmulator.start(), await GcpKmsEmulator.start(), await AzureVaultEmulator.start()];
});
afterEach(async () => {
  for (const emulator of [aws, gcp, azure]) await emulator[Symbol.asyncDispose]();
});

type Opened = readonly [name: string, server: EmulatorServer, open: () => KeyManagementService];

function services(network: ConstructorParameters<typeof AwsKms>[1]): readonly Opened[] {
  return [
    ["AWS", aws.server, () => new AwsKms(kmsLocation(aws.uri()), network)],
    ["Google", gcp.server, () => new GcpKms(kmsLocation(gcp.uri()), gcp.addresses, network)],
    ["Azure", azure.server, () => new AzureKms(kmsLocation(azure.uri()), azure.addresses, network)],
  ];
}

describe("a key service that answers for another key", () => {
  it("is not believed by AWS's ARN", async () => {
    for (const name of [AWS_KEY_ID, AwsKmsEmulator.arn()]) {
      aws.impostor = undefined;
      await using sound = new AwsKms(kmsLocation(aws.uri(name)), PATIENT);
      const blob = await sound.wrap(DataKey.generate());
      aws.impostor = aws.key("alias/other");
      for (const wrapped of [undefined, blob]) {
        const error = await keyFailureOf(new AwsKms(kmsLocation(aws.uri(name)), PATIENT), wrapped);
        assert.equal(error.outcome, "not a match");
        assert.equal(
          error.message,
          `aws-kms:///${name} was answered for by another key: ${AwsKmsEmulator.arn("99999999-12ab-34cd-56ef-1234567890ab")}`,
        );
      }
    }
  });

  it("is not believed by Google's name of the version, nor by Azure's key id", async () => {
    gcp.impostor = GCP_OTHER_KEY;
    const google = await keyFailureOf(new GcpKms(kmsLocation(gcp.uri()), gcp.addresses));
    assert.match(google.message, /was answered for by another key: \S+cryptoKeys\/other\/cryptoKeyVersions\/1$/u);
    gcp.impostor = `${GCP_KEY}-2`;
    assert.equal((await keyFailureOf(new GcpKms(kmsLocation(gcp.uri()), gcp.addresses))).code, "key/mismatch");
    await using sound = new AzureKms(kmsLocation(azure.uri()), azure.addresses);
    const blob = await sound.wrap(DataKey.generate());
    azure.impostor = "other";
    for (const wrapped of [undefined, blob]) {
      const error = await keyFailureOf(new AzureKms(kmsLocation(azure.uri()), azure.addresses), wrapped);
      assert.match(error.message, /was answered for by another key: https:\S+\/keys\/other\/[0-9a-f]+$/u);
    }
  });
});

describe("a clock that is wrong", () => {
  it("is told with both times by AWS's sentence", async () => {
    const message =
      "Signature expired: 20300102T030405Z is now earlier than 20300102T035500Z (20300102T040000Z - 5 min.)";
    aws.failure = { name: "InvalidSignatureException", status: 400, message };
    const error = await keyFailureOf(new AwsKms(kmsLocation(aws.uri()), PATIENT));
    assert.equal(error.code, "location/credentials");
    assert.equal(
      error.message,
      "aws-kms:///alias/backup does not accept the signature: this machine's clock is wrong: it says 2030-01-02 03:04:05 UTC, the service's 2030-01-02 04:00:00 UTC",
    );
    assert.match(error.hint ?? "", /^set the clock/u);
    aws.failure = { name: "RequestExpired", status: 400 };
    assert.match((await keyFailureOf(new AwsKms(kmsLocation(aws.uri()), PATIENT))).message, /clock differs too much/u);
  });

  it("is told with both times by the Date of Google's answer", async () => {
    const signing = gcp.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS });
    gcp.failure = { status: 401, name: "UNAUTHENTICATED" };
    const open = (): GcpKms => new GcpKms(kmsLocation(signing), gcp.addresses);
    assert.match((await keyFailureOf(open())).message, /does not accept the credentials$/u);
    gcp.server.faults.clockMs = HOUR_MS;
    const error = await keyFailureOf(open());
    assert.match(error.message, /does not accept the token: this machine's clock is wrong: it says \S+ \S+ UTC, the/u);
  });

  it("is not complained of for a difference that nobody minds, nor without a time", () => {
    const now = new Date("2030-01-02T03:04:05Z");
    assert.equal(clockComplaint(new Date("2030-01-02T03:06:00Z"), now), undefined);
    assert.equal(clockComplaint(undefined, now), undefined);
    assert.equal(clockComplaint(parseTime("no time"), now), undefined);
    assert.deepEqual(parseTime("20300102T030405Z"), now);
    assert.deepEqual(parseTime("Wed, 02 Jan 2030 03:04:05 GMT"), now);
  });
});

describe("a key service that takes the question and never answers", () => {
  it("is given up", async () => {
    for (const [name, server, open] of services(IMPATIENT)) {
      server.faults.silent = Infinity;
      const error = await keyFailureOf(open());
      assert.equal(error.outcome, "unreachable", name);
      assert.match(error.message, /(did not answer within|cannot be reached)/u, name);
    }
  });

  it("is left when the statement is stopped", async () => {
    for (const [name, server, open] of services(PATIENT)) {
      server.faults.silent = Infinity;
      const controller = new AbortController();
      server.faults.only = () => {
        setImmediate(() => controller.abort(new Error("stopped")));
        return true;
      };
      await using kms = open();
      await assert.rejects(kms.wrap(DataKey.generate(), controller.signal), { message: "stopped" }, name);
    }
  });

  it("leaves no data key in what its library throws", async () => {
    using key = DataKey.generate();
    const text = key.reveal((bytes) => Buffer.from(bytes).toString("base64"));
    gcp.failure = { status: 401, name: "UNAUTHENTICATED" };
    azure.failure = { status: 401, code: "Unauthorized" };
    aws.failure = { name: "AccessDeniedException", status: 400 };
    const { inspect } = await import("node:util");
    for (const [name, , open] of services(PATIENT)) {
      await using kms = open();
      const thrown: unknown = await kms.wrap(key).catch((error: unknown) => error);
      const shown = inspect(thrown, { depth: 12, showHidden: true, maxStringLength: Infinity });
      assert.ok(!shown.includes(text) && !shown.includes(text.replace(/=+$/u, "").replaceAll("+", "-")), name);
    }
  });
});

describe("the names of a key of AWS", () => {
  const named = (name: string): AwsKms => new AwsKms(kmsLocation(aws.uri(name)), PATIENT);

  it("that an ARN tells", () => {
    assert.deepEqual(named(AwsKmsEmulator.arn()).otherIds, [AWS_KEY_ID]);
    assert.deepEqual(named("arn:aws:kms:eu-west-1:111122223333:alias/a/b").otherIds, ["alias/a/b"]);
    assert.deepEqual(named("alias/backup").otherIds, []);
  });

  it("that AWS tells: id, ARN, replicas, alias", async () => {
    const replica = AwsKmsEmulator.arn().replace("eu-west-1", "us-east-1");
    aws.replicas.push(replica);
    await using kms = named("alias/backup");
    const all = [AWS_KEY_ID, AwsKmsEmulator.arn(), replica];
    const aliases = ["alias/backup", "arn:aws:kms:eu-west-1:111122223333:alias/backup"];
    assert.deepEqual(await kms.findOtherIds(), [...all, ...aliases]);
    aws.denied.add("kms:ListAliases");
    assert.deepEqual(await kms.findOtherIds(), all);
    aws.denied.add("kms:DescribeKey");
    assert.deepEqual(await kms.findOtherIds(), []);
    aws.failure = { name: "ThrottlingException", status: 400 };
    await assert.rejects(kms.findOtherIds(), { code: "key/unavailable" });
  });
});
