// CockroachDB's encrypted backup file (pkg/ccl/storageccl/encryption.go describes it; no release is tied to it):
//
//   0        7    8          20                    20 + 65552          …
//   "encrypt" version  file iv   chunk 0 ‖ tag (16)   chunk 1 ‖ tag      last chunk (short) ‖ tag
//
// Version 2: AES-256-GCM per 65 536 plaintext bytes, no additional data. The nonce of chunk i is the file iv with i
// added, modulo 2^64, to its last eight bytes. The last chunk is always short, even if that makes it empty, so a cut
// at a chunk boundary is noticed. Version 1 is one GCM message under the file iv, for reading only.
// The format binds no file to its name: two files under one key, swapped, both open.
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";
import { ShellError, type Code } from "../errors.ts";
import { concatBytes, readAll, releaseBytes, type ByteStream } from "../std/bytes.ts";
import { cut } from "../std/cut.ts";

export const CHUNK_BYTES = 65_536;
export const TAG_BYTES = 16;
export const HEADER_BYTES = 20;
export const IV_BYTES = 12;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const PREAMBLE = Buffer.from("encrypt", "latin1");
const CIPHER = "aes-256-gcm";

/**
 * A sealed file that does not open. `chunksOpened` tells what the file alone cannot: with 0 the key may be wrong or
 * the file changed; with more the key is proved right and the file is damaged.
 */
export class SealedFileError extends ShellError {
  readonly chunksOpened: number;

  constructor(code: Code, message: string, chunksOpened: number, detail: readonly string[] = []) {
    super(code, message, { detail });
    this.chunksOpened = chunksOpened;
  }
}

export interface OpenOptions {
  /** What to call the object in errors. */
  readonly label?: string;
  /** The object's size as stored, if it is known from elsewhere: an object of another size is refused. */
  readonly storedBytes?: number;
}

/** Whether stored bytes begin as a sealed file does. Seven bytes are enough to tell. */
export function isSealed(firstBytes: Uint8Array): boolean {
  return firstBytes.length >= PREAMBLE.length && PREAMBLE.equals(firstBytes.subarray(0, PREAMBLE.length));
}

/** The version and iv of a sealed file's first 20 bytes; `undefined` if they are not a whole header. */
export function parseSealedHeader(firstBytes: Uint8Array): { version: number; iv: Uint8Array } | undefined {
  if (!isSealed(firstBytes) || firstBytes.length < HEADER_BYTES) return undefined;
  return {
    version: firstBytes[PREAMBLE.length] ?? 0,
    iv: new Uint8Array(firstBytes.subarray(HEADER_BYTES - IV_BYTES, HEADER_BYTES)),
  };
}

/** Chunks of a version 2 file of this size; `undefined` if no such file has this size. */
export function chunksOf(storedBytes: number): number | undefined {
  const body = storedBytes - HEADER_BYTES;
  if (body < TAG_BYTES || body % SEALED_CHUNK_BYTES < TAG_BYTES) return undefined;
  return Math.floor(body / SEALED_CHUNK_BYTES) + 1;
}

/** Plaintext size of a version 2 file of this stored size; `undefined` if no such file has this size. */
export function plainBytesOf(storedBytes: number): number | undefined {
  const chunks = chunksOf(storedBytes);
  return chunks === undefined ? undefined : storedBytes - HEADER_BYTES - TAG_BYTES * chunks;
}

/** Stored size of a version 2 file that holds this many plaintext bytes. */
export function storedBytesOf(plainBytes: number): number {
  return HEADER_BYTES + plainBytes + TAG_BYTES * (Math.floor(plainBytes / CHUNK_BYTES) + 1);
}

/**
 * Seals one array as a version 2 file.
 * @param key 256 bits; one data key serves any number of files.
 * @param iv 12 bytes, random unless a test fixes it; never twice under one key.
 */
export function sealBytes(plain: Uint8Array, key: KeyObject, iv: Uint8Array = randomBytes(IV_BYTES)): Uint8Array {
  const sealed = new Uint8Array(storedBytesOf(plain.length));
  sealed.set(header(iv));
  let at = HEADER_BYTES;
  for (let index = 0; index * CHUNK_BYTES <= plain.length; index += 1) {
    const chunk = plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    for (const part of sealChunk(chunk, key, nonce(iv, index))) {
      sealed.set(part, at);
      at += part.length;
      releaseBytes(part);
    }
  }
  return sealed;
}

