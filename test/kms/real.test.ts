// `KMS_URI='aws-kms:///alias/a?…' npm run contract`: the contract over real master keys, one or several with blanks
// between. KMS_URI_OTHER names as many others, which must not open what the first ones wrapped; without them, one of
// this machine's own takes their place.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { createKmsKey, openKms, type OpenKmsOptions } from "../../src/kms/schemes.ts";
import { kmsContract } from "../contracts/kms.ts";
import { kmsLocation } from "../harness/kms-location.ts";

const LOCAL = "local-kms:///other";

const listOf = (name: string): readonly string[] => (process.env[name] ?? "").split(/\s+/u).filter((uri) => uri !== "");

/** Emulators of Google and Azure have addresses that their URIs cannot name. */
function addresses(): Pick<OpenKmsOptions, "gcp" | "azure"> {
  const { KMS_ENDPOINT: endpoint, KMS_AUTHORITY: authority, KMS_CA: file } = process.env;
  if (endpoint === undefined) return {};
  const ca = file === undefined ? "" : readFileSync(file, "utf8");
  return { gcp: { kms: endpoint }, azure: { vault: endpoint, authority: { url: authority ?? endpoint, ca } } };
}

const uris = listOf("KMS_URI");
const others = listOf("KMS_URI_OTHER");
/** What is known of an emulator that has no answer of its own for this. */
const mismatch = process.env["KMS_MISMATCH"] ?? "key/mismatch";
const uncheckedBytes = Number(process.env["KMS_UNCHECKED_BYTES"] ?? "0");

if (uris.length === 0) {
  it("a real key service", { skip: "set KMS_URI to the URI of a key that may encrypt and decrypt" }, () => undefined);
} else {
  const keyring = mkdtempSync(join(tmpdir(), "sealift-keyring-"));
  const options = { keyring, network: { variables: process.env }, ...addresses() };
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
