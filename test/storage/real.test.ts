// `STORE_URI='s3://bucket/prefix?…' npm run contract`: the contract over real stores, one or several with blanks
// between. Everything happens below a folder with a random name, and is deleted at the end.
import { randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import { joinLocation } from "../../src/location.ts";
import { openStore } from "../../src/storage/schemes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { longBodiesContract } from "../contracts/long-bodies.ts";
import { objectStoreContract } from "../contracts/object-store.ts";

const uris = (process.env["STORE_URI"] ?? "").split(/\s+/u).filter((uri) => uri !== "");
/** What is known of an emulator's listing: `bytes`, or `UTF-16`. */
const order = process.env["STORE_ORDER"] === "UTF-16" ? "UTF-16" : "bytes";

async function openBelow(storeUri: string, folder: string): Promise<ObjectStore> {
  const parsed = parseStorageLocation(storeUri);
  if (!parsed.ok) throw locationError(parsed.error);
  const network = { variables: process.env };
  return openStore(joinLocation(parsed.value, folder), { externDirectory: "/nowhere", network });
}

if (uris.length === 0)
  it("a real store", { skip: "set STORE_URI to the URI of a folder that may be written" }, () => undefined);

for (const [index, uri] of uris.entries()) {
  const folder = `sealift-contract-${randomBytes(6).toString("hex")}`;
  const name = `STORE_URI ${index + 1}, ${uri.split(":")[0]}`;
  let cases = 0;
  const open = async (): Promise<ObjectStore> => openBelow(uri, `${folder}/${(cases += 1)}`);
  describe(`a real store: ${name}`, () => {
    after(async () => {
      await using store = await openBelow(uri, folder);
      for await (const { key } of store.list("")) await store.delete(key);
    });
    objectStoreContract(name, open, order);
    longBodiesContract(name, open);
  });
}
