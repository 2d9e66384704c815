// A process that begins an upload and waits to be killed: node dying-writer.js URI KEY FOLDER
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import type { ByteStream } from "../../src/std/bytes.ts";
import { openStore } from "../../src/storage/schemes.ts";

const [uri = "", key = "", uploadNotes = ""] = process.argv.slice(2);
const location = parseStorageLocation(uri);
if (!location.ok) throw locationError(location.error);
const store = await openStore(location.value, {
  externDirectory: "/nowhere",
  network: { variables: {} },
  uploadNotes,
});

async function* neverEnding(): ByteStream {
  yield new Uint8Array(9_000_000);
  process.stdout.write("begun\n");
  await new Promise((resolve) => {
    setTimeout(resolve, 60_000);
  });
}

await store.put(key, neverEnding());