/** Seals a stream of any length. Ciphertext and tag of a chunk come as pieces of their own: nothing is copied. */
export async function* sealStream(
  source: ByteStream,
  key: KeyObject,
  iv: Uint8Array = randomBytes(IV_BYTES),
): ByteStream {
  yield header(iv);
  let index = 0;
  for await (const chunk of cut(source, CHUNK_BYTES)) {
    yield* sealChunk(chunk, key, nonce(iv, index));
    index += 1;
  }
}

/**
 * Opens a whole sealed file, version 1 or 2.
 * @throws as {@link openStream}, before anything is returned.
 */
export function openBytes(stored: Uint8Array, key: KeyObject, label = "the object"): Uint8Array {
  const place: Place = { label, storedBytes: stored.length };
  const { version, iv } = readHeader(stored.subarray(0, HEADER_BYTES), place);
  const body = stored.subarray(HEADER_BYTES);
  if (version === 1) return openWhole(body, key, iv, place);
  const plain: Uint8Array[] = [];
  for (let index = 0; index * SEALED_CHUNK_BYTES <= body.length; index += 1) {
    const chunk = body.subarray(index * SEALED_CHUNK_BYTES, (index + 1) * SEALED_CHUNK_BYTES);
    plain.push(openChunk(chunk, key, nonce(iv, index), { ...place, index }));
  }
  const whole = concatBytes(plain);
  for (const piece of plain) if (piece !== whole) releaseBytes(piece);
  return whole;
}

/**
 * Opens a sealed stream, version 1 or 2. Every piece it yields was authenticated, but that the file is whole is known
 * only at its end: what comes of the pieces must not be visible before. A version 1 file is held whole in memory.
 * @throws SealedFileError `integrity/tampered` naming chunk and offset, `integrity/truncated` when the file ends too
 * soon; ShellError `key/not-encrypted` when it is no sealed file, `backup/version` for a version above 2.
 */
export async function* openStream(source: ByteStream, key: KeyObject, options: OpenOptions = {}): ByteStream {
  const place: Place = { label: options.label ?? "the object", storedBytes: options.storedBytes };
  const pieces = source[Symbol.asyncIterator]();
  try {
    const { first, left } = await takeFirst(pieces, HEADER_BYTES);
    const { version, iv } = readHeader(first, place);
    const body = remainder(left, pieces);
    if (version === 1) yield openWhole(await readAll(body), key, iv, place);
    else yield* openChunks(body, key, iv, place);
  } finally {
    await pieces.return?.();
  }
}

async function* openChunks(body: ByteStream, key: KeyObject, iv: Uint8Array, place: Place): ByteStream {
  let index = 0;
  for await (const chunk of cut(body, SEALED_CHUNK_BYTES)) {
    const plain = openChunk(chunk, key, nonce(iv, index), { ...place, index });
    const isLast = chunk.length < SEALED_CHUNK_BYTES;
    if (isLast) refuseOtherSize(HEADER_BYTES + index * SEALED_CHUNK_BYTES + chunk.length, index + 1, place);
    if (plain.length > 0) yield plain;
    index += 1;
  }
}

interface Place {
  readonly label: string;
  readonly storedBytes: number | undefined;
}

function header(iv: Uint8Array): Uint8Array {
  if (iv.length !== IV_BYTES) throw new RangeError(`an iv has ${IV_BYTES} bytes, not ${iv.length}`);
  return concatBytes([PREAMBLE, Uint8Array.of(2), iv]);
}

function nonce(iv: Uint8Array, index: number): Uint8Array {
  const own = new Uint8Array(iv);
  const counter = new DataView(own.buffer, IV_BYTES - 8);
  // setBigUint64 keeps the low 64 bits, so the carry stays out of the first four bytes, as the format wants.
  counter.setBigUint64(0, counter.getBigUint64(0) + BigInt(index));
  return own;
}

function sealChunk(plain: Uint8Array, key: KeyObject, iv: Uint8Array): [Uint8Array, Uint8Array] {
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  const sealed = cipher.update(plain);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** The plaintext, or `undefined` when the tag does not fit. */
function openMessage(sealed: Uint8Array, key: KeyObject, iv: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // Node says only "Unsupported state or unable to authenticate data"; the caller says which chunk.
    return undefined;
  }
  return plain;
}

