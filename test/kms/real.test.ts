// `KMS_URI='aws-kms:///alias/a?…' npm run contract`: the contract over real master keys, one or several with blanks
// between. KMS_OTHER_URI names as many others, which must not open what the first ones wrapped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { openKms, type OpenKmsOptions } from "../../src/kms/schemes.ts";
import { kmsContract } from "../contracts/kms.ts";
import { kmsLocation } from "../harness/kms-location.ts";

const listOf = (name: string): readonly string[] => (process.env[name] ?? "").split(/\s+/u).filter((uri) => uri !== "");

/** Emulators of Google and Azure have addresses that their URIs cannot name. */
function addresses(): Pick<OpenKmsOptions, "gcp" | "azure"> {
  const { KMS_ENDPOINT: endpoint, KMS_AUTHORITY: authority, KMS_CA: file } = process.env;
  if (endpoint === undefined) return {};
  const ca = file === undefined ? "" : readFileSync(file, "utf8");
  return { gcp: { kms: endpoint }, azure: { vault: endpoint, authority: { url: authority ?? endpoint, ca } } };
}

async function open(uri: string): Promise<KeyManagementService> {
  return openKms(kmsLocation(uri), { keyring: "/nowhere", network: { variables: process.env }, ...addresses() });
}

const uris = listOf("KMS_URI");
const others = listOf("KMS_OTHER_URI");
/** What is known of an emulator that has no answer of its own for this. */
const mismatch = process.env["KMS_MISMATCH"] ?? "key/mismatch";

if (uris.length === 0)
  it("a real key service", { skip: "set KMS_URI to the URI of a key that may be used" }, () => undefined);

for (const [index, uri] of uris.entries()) {
  const other = others[index];
  describe(`a real key service: KMS_URI ${index + 1}, ${uri.split(":")[0]}`, () => {
    kmsContract(`KMS_URI ${index + 1}`, {
      mismatch,
      open: async () => open(uri),
      ...(other === undefined ? {} : { openOther: async () => open(other) }),
    });
  });
}

if (others.length > uris.length)
  it("KMS_OTHER_URI has no more keys than KMS_URI", () => assert.fail(`${others.length} and ${uris.length}`));
