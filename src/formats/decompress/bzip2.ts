import unbzip2 from "unbzip2-stream";
import type { ByteStream } from "../../std/bytes.ts";
import { notCompressed } from "./decompress.ts";

/** Small enough that what one piece decompresses to fits in memory easily. */
const PIECE_BYTES = 64 * 1024;

export async function* bunzip2(source: ByteStream, label: string): ByteStream {
  const decoder = unbzip2();
  let [decoded, failure]: [Uint8Array[], unknown] = [[], undefined];
  // The decoder works within `write` and `end`, and emits there.
  decoder.on("data", (piece: Uint8Array) => decoded.push(piece));
  decoder.on("error", (thrown) => {
    failure ??= thrown;
  });
  const take = (): readonly Uint8Array[] => {
    if (failure !== undefined) {
      throw notCompressed(label, "BZIP2", "it does not begin as one does, is damaged, or ends too soon", failure);
    }
    const taken = decoded;
    decoded = [];
    return taken;
  };
  let storedBytes = 0;
  for await (const piece of source) {
    storedBytes += piece.length;
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      decoder.write(Buffer.from(piece.subarray(at, at + PIECE_BYTES)));
      yield* take();
    }
  }
  if (storedBytes === 0) throw notCompressed(label, "BZIP2", "it is empty");
  decoder.end();
  yield* take();
}
