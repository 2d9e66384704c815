import type { InFlight } from "../std/in-flight.ts";
import type { FilePiece } from "../formats/compress.ts";
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
  /** Of a file as it is stored. */
  readonly fileBytesMax: number;
  readonly folder: string;
  readonly slice: number;
  /** The number of the first file. */
  readonly firstPart: number;
  keyOf(part: number): string;
  /** Called before a file is begun. */
  beforeFile(folder: string): Promise<void>;
  readonly finishing: InFlight;
  readonly onBegin: (upload: FileUpload) => void;
  readonly onFile: (file: WrittenFile, upload: FileUpload) => void;
}

/** The files of one slice, one after another. What decides where one ends is a format's own. */
export abstract class Series<Batch> {
  protected readonly options: SeriesOptions;
  #part: number;
  #upload: FileUpload | undefined;

  constructor(options: SeriesOptions) {
    this.options = options;
    this.#part = options.firstPart;
  }

  abstract write(batch: Batch): Promise<void>;

  /** Ends the last file. */
  finish(): Promise<void> {
    return this.close();
  }

  /** The number the next file will have. */
  get nextPart(): number {
    return this.#part;
  }

  /** Gives up the file that is being written. */
  async abandon(): Promise<void> {
    await this.#upload?.abandon();
  }

  /** The file that is being written. */
  protected get file(): FileUpload | undefined {
    return this.#upload;
  }

  /** Writes to the file at hand, or begins one. */
  protected async hand(piece: FilePiece, records: number): Promise<void> {
    const upload = this.#upload ?? (await this.#open());
    upload.records += records;
    await upload.write(piece);
  }

  /** What every file begins with. */
  protected get header(): FilePiece | undefined {
    return undefined;
  }

  protected async close(): Promise<void> {
    const upload = this.#upload;
    if (upload === undefined) return;
    const { folder, slice, onFile, finishing } = this.options;
    const part = this.#part;
    this.#part += 1;
    const done = async (): Promise<void> =>
      onFile({ ...(await upload.finish()), records: upload.records, slice, part, folder }, upload);
    // Kept until it is taken: one that is refused, because another failed, has to be abandoned.
    await finishing.add(done);
    this.#upload = undefined;
  }

  async #open(): Promise<FileUpload> {
    const { upload: options, folder } = this.options;
    await this.options.beforeFile(folder);
    const upload = new FileUpload(this.options.keyOf(this.#part), options);
    this.#upload = upload;
    this.options.onBegin(upload);
    const { header } = this;
    if (header !== undefined) {
      upload.records += 1;
      await upload.write(header);
    }
    return upload;
  }
}
