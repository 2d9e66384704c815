// One segment as it is stored: sealed( zstd( rows ) ), or zstd( rows ) without a key, under its id (segment-id.ts).
import { timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompressSync, zstdDecompress } from "node:zlib";
import { openBytes, sealBytes } from "../crypto/cockroach-file.ts";
import { ShellError } from "../errors.ts";
import { releaseBytes } from "../std/bytes.ts";
import { segmentIdOf, type SegmentKeys } from "./segment-id.ts";

const decompress = promisify(zstdDecompress);

const CHUNK_BYTES_MIN = 64 * 1024;
/** 256 KiB: rows repeat what stands near, and the window stays in the processor's cache. */
const WINDOW_LOG = 18;
/** 4 Ki entries: a tenth faster than the default, and no larger files on rows of numbers, json and text alike. */
const HASH_LOG = 12;

/**
 * Compresses and seals.
 * @param level zstd's, from 1.
 */
export function sealSegment(rows: Uint8Array, keys: SegmentKeys | undefined, level: number): Uint8Array {
  const compressed = compress(rows, level);
  if (keys === undefined) return compressed;
  const sealed = sealBytes(compressed, keys.seal);
  releaseBytes(compressed);
  return sealed;
}

/**
 * One frame, compressed where it is called: the asynchronous forms hand zstd its input before they say that it is all,
 * so that it copies the rows through a window of its own, a quarter slower. Threads of zstd's own (nbWorkers) are never
 * asked for: calls with them give no bytes and no error.
 */
function compress(rows: Uint8Array, level: number): Uint8Array {
  return zstdCompressSync(rows, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_hashLog]: HASH_LOG,
    },
    pledgedSrcSize: rows.length,
    // Room for the worst case; what of it is not written to takes no memory.
    chunkSize: CHUNK_BYTES_MIN + rows.length + Math.ceil(rows.length / 256),
  });
}

/** What a manifest says of a segment. */
export interface SegmentFacts {
  readonly id: string;
  readonly rows: number;
  /** Of the rows, uncompressed. */
  readonly bytes: number;
  readonly storedBytes: number;
}

/** The manifest said that the file is sealed: a header that says otherwise was changed. */
function unseal(stored: Uint8Array, keys: SegmentKeys, label: string): Uint8Array {
  try {
    return openBytes(stored, keys.seal, label);
  } catch (thrown) {
    if (!(thrown instanceof ShellError)) throw thrown;
    if (thrown.code.startsWith("integrity/")) {
      throw thrown.with({
        detail: ["the key is right, as it opened the manifest: the object was changed after it was written"],
      });
    }
    throw new ShellError("integrity/tampered", `${label} does not begin as the sealed file that was written`, {
      detail: [thrown.message],
      cause: thrown,
    });
  }
}

/**
 * The rows of a stored segment, after authenticating all of it.
 * @param label what to call it in errors.
 * @throws ShellError `integrity/tampered` `integrity/truncated` when it is not what was sealed, `integrity/checksum`
 * when it is not what the facts name.
 */
export async function openSegment(
  stored: Uint8Array,
  facts: SegmentFacts,
  keys: SegmentKeys | undefined,
  label = `segment ${facts.id}`,
): Promise<Uint8Array> {
  const compressed = keys === undefined ? stored : unseal(stored, keys, label);
  const rows = await inflate(compressed, facts, label);
  if (compressed !== stored) releaseBytes(compressed);
  const id = segmentIdOf(rows, keys);
  if (rows.length !== facts.bytes || !timingSafeEqual(Buffer.from(id), Buffer.from(facts.id.padEnd(64).slice(0, 64)))) {
    throw new ShellError("integrity/checksum", `${label} holds other rows than the manifest names`, {
      detail: [`the manifest names ${facts.bytes} bytes, the segment holds ${rows.length} with id ${id}`],
      hint: "the object was replaced or damaged; restore from another copy of the backup",
    });
  }
  return rows;
}

async function inflate(compressed: Uint8Array, facts: SegmentFacts, label: string): Promise<Uint8Array> {
  try {
    // One byte more than expected, so that the one output buffer never fills up.
    return await decompress(compressed, { maxOutputLength: facts.bytes + 1, chunkSize: Math.max(facts.bytes + 1, 64) });
  } catch (cause) {
    throw new ShellError("integrity/checksum", `${label} cannot be decompressed to the size the manifest names`, {
      cause,
      hint: "the object was replaced or damaged; restore from another copy of the backup",
    });
  }
}
