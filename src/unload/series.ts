import { ByteSink } from "../formats/byte-sink.ts";
import type { InFlight } from "../std/in-flight.ts";
import type { BodyMaker, FileBody } from "./file-body.ts";
import { FileUpload, type UploadedFile, type UploadOptions } from "./upload.ts";

export interface WrittenFile extends UploadedFile {
  /** The header's line is one. */
  readonly records: number;
  readonly slice: number;
  readonly part: number;
  readonly folder: string;
}

export interface SeriesOptions {
  readonly upload: UploadOptions;
  readonly maker: BodyMaker;
  /** Of a file as it is stored. */
  readonly fileBytesMax: number;
  /** What a file's end may add: the last row group of PARQUET. */
  readonly endBytes: number;
  readonly folder: string;
  readonly slice: number;
  keyOf(part: number): string;
  /** Called before a file is begun. */
  beforeFile(folder: string): Promise<void>;
  readonly finishing: InFlight;
  readonly onFile: (file: WrittenFile) => void;
}

/** Bytes handed to a file at a time. */
const PIECE_BYTES = 256 * 1024;

/** The files of one slice, one after another: a new one is begun where the next record would make it too long. */
export class Series {
  readonly #options: SeriesOptions;
  readonly #out = new ByteSink();
  /** Records in `out`. */
  #records = 0;
  #part: number;
  #body: FileBody | undefined;
  #upload: FileUpload | undefined;

  constructor(options: SeriesOptions, firstPart: number) {
    this.#options = options;
    this.#part = firstPart;
  }

  /** The number the next file will have. */
  get nextPart(): number {
    return this.#part;
  }

  /**
   * Adds rows `[from, to)` of a block. @param keyBytes how much of each row's end is no part of the record
   */
  async write(
    block: { readonly bytes: Uint8Array; readonly ends: Uint32Array },
    from: number,
    to: number,
    keyBytes: number,
  ): Promise<void> {
    let start = from === 0 ? 0 : (block.ends[from - 1] ?? 0);
    for (let row = from; row < to; row += 1) {
      const end = block.ends[row] ?? 0;
      const before = this.#out.used;
      this.#body ??= this.#options.maker.open();
      // The line feed that ends COPY's row is not in it.
      const mayCut = this.#body.add(block.bytes, start, end - 1 - keyBytes, this.#out);
      this.#records += 1;
      start = end;
      if (this.#isTooLong()) await this.#cutAt(before);
      else if (!mayCut) continue;
      else if (!this.#options.maker.byRecord) await this.#endGroup();
      if (this.#out.used >= PIECE_BYTES) await this.#hand();
    }
  }

  async finish(): Promise<void> {
    if (this.#body !== undefined) await this.#close();
  }

  /** Gives up the file that is being written. */
  async abandon(): Promise<void> {
    await this.#upload?.abandon();
  }

  /** Only what is not compressed has a length that is known before it is stored. */
  get #isExact(): boolean {
    return this.#options.maker.byRecord && this.#options.upload.compression === "none";
  }

  #isTooLong(): boolean {
    if (!this.#isExact) return false;
    const { seal } = this.#options.upload;
    const plain = (this.#upload?.plainBytes ?? this.#body?.header.length ?? 0) + this.#out.used;
    const stored = seal === undefined ? plain : plain - (plain % 16) + 16;
    const isFirst = (this.#upload?.records ?? 0) + this.#records <= 1;
    return stored > this.#options.fileBytesMax && !isFirst;
  }

  /** The last record goes into the next file. */
  async #cutAt(offset: number): Promise<void> {
    const tail = this.#out.split(offset);
    this.#records -= 1;
    await this.#close();
    this.#body = this.#options.maker.open();
    this.#out.append(tail);
    this.#records = 1;
  }

  async #endGroup(): Promise<void> {
    await this.#hand();
    const { fileBytesMax, endBytes } = this.#options;
    if ((this.#upload?.bytesMax ?? 0) + endBytes > fileBytesMax) await this.#close();
  }

  async #hand(): Promise<void> {
    const { maker, fileBytesMax } = this.#options;
    if (this.#out.used === 0) return;
    const piece = this.#out.take();
    const records = this.#records;
    this.#records = 0;
    const isFull = maker.byRecord && !this.#isExact && (this.#upload?.bytesMax ?? 0) + piece.length > fileBytesMax;
    if (isFull && this.#upload !== undefined) await this.#close();
    const upload = this.#upload ?? (await this.#open());
    upload.records += records;
    await upload.write(piece);
  }

  async #open(): Promise<FileUpload> {
    const { upload: options, folder } = this.#options;
    await this.#options.beforeFile(folder);
    const upload = new FileUpload(this.#options.keyOf(this.#part), options);
    this.#upload = upload;
    this.#body ??= this.#options.maker.open();
    const { header } = this.#body;
    if (header.length > 0) {
      upload.records += 1;
      // A copy, as the file frees what it took.
      await upload.write(header.slice());
    }
    return upload;
  }

  async #close(): Promise<void> {
    this.#body?.end(this.#out);
    await this.#hand();
    this.#body = undefined;
    const upload = this.#upload;
    if (upload === undefined) return;
    const { folder, slice, onFile, finishing } = this.#options;
    const part = this.#part;
    this.#part += 1;
    const done = async (): Promise<void> =>
      onFile({ ...(await upload.finish()), records: upload.records, slice, part, folder });
    // Kept until it is taken: one that is refused, because another failed, has to be abandoned.
    await finishing.add(done);
    this.#upload = undefined;
  }
}
