// `STORE_URI='s3://bucket/prefix?…' npm run contract`: the contract over a real store. Everything happens below a
// folder with a random name, and is deleted at the end.
import { randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import { joinLocation } from "../../src/location.ts";
import { openStore } from "../../src/storage/schemes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { objectStoreContract } from "../contracts/object-store.ts";

const uri = process.env["STORE_URI"];

async function openBelow(storeUri: string, folder: string): Promise<ObjectStore> {
  const parsed = parseStorageLocation(storeUri);
  if (!parsed.ok) throw locationError(parsed.error);
  const network = { variables: process.env };
  return openStore(joinLocation(parsed.value, folder), { externDirectory: "/nowhere", network });
}

if (uri === undefined) {
  it("a real store", { skip: "set STORE_URI to the URI of a folder that may be written" }, () => undefined);
} else {
  const folder = `sealift-contract-${randomBytes(6).toString("hex")}`;
  let cases = 0;
  describe("a real store", () => {
    after(async () => {
      await using store = await openBelow(uri, folder);
      for await (const { key } of store.list("")) await store.delete(key);
    });
    objectStoreContract("STORE_URI", async () => openBelow(uri, `${folder}/${(cases += 1)}`));
  });
}
