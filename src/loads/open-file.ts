// One file from storage to the bytes its format is made of: length, HMAC, envelope, compression.
import { timingSafeEqual } from "node:crypto";
import type { DataKey } from "../crypto/data-key.ts";
import { FileMacs } from "../crypto/file-mac.ts";
import { openEnvelope, unwrapContentKey } from "../crypto/s3-client-side.ts";
import { hasEnvelope, instructionKey, parseEnvelope, parseInstruction, type Envelope } from "../crypto/s3-envelope.ts";
import { ShellError } from "../errors.ts";
import { readAll, textOf, type ByteStream } from "../std/bytes.ts";
import type { FileKeys } from "./file-keys.ts";
import type { LoadFile, ReadManifest } from "./files.ts";

/** A file that can be read: its envelope was found where it needs one, and was not where it must not be. */
export interface OpenFile {
  readonly file: LoadFile;
  readonly sealed: { readonly envelope: Envelope; readonly key: DataKey } | undefined;
}

/**
 * Looks at a file before it is read.
 * @param keys of no encryption read it as it is.
 * @throws ShellError `key/not-encrypted` for a plain file when there is a key, `key/required` for an encrypted one when
 * there is none, `integrity/missing` for half an envelope, `integrity/truncated` when it is not as long as its manifest
 * says.
 */
export async function prepareFile(file: LoadFile, keys: FileKeys, signal: AbortSignal): Promise<OpenFile> {
  const wanted = file.entry?.contentLength;
  if (wanted !== undefined && wanted !== file.bytes) {
    throw new ShellError("integrity/truncated", `${file.label} has another length than its manifest says`, {
      detail: [`it has ${file.bytes} bytes, and the manifest says ${wanted}`],
      note: "nothing was loaded",
    });
  }
  const isWanted = (await keys.keyFor(file.keyBase)) !== undefined;
  const envelope = await findEnvelope(file, isWanted, signal);
  const key = envelope === undefined ? undefined : await keys.keyFor(file.keyBase, envelope);
  return { file, sealed: key === undefined || envelope === undefined ? undefined : { envelope, key } };
}

interface EnvelopePlace {
  readonly metadata: Readonly<Record<string, string>>;
  readonly isInMetadata: boolean;
  readonly isBeside: boolean;
}

async function envelopePlace({ store, key }: LoadFile, signal: AbortSignal): Promise<EnvelopePlace> {
  const metadata = store.capabilities.metadata ? ((await store.head(key, signal))?.metadata ?? {}) : {};
  const isInMetadata = hasEnvelope(metadata);
  return {
    metadata,
    isInMetadata,
    isBeside: !isInMetadata && (await store.head(instructionKey(key), signal)) !== undefined,
  };
}

/**
 * What ought to be in the clear, as a manifest, is decrypted where it has an envelope: some tools write such.
 * @throws ShellError as `prepareFile` and `readFile`
 */
export async function* readEither(file: LoadFile, keys: FileKeys, signal: AbortSignal): ByteStream {
  const { isInMetadata, isBeside } = await envelopePlace(file, signal);
  const isSealed = isInMetadata || isBeside;
  yield* readFile(isSealed ? await prepareFile(file, keys, signal) : { file, sealed: undefined }, signal);
}

async function findEnvelope(file: LoadFile, isWanted: boolean, signal: AbortSignal): Promise<Envelope | undefined> {
  const { store, key, label } = file;
  const instruction = instructionKey(key);
  const { metadata, isInMetadata, isBeside } = await envelopePlace(file, signal);
  if (!isWanted) {
    if (!isInMetadata && !isBeside) return undefined;
    throw new ShellError("key/required", `${label} is client-side encrypted`, {
      detail: [isBeside ? `${instruction} is beside it` : "its metadata holds an S3 client-side envelope"],
      hint: "add ENCRYPTED and MASTER_SYMMETRIC_KEY, or WITH kms or encryption_passphrase",
      note: "nothing was loaded",
    });
  }
  if (!isBeside) return parseEnvelope(metadata, label);
  return parseInstruction(textOf(await readAll(await store.get(instruction, { signal }))), instruction);
}

