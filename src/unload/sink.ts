import type { Amount, Part } from "../events.ts";
import { InFlight } from "../std/in-flight.ts";
import type { BatchPlace } from "./batches.ts";
import type { UnloadNames } from "./names.ts";
import type { Series, SeriesOptions, WrittenFile } from "./series.ts";
import type { FileUpload, UploadOptions } from "./upload.ts";

export interface SinkOptions<Batch> {
  readonly names: UnloadNames;
  readonly upload: UploadOptions;
  readonly fileBytesMax: number;
  readonly openSeries: (options: SeriesOptions) => Series<Batch>;
  /** Called before the first file of a folder. */
  beforeFolder(folder: string): Promise<void>;
}

/** Files whose last bytes are being stored while others are written. */
const FINISHING_MAX = 4;

/** Series of files, and what can be told of them, or taken back. Batches come folder by folder. */
export class UnloadSink<Batch extends BatchPlace> {
  rows = 0n;
  /** Of COPY's rows. */
  bytes = 0n;
  /** Of the files that have ended. */
  storedBytes = 0n;
  readonly #options: SinkOptions<Batch>;
  readonly #files: WrittenFile[] = [];
  readonly #writing = new Set<FileUpload>();
  readonly #finishing = new InFlight(FINISHING_MAX);
  /** Where a folder's numbers go on if it comes again: equal text need not be equal bytes in every collation. */
  readonly #nextParts = new Map<string, number>();
  readonly #prepared = new Set<string>();
  #folder: { readonly name: string; readonly series: Map<number, Series<Batch>> } | undefined;

  constructor(options: SinkOptions<Batch>) {
    this.#options = options;
  }

  get fileCount(): number {
    return this.#files.length;
  }

  /** The files that are not stored to their end yet. */
  get active(): readonly Part[] {
    return [...this.#writing].map(({ key, records, storedBytes }) => {
      return { kind: "file", name: key, done: { rows: BigInt(records), storedBytes: BigInt(storedBytes) } };
    });
  }

  /** What is stored, of files that have not ended too. */
  get progress(): Amount {
    let { storedBytes } = this;
    for (const upload of this.#writing) storedBytes += BigInt(upload.storedBytes);
    return { files: this.fileCount, rows: this.rows, bytes: this.bytes, storedBytes };
  }

  /** Takes a batch and its memory over. */
  async write(batch: Batch): Promise<void> {
    this.rows += BigInt(batch.rows);
    this.bytes += BigInt(batch.sourceBytes);
    if (this.#folder?.name !== batch.folder) await this.#leave();
    this.#folder ??= { name: batch.folder, series: new Map() };
    const { series } = this.#folder;
    const known = series.get(batch.slice) ?? this.#openSeries(batch);
    series.set(batch.slice, known);
    await known.write(batch);
  }

  /** Ends all files. Gives them by folder, slice and part. */
  async finish(): Promise<readonly WrittenFile[]> {
    await this.#leave();
    await this.#finishing.drain();
    return this.#files.toSorted(
      (a, b) => Buffer.compare(Buffer.from(a.folder), Buffer.from(b.folder)) || a.slice - b.slice || a.part - b.part,
    );
  }

  /** Gives up what is under way. Afterwards nothing is written any more. */
  async abandon(): Promise<void> {
    for (const series of this.#folder?.series.values() ?? []) await series.abandon();
    await this.#finishing.drain().catch(() => undefined);
  }

  #openSeries({ folder, slice }: BatchPlace): Series<Batch> {
    const { names, upload, fileBytesMax, openSeries } = this.#options;
    return openSeries({
      upload,
      fileBytesMax,
      folder,
      slice,
      firstPart: this.#nextParts.get(`${folder} ${slice}`) ?? 0,
      keyOf: (part) => names.fileOf(folder, slice, part),
      beforeFile: (name) => this.#prepare(name),
      finishing: this.#finishing,
      onBegin: (upload) => this.#writing.add(upload),
      onFile: (file, upload) => {
        this.#writing.delete(upload);
        this.#files.push(file);
        this.storedBytes += BigInt(file.storedBytes);
      },
    });
  }

  async #prepare(folder: string): Promise<void> {
    if (this.#prepared.has(folder)) return;
    this.#prepared.add(folder);
    await this.#options.beforeFolder(folder);
  }

  async #leave(): Promise<void> {
    const folder = this.#folder;
    for (const [slice, series] of folder?.series ?? []) {
      await series.finish();
      this.#nextParts.set(`${folder?.name ?? ""} ${slice}`, series.nextPart);
    }
    this.#folder = undefined;
  }
}
