import { decodeField, fieldEnd, isNullAt, TAB, unpaddedEnd } from "../formats/copy-text.ts";
import type { RowBlock } from "../formats/rows.ts";
import { kindOf, type SourceColumn } from "../formats/source-column.ts";
import { textOf } from "../std/bytes.ts";
import { InFlight } from "../std/in-flight.ts";
import type { BodyMaker } from "./file-body.ts";
import { partitionFolder, type UnloadNames } from "./names.ts";
import { Series, type WrittenFile } from "./series.ts";
import type { UploadOptions } from "./upload.ts";

export interface SinkOptions {
  readonly names: UnloadNames;
  readonly upload: UploadOptions;
  readonly fileBytesMax: number;
  readonly endBytes: number;
  /** How many series of files are written at once. */
  readonly slices: number;
  /** The last fields of every row, which name its folder and are no part of its record; rows come sorted by them. */
  readonly keys: readonly SourceColumn[];
  makeBody(): BodyMaker;
  /** Called before the first file of a folder. */
  beforeFolder(folder: string): Promise<void>;
}

/** Files whose last bytes are being stored while others are written. */
const FINISHING_MAX = 4;

interface Folder {
  readonly name: string;
  readonly series: Map<number, Series>;
  turns: number;
}

/** Deals rows out to series of files, and keeps what can be told of them, or taken back. */
export class UnloadSink {
  rows = 0n;
  /** Of COPY's rows. */
  bytes = 0n;
  storedBytes = 0n;
  readonly #options: SinkOptions;
  readonly #makers: BodyMaker[] = [];
  readonly #files: WrittenFile[] = [];
  readonly #finishing = new InFlight(FINISHING_MAX);
  /** Where a folder's numbers go on if it comes again: equal text need not be equal bytes in every collation. */
  readonly #nextParts = new Map<string, number>();
  readonly #prepared = new Set<string>();
  #folder: Folder | undefined;
  #key: Uint8Array | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  get fileCount(): number {
    return this.#files.length;
  }

  /** Values that read back as NULL. */
  get nullLookalikes(): number {
    return this.#makers.reduce((sum, maker) => sum + maker.nullLookalikes(), 0);
  }

  /** Takes all rows of a block, which may change afterwards. */
  async write(block: RowBlock): Promise<void> {
    this.rows += BigInt(block.rows);
    this.bytes += BigInt(block.ends[block.rows - 1] ?? 0);
    if (this.#options.keys.length === 0) {
      this.#folder ??= newFolder("");
      await this.#deal(block, 0, block.rows, 0);
      return;
    }
    for (let from = 0; from < block.rows;) {
      const key = this.#keyOf(block, from);
      let to = from + 1;
      while (to < block.rows && this.#hasKey(block, to, key)) to += 1;
      if (this.#key === undefined || Buffer.compare(this.#key, key) !== 0) await this.#enter(key);
      await this.#deal(block, from, to, key.length + 1);
      from = to;
    }
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

  async #deal(block: RowBlock, from: number, to: number, keyBytes: number): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    const slice = folder.turns % this.#options.slices;
    folder.turns += 1;
    let series = folder.series.get(slice);
    if (series === undefined) {
      series = this.#openSeries(folder.name, slice);
      folder.series.set(slice, series);
    }
    await series.write(block, from, to, keyBytes);
  }

  #openSeries(folder: string, slice: number): Series {
    const { names, upload, fileBytesMax, endBytes } = this.#options;
    const maker = (this.#makers[slice] ??= this.#options.makeBody());
    return new Series(
      {
        upload,
        maker,
        fileBytesMax,
        endBytes,
        folder,
        slice,
        keyOf: (part) => names.fileOf(folder, slice, part),
        beforeFile: (name) => this.#prepare(name),
        finishing: this.#finishing,
        onFile: (file) => {
          this.#files.push(file);
          this.storedBytes += BigInt(file.storedBytes);
        },
      },
      this.#nextParts.get(`${folder} ${slice}`) ?? 0,
    );
  }

  async #prepare(folder: string): Promise<void> {
    if (this.#prepared.has(folder)) return;
    this.#prepared.add(folder);
    await this.#options.beforeFolder(folder);
  }

  async #enter(key: Uint8Array): Promise<void> {
    await this.#leave();
    const { keys } = this.#options;
    let at = 0;
    const values = keys.map((column) => {
      const end = fieldEnd(key, at, key.length);
      const last = kindOf(column) === "padded" ? unpaddedEnd(key, at, end) : end;
      const value = isNullAt(key, at) ? null : textOf(decodeField(key, at, last));
      at = end + 1;
      return value;
    });
    this.#key = key;
    this.#folder = newFolder(
      partitionFolder(
        keys.map(({ name }) => name),
        values,
      ),
    );
  }

  async #leave(): Promise<void> {
    const folder = this.#folder;
    for (const [slice, series] of folder?.series ?? []) {
      await series.finish();
      if (this.#options.keys.length > 0) this.#nextParts.set(`${folder?.name ?? ""} ${slice}`, series.nextPart);
    }
    this.#folder = undefined;
  }

  /** The bytes of a row's last fields: a tab in a value is written as two other bytes. */
  #keyOf(block: RowBlock, row: number): Uint8Array {
    const end = (block.ends[row] ?? 0) - 1;
    let start = end;
    for (let fields = this.#options.keys.length; fields > 0; fields -= 1) {
      start -= 1;
      while (block.bytes[start] !== TAB) start -= 1;
    }
    return block.bytes.slice(start + 1, end);
  }

  #hasKey(block: RowBlock, row: number, key: Uint8Array): boolean {
    const end = (block.ends[row] ?? 0) - 1;
    const start = end - key.length;
    if (block.bytes[start - 1] !== TAB) return false;
    for (let at = 0; at < key.length; at += 1) if (block.bytes[start + at] !== key[at]) return false;
    // Shorter rows cannot hold the key's fields.
    return start > (block.ends[row - 1] ?? 0);
  }
}

function newFolder(name: string): Folder {
  return { name, series: new Map(), turns: 0 };
}
