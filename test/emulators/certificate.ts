// A self-signed certificate, made when it is needed: none lies in the repository, none
// expires. X.509 v3 (RFC 5280) in DER, signed with ECDSA P-256 and SHA-256.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

const OID = {
  ecdsaWithSha256: "06082a8648ce3d040302",
  commonName: "0603550403",
  subjectAltName: "0603551d11",
  basicConstraints: "0603551d13",
};

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);
const oid = (name: keyof typeof OID): Buffer => Buffer.from(OID[name], "hex");

function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]/gu, "").slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function extensions(hosts: readonly string[]): Buffer {
  const dnsNames = hosts.map((host) => der(0x82, Buffer.from(host)));
  const names = sequence(...dnsNames, der(0x87, Buffer.from([127, 0, 0, 1])));
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  return der(
    0xa3,
    sequence(
      sequence(oid("subjectAltName"), der(0x04, names)),
      sequence(oid("basicConstraints"), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority)),
    ),
  );
}

/** For 127.0.0.1 and the hosts; valid from an hour ago for two days. */
export function createCertificate(hosts: readonly string[]): Certificate {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const serial = randomBytes(8);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  serial[0] |= 0x40;
  // Authorities are told apart by their names: two of one name could not be trusted together.
  const common = Buffer.from(`localhost ${serial.toString("hex")}`);
  const name = sequence(der(0x31, sequence(oid("commonName"), der(0x0c, common))));
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    sequence(oid("ecdsaWithSha256")),
    name,
    sequence(time(new Date(now - 3_600_000)), time(new Date(now + 172_800_000))),
    name,
    createPublicKey(pair.publicKey).export({ type: "spki", format: "der" }),
    extensions(hosts),
  );
  const signature = sign("sha256", body, createPrivateKey(pair.privateKey));
  const whole = sequence(body, sequence(oid("ecdsaWithSha256")), der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/gu) ?? [];
  return {
    key: pair.privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}
