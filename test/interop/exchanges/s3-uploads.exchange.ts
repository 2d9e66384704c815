// What S3 servers keep besides objects: uploads that nobody finished.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { locationError, parseStorageLocation } from "../../../src/location-parse.ts";
import type { Location } from "../../../src/location.ts";
import type { ByteStream } from "../../../src/std/bytes.ts";
import { connectS3 } from "../../../src/storage/s3-client.ts";
import { openStore } from "../../../src/storage/schemes.ts";
import { flow, PART_BYTES } from "../../contracts/long-bodies.ts";

const network = { variables: process.env };

function location(): Location {
  const parsed = parseStorageLocation(process.env["STORE_URI"] ?? "");
  if (!parsed.ok) throw locationError(parsed.error);
  return parsed.value;
}

async function uploadsUnderWay(): Promise<readonly (string | undefined)[]> {
  const { client } = connectS3(location(), network);
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: location().host }));
  client.destroy();
  return Uploads.map(({ Key }) => Key);
}

it("an upload is under way until its source breaks, and then it is gone", async () => {
  await using store = await openStore(location(), { externDirectory: "/nowhere", network });
  let during: readonly (string | undefined)[] = [];
  const breaking = async function* (): ByteStream {
    yield* flow(3 * PART_BYTES);
    during = await uploadsUnderWay();
    throw new Error("the source broke");
  };
  await assert.rejects(store.put("broken", breaking()), { message: "the source broke" });
  assert.deepEqual(during, [`${location().path.slice(1)}/broken`]);
  assert.deepEqual(await uploadsUnderWay(), []);
});

it("the loser of a race for a name takes its upload back", async () => {
  await using store = await openStore(location(), { externDirectory: "/nowhere", network });
  await store.put("once", flow(PART_BYTES + 1), { ifAbsent: true });
  await assert.rejects(store.put("once", flow(PART_BYTES + 1), { ifAbsent: true }), { code: "storage/exists" });
  assert.deepEqual(await uploadsUnderWay(), []);
  await store.delete("once");
});
