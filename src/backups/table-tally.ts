import type { Event } from "../events.ts";

type TableShare = NonNullable<Extract<Event, { type: "progress" }>["tables"]>[number];

/** Tables that are told of at a time. */
const SHOWN_MAX = 6;

/** How far each table of a job is, the ones that moved last first. */
export class TableTally {
  readonly #shares = new Map<string, { rows: bigint; bytes: bigint; readonly totalBytes: bigint }>();

  /** Counts a part of a table. `totalBytes` may be an estimate; 0 when nobody knows. */
  add(name: string, part: { readonly rows: number; readonly bytes: number }, totalBytes: bigint): void {
    const share = this.#shares.get(name) ?? { rows: 0n, bytes: 0n, totalBytes };
    share.rows += BigInt(part.rows);
    share.bytes += BigInt(part.bytes);
    // Set again, so that it is the last of the map.
    this.#shares.delete(name);
    this.#shares.set(name, share);
  }

  /** The tables that moved last; one that has reached its total makes room for others. */
  get shares(): readonly TableShare[] {
    const all = [...this.#shares].toReversed();
    const moving = all.filter(([, { bytes, totalBytes }]) => totalBytes === 0n || bytes < totalBytes);
    return (moving.length > 0 ? moving : all).slice(0, SHOWN_MAX).map(([name, { rows, bytes, totalBytes }]) => ({
      name,
      done: { rows, bytes },
      ...(totalBytes === 0n ? {} : { total: { bytes: totalBytes } }),
    }));
  }
}
