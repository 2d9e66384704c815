import type { Part } from "../events.ts";

interface Share {
  rows: bigint;
  bytes: bigint;
  readonly totalBytes: bigint;
}

/** Tables that are told of at a time. */
const SHOWN_MAX = 6;

/** How far each table of a job is. Memory is that of the tables under way, however many there are. */
export class TableTally {
  readonly #moving = new Map<string, Share>();
  /** The ones that ended last, the last one first: all there is to show between small tables. */
  #ended: readonly Part[] = [];
  #corrected = 0n;

  /** Counts a part of a table. `totalBytes` may be an estimate; 0 when nobody knows. */
  add(name: string, part: { readonly rows: number; readonly bytes: number }, totalBytes: bigint): void {
    const share = this.#moving.get(name) ?? { rows: 0n, bytes: 0n, totalBytes };
    share.rows += BigInt(part.rows);
    share.bytes += BigInt(part.bytes);
    // Set again, so that it is the last of the map.
    this.#moving.delete(name);
    this.#moving.set(name, share);
  }

  /** Nothing more of this table comes, whatever was estimated. `totalBytes` as {@link add} has it. */
  end(name: string, totalBytes: bigint): void {
    const share = this.#moving.get(name);
    this.#moving.delete(name);
    this.#corrected += (share?.bytes ?? 0n) - totalBytes;
    if (share === undefined) return;
    const whole = { ...share, totalBytes: share.bytes };
    this.#ended = [partOf(name, whole), ...this.#ended].slice(0, SHOWN_MAX);
  }

  /** By how much the bytes of all tables were estimated too low, as far as it has turned out; negative for too high. */
  get correction(): bigint {
    let sum = this.#corrected;
    for (const { bytes, totalBytes } of this.#moving.values()) if (bytes > totalBytes) sum += bytes - totalBytes;
    return sum;
  }

  /** The tables under way, the ones that moved last first. */
  get active(): readonly Part[] {
    if (this.#moving.size === 0) return this.#ended;
    const last = [...this.#moving].slice(-SHOWN_MAX).toReversed();
    return last.map(([name, share]) => partOf(name, share));
  }
}

function partOf(name: string, { rows, bytes, totalBytes }: Share): Part {
  const total = totalBytes === 0n ? {} : { total: { bytes: totalBytes } };
  return { kind: "table", name, done: { rows, bytes }, ...total };
}
