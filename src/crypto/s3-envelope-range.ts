// A part of an object in the S3 client-side envelope: CBC decrypts a block with nothing but the block before it.
import { createDecipheriv } from "node:crypto";
import { concatBytes } from "../std/bytes.ts";
import type { DataKey } from "./data-key.ts";
import { unwrapContentKey } from "./s3-client-side.ts";
import type { Envelope } from "./s3-envelope.ts";

const BLOCK_BYTES = 16;

/** Reads [start, end) of what is stored. */
export type ReadStored = (start: number, end: number) => Promise<Uint8Array>;

export interface RangeKey {
  readonly envelope: Envelope;
  readonly master: DataKey;
  /** What to call the object in errors. */
  readonly label: string;
}

/**
 * Decrypts [start, end) of the plain bytes, which must lie within them. Authenticates nothing: the whole object must
 * have been checked before.
 * @throws ShellError `key/mismatch`
 */
export async function openEnvelopeRange(
  read: ReadStored,
  { start, end }: { readonly start: number; readonly end: number },
  { envelope, master, label }: RangeKey,
): Promise<Uint8Array> {
  const first = Math.floor(start / BLOCK_BYTES) * BLOCK_BYTES;
  const last = Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES;
  const stored = await read(Math.max(0, first - BLOCK_BYTES), last);
  const [iv, blocks] =
    first === 0 ? [envelope.iv, stored] : [stored.subarray(0, BLOCK_BYTES), stored.subarray(BLOCK_BYTES)];
  using contentKey = unwrapContentKey(envelope, master, label);
  const decipher = createDecipheriv("aes-256-cbc", contentKey.keyObject(), iv).setAutoPadding(false);
  const plain = concatBytes([decipher.update(blocks), decipher.final()]);
  return plain.subarray(start - first, end - first);
}
