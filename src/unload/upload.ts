import type { DataKey } from "../crypto/data-key.ts";
import type { FileMacs } from "../crypto/file-mac.ts";
import { sealEnvelope } from "../crypto/s3-client-side.ts";
import { instructionKey, printEnvelope, printInstruction, type Envelope } from "../crypto/s3-envelope.ts";
import { ShellError } from "../errors.ts";
import { HELD_BYTES, joinPieces, type Compression, type FilePiece } from "../formats/compress.ts";
import { releaseBytes, streamOf, utf8, type ByteStream } from "../std/bytes.ts";
import { Channel } from "../std/channel.ts";
import type { PutOptions } from "../storage/store.ts";
import type { OwnObjects } from "./own-objects.ts";

/** Client-side encryption of a set of files. */
export interface FileSeal {
  readonly master: DataKey;
  readonly macs: FileMacs;
}

/** Where files go and how they are stored. */
export interface UploadOptions {
  readonly objects: OwnObjects;
  readonly compression: Compression;
  readonly seal: FileSeal | undefined;
  /** A name that is taken is an error. */
  readonly ifAbsent: boolean;
  readonly signal: AbortSignal;
}

export interface UploadedFile {
  readonly key: string;
  readonly storedBytes: number;
  readonly hmac?: string;
}

/** Pieces that wait to be stored. */
const WAITING = 2;
/** CBC's padding. */
const SEAL_BYTES = 16;

/** One file on its way: what is written to it is put together, encrypted and stored while more is made. */
export class FileUpload {
  readonly key: string;
  records = 0;
  /** Before compression. */
  plainBytes = 0;
  #storedBytes = 0;
  #waitingBytes = 0;
  readonly #options: UploadOptions;
  readonly #pieces = new Channel<FilePiece>(WAITING);
  readonly #done: Promise<UploadedFile>;
  #failure: { readonly error: unknown } | undefined;

  constructor(key: string, options: UploadOptions) {
    this.key = key;
    this.#options = options;
    this.#done = this.#store();
    this.#done.catch((error: unknown) => {
      this.#failure = { error };
      // A store that failed at once has not begun to read.
      this.#pieces.leave();
    });
  }

  /** The most that the file can have once everything given so far is stored. */
  get bytesMax(): number {
    const { compression, seal } = this.#options;
    return this.#storedBytes + this.#waitingBytes + HELD_BYTES[compression] + (seal === undefined ? 0 : SEAL_BYTES);
  }

  /** What the store has been given so far. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** Takes a piece over. @throws what storing the file threw */
  async write(piece: FilePiece): Promise<void> {
    this.plainBytes += piece.plain.length;
    this.#waitingBytes += sizeOf(piece);
    if (await this.#pieces.send(piece)) return;
    await this.#done;
    throw new ShellError("bug/invariant", `${this.key} was stored before its end`);
  }

  /** @throws what storing the file threw */
  finish(): Promise<UploadedFile> {
    this.#pieces.end();
    return this.#done;
  }

  /** Gives the file up and waits until nothing of it is under way. */
  async abandon(): Promise<void> {
    if (this.#failure === undefined) this.#pieces.fail(new ShellError("job/interrupted", "interrupted"));
    await this.#done.catch(() => undefined);
  }

  async #store(): Promise<UploadedFile> {
    const { objects, seal, ifAbsent, signal, compression } = this.#options;
    const put: PutOptions = { ifAbsent, signal };
    const compressed = joinPieces(this.#taken(), compression);
    if (seal === undefined) {
      const { bytes } = await objects.put(this.key, this.#counted(compressed), put);
      // An encrypted file that this one replaced may have had one beside it.
      if (!ifAbsent) await objects.store.delete(instructionKey(this.key), signal);
      return { key: this.key, storedBytes: bytes };
    }
    const { envelope, body } = sealEnvelope(compressed, seal.master);
    const mac = seal.macs.ofFile(envelope);
    const { metadata: hasMetadata } = objects.store.capabilities;
    const whole = hasMetadata ? body : this.#thenBeside(body, envelope, put);
    const told = this.#counted(whole, (piece) => mac.update(piece));
    const metadata = hasMetadata ? { metadata: printEnvelope(envelope) } : {};
    const { bytes } = await objects.put(this.key, told, { ...put, ...metadata });
    return { key: this.key, storedBytes: bytes, hmac: mac.digest("hex") };
  }

  /** Before the file, which is never there without it, and as late as can be: a file that is replaced needs its own. */
  async *#thenBeside(body: ByteStream, envelope: Envelope, put: PutOptions): ByteStream {
    yield* body;
    const key = instructionKey(this.key);
    await this.#options.objects.put(key, streamOf(utf8(printInstruction(envelope))), put);
  }

  async *#taken(): AsyncGenerator<FilePiece> {
    const { compression, seal } = this.#options;
    for await (const piece of this.#pieces.items()) {
      const bytes = sizeOf(piece);
      yield piece;
      this.#waitingBytes -= bytes;
      // A store may keep the bytes it was given last; what compression or encryption read is done with.
      if (compression !== "none" || seal !== undefined) releaseBytes(piece.plain);
      if (piece.packed !== undefined && seal !== undefined) releaseBytes(piece.packed);
    }
  }

  async *#counted(body: ByteStream, tell?: (piece: Uint8Array) => void): ByteStream {
    for await (const piece of body) {
      this.#storedBytes += piece.length;
      tell?.(piece);
      yield piece;
    }
  }
}

function sizeOf({ plain, packed }: FilePiece): number {
  return (packed ?? plain).length;
}