/**
 * Whether the key is the files' own: one that opens none of them is not, whatever else may be wrong.
 * @throws ShellError `key/mismatch`
 */
export function checkKey(files: readonly OpenFile[], keyName: string): void {
  let failure: unknown;
  for (const { file, sealed } of files) {
    if (sealed === undefined) return;
    try {
      unwrapContentKey(sealed.envelope, sealed.key, file.label, keyName)[Symbol.dispose]();
      return;
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  if (failure !== undefined) throw failure;
}

/** Files of which a part was read and the HMAC, which comes last, was not. */
export type UnprovenFiles = Set<OpenFile>;

/**
 * The decrypted bytes. What came is only known to be right at the end, so that nothing may be published before.
 * Pieces of a sealed file are the reader's to keep.
 * @throws ShellError `key/mismatch`, `integrity/*`
 */
export async function* readFile(open: OpenFile, signal: AbortSignal, unproven?: UnprovenFiles): ByteStream {
  const { file, sealed } = open;
  const stored = counted(await file.store.get(file.key, { signal }), file);
  if (sealed === undefined) {
    yield* stored;
    return;
  }
  if (file.entry?.hmac !== undefined) unproven?.add(open);
  yield* openEnvelope(authenticated(stored, file, sealed), sealed.envelope, sealed.key, file.label);
  unproven?.delete(open);
}

/**
 * A file that was changed fails as whatever the change made of it. This reads such files again, as far as their HMAC.
 * @throws ShellError `integrity/*`
 */
export async function proveUnchanged(files: Iterable<OpenFile>, signal: AbortSignal): Promise<void> {
  for (const { file, sealed } of files) {
    if (sealed === undefined) continue;
    const stored = counted(await file.store.get(file.key, { signal }), file);
    for await (const _ of authenticated(stored, file, sealed)) continue;
  }
}

/** The length that storage said before must be what comes: a file that changes meanwhile is not two files' rows. */
async function* counted(source: ByteStream, file: LoadFile): ByteStream {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    yield piece;
  }
  if (bytes === file.bytes) return;
  throw new ShellError("integrity/truncated", `${file.label} changed its length while it was read`, {
    detail: [`${bytes} bytes came, and it had ${file.bytes}`],
    note: "nothing was loaded",
  });
}

async function* authenticated(
  source: ByteStream,
  file: LoadFile,
  { envelope, key }: { readonly envelope: Envelope; readonly key: DataKey },
): ByteStream {
  const wanted = file.entry?.hmac;
  if (wanted === undefined) {
    yield* source;
    return;
  }
  const mac = new FileMacs(key).ofFile(envelope);
  for await (const piece of source) {
    mac.update(piece);
    yield piece;
  }
  if (!sameHex(mac.digest("hex"), wanted)) {
    throw new ShellError("integrity/tampered", `${file.label} is not what its manifest's HMAC says`, {
      detail: ["the file, its envelope or the manifest was changed after UNLOAD wrote them, or the key is another one"],
      note: "nothing was loaded",
    });
  }
}

/** Whether a manifest's list of files is the one that was written. @throws ShellError `integrity/tampered` */
export function checkManifest(manifest: ReadManifest | undefined, key: DataKey | undefined): void {
  if (manifest?.hmac === undefined || key === undefined) return;
  if (sameHex(new FileMacs(key).ofManifest(manifest.fileHmacs), manifest.hmac)) return;
  throw new ShellError("integrity/tampered", `the files that ${manifest.label} lists are not those its HMAC says`, {
    detail: ["an entry was added, left out or moved after UNLOAD wrote it, or the key is another one"],
    note: "nothing was loaded",
  });
}

function sameHex(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b.toLowerCase())];
  return one.length === other.length && timingSafeEqual(one, other);
}