function openChunk(sealed: Uint8Array, key: KeyObject, iv: Uint8Array, place: Place & { index: number }): Uint8Array {
  const offset = HEADER_BYTES + place.index * SEALED_CHUNK_BYTES;
  if (sealed.length < TAG_BYTES) throw truncated(offset + sealed.length, place.index, place);
  const plain = openMessage(sealed, key, iv);
  if (plain !== undefined) return plain;
  const seen = offset + sealed.length;
  if (sealed.length < SEALED_CHUNK_BYTES && place.storedBytes !== undefined && seen < place.storedBytes)
    throw truncated(seen, place.index, place);
  throw tampered(place.index, offset, place);
}

function openWhole(sealed: Uint8Array, key: KeyObject, iv: Uint8Array, place: Place): Uint8Array {
  const seen = HEADER_BYTES + sealed.length;
  if (sealed.length < TAG_BYTES || (place.storedBytes !== undefined && seen < place.storedBytes))
    throw truncated(seen, 0, place);
  const plain = openMessage(sealed, key, iv);
  if (plain === undefined) throw tampered(0, HEADER_BYTES, { label: place.label, storedBytes: undefined });
  refuseOtherSize(seen, 1, place);
  return plain;
}

function readHeader(bytes: Uint8Array, place: Place): { version: number; iv: Uint8Array } {
  const isBeginning = PREAMBLE.subarray(0, bytes.length).equals(bytes.subarray(0, PREAMBLE.length));
  if (!isBeginning) {
    throw new ShellError("key/not-encrypted", `${place.label} is not encrypted`, {
      detail: ["it does not begin with the header of an encrypted backup file"],
    });
  }
  const parsed = parseSealedHeader(bytes);
  if (parsed === undefined) throw truncated(bytes.length, 0, place);
  if (parsed.version !== 1 && parsed.version !== 2) {
    throw new ShellError("backup/version", `${place.label} has encryption version ${parsed.version}`, {
      detail: ["versions 1 and 2 can be read"],
    });
  }
  return parsed;
}

/** The first `count` bytes, fewer if there are no more, and what the pieces read held beyond them. */
async function takeFirst(
  pieces: AsyncIterator<Uint8Array>,
  count: number,
): Promise<{ first: Uint8Array; left: Uint8Array }> {
  let seen = new Uint8Array(0);
  while (seen.length < count) {
    const next = await pieces.next();
    if (next.done === true) break;
    seen = new Uint8Array(concatBytes([seen, next.value]));
  }
  return { first: seen.subarray(0, count), left: seen.subarray(count) };
}

async function* remainder(left: Uint8Array, pieces: AsyncIterator<Uint8Array>): ByteStream {
  yield left;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

function refuseOtherSize(seen: number, chunksOpened: number, place: Place): void {
  if (place.storedBytes === undefined || place.storedBytes === seen) return;
  // The end was authenticated, so nothing is cut off: it is another file than the one recorded.
  throw new SealedFileError("integrity/tampered", `${place.label} is not the file that was recorded`, chunksOpened, [
    `it has ${seen} bytes, and ${place.storedBytes} are recorded`,
  ]);
}

function truncated(seen: number, chunksOpened: number, place: Place): SealedFileError {
  const whole = place.storedBytes === undefined || place.storedBytes <= seen ? "" : ` of ${place.storedBytes}`;
  return new SealedFileError("integrity/truncated", `${place.label} ends too soon`, chunksOpened, [
    `it ends after ${seen}${whole} bytes, ${chunksOpened === 0 ? "before its first chunk" : `after chunk ${chunksOpened}`}, without the short chunk that closes a file`,
  ]);
}

function tampered(index: number, offset: number, place: Place): SealedFileError {
  const chunks = place.storedBytes === undefined ? undefined : chunksOf(place.storedBytes);
  const which = `chunk ${index + 1}${chunks === undefined ? "" : ` of ${chunks}`} (byte offset ${offset})`;
  const why =
    index > 0
      ? "the key is right, for the chunks before it opened: the object changed after it was written"
      : "either the key is another one or the object changed after it was written";
  return new SealedFileError("integrity/tampered", `${place.label} fails authentication at ${which}`, index, [why]);
}
