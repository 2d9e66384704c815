// `KMS_URI='aws-kms:///alias/a?…' npm run contract`: the contract over a real key service. KMS_URI_OTHER names a second
// key; without it, one of this machine's own takes its place.
import { after, describe, it } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { createKmsKey, openKms } from "../../src/kms/schemes.ts";
import { kmsContract } from "../contracts/kms.ts";
import { kmsLocation } from "../harness/kms-location.ts";

const uri = process.env["KMS_URI"];

if (uri === undefined) {
  it("a real key service", { skip: "set KMS_URI to the URI of a key that may encrypt and decrypt" }, () => undefined);
} else {
  const keyring = mkdtempSync(join(tmpdir(), "sealift-keyring-"));
  const options = { keyring, network: { variables: process.env } };
  const other = process.env["KMS_URI_OTHER"] ?? "local-kms:///other";
  const open = async (text: string): Promise<KeyManagementService> => openKms(kmsLocation(text), options);
  if (other === "local-kms:///other") await createKmsKey(kmsLocation(other), options);
  describe("a real key service", () => {
    after(() => {
      rmSync(keyring, { recursive: true });
    });
    kmsContract("KMS_URI", { open: async () => open(uri), openOther: async () => open(other) });
  });
}
