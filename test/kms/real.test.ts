// `KMS_URI='aws-kms:///alias/a?…' npm run contract`: the contract over real master keys, one or several with blanks
// between. KMS_URI_OTHER names as many others, which must not open what the first ones wrapped; without them, one of
// this machine's own takes their place.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { createKmsKey, openKms } from "../../src/kms/schemes.ts";
import { kmsContract } from "../contracts/kms.ts";
import { kmsLocation } from "../harness/kms-location.ts";

const LOCAL = "local-kms:///other";

const listOf = (name: string): readonly string[] => (process.env[name] ?? "").split(/\s+/u).filter((uri) => uri !== "");

const uris = listOf("KMS_URI");
const others = listOf("KMS_URI_OTHER");
/** What is known of an emulator that has no answer of its own for this. */
const mismatch = process.env["KMS_MISMATCH"] ?? "key/mismatch";
const uncheckedBytes = Number(process.env["KMS_UNCHECKED_BYTES"] ?? "0");

if (uris.length === 0) {
  it("a real key service", { skip: "set KMS_URI to the URI of a key that may encrypt and decrypt" }, () => undefined);
} else {
  const keyring = mkdtempSync(join(tmpdir(), "sealift-keyring-"));
  const options = { keyring, network: { variables: process.env } };
  const open = async (uri: string): Promise<KeyManagementService> => openKms(kmsLocation(uri), options);
  await createKmsKey(kmsLocation(LOCAL), options);
  describe("real key services", () => {
    after(() => rmSync(keyring, { recursive: true }));
    for (const [index, uri] of uris.entries()) {
      kmsContract(`KMS_URI ${index + 1}, ${uri.split(":")[0]}`, {
        mismatch,
        uncheckedBytes,
        open: async () => open(uri),
        openOther: async () => open(others[index] ?? LOCAL),
      });
    }
  });
}
