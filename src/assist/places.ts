// What lies in stores, for completion: listed in the background, within a time, and remembered for a while.
import { setTimeout as sleep } from "node:timers/promises";
import { fullBackupOfManifest } from "../backups/folders.ts";
import { parseStorageLocation } from "../location-parse.ts";
import type { Location } from "../location.ts";
import type { ObjectStore } from "../storage/store.ts";

export interface PlacesOptions {
  readonly openStore: (location: Location) => Promise<ObjectStore>;
  /** Typing goes on before a store is asked. */
  readonly pauseMs?: number;
  readonly deadlineMs?: number;
  readonly keepMs?: number;
  readonly now?: () => number;
}

interface Remembered {
  readonly names: Promise<readonly string[]>;
  readonly until: number;
}

const PAUSE_MS = 150;
const DEADLINE_MS = 3000;
const KEEP_MS = 30_000;
/** Of one folder no more is looked at. */
const OBJECTS_MAX = 5000;

export class Places {
  readonly #options: PlacesOptions;
  readonly #now: () => number;
  readonly #known = new Map<string, Remembered>();
  readonly #closing = new AbortController();

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** What lies directly in the folder that a URI names, folders with a slash at their end. Nothing where it cannot be told. */
  async namesIn(uri: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#remembered(`in ${uri}`, signal, async (stop) => {
      const names: string[] = [];
      await this.#visit(uri, stop, async function* list(store) {
        for await (const name of store.folder("", stop)) yield names.push(name);
      });
      return names.toSorted();
    });
  }

  /** Folders of the complete backups of a collection, newest first. Nothing where it cannot be told. */
  async backupsIn(uri: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#remembered(`backups ${uri}`, signal, async (stop) => {
      const folders: string[] = [];
      await this.#visit(uri, stop, async function* list(store) {
        for await (const { key } of store.list("", stop)) {
          const folder = fullBackupOfManifest(key);
          yield folder === undefined ? 0 : folders.push(folder);
        }
      });
      return folders.toReversed();
    });
  }

  close(): void {
    this.#closing.abort();
  }

  async #remembered(
    name: string,
    signal: AbortSignal,
    look: (stop: AbortSignal) => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known !== undefined && known.until > this.#now()) return untilAborted(known.names, signal);
    try {
      await sleep(this.#options.pauseMs ?? PAUSE_MS, undefined, { signal });
    } catch {
      return [];
    }
    // Whoever asked may give up; the next to ask is glad of the answer.
    const stop = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.deadlineMs ?? DEADLINE_MS)]);
    const names = look(stop).catch((): readonly string[] => []);
    this.#known.set(name, { names, until: this.#now() + (this.#options.keepMs ?? KEEP_MS) });
    return untilAborted(names, signal);
  }

  /** Looks at what a store lists until the time is over; what was seen by then counts. */
  async #visit(uri: string, stop: AbortSignal, list: (store: ObjectStore) => AsyncIterable<unknown>): Promise<void> {
    const parsed = parseStorageLocation(uri);
    if (!parsed.ok) return;
    await using store = await this.#options.openStore(parsed.value);
    let seen = 0;
    try {
      for await (const _ of list(store)) if (++seen >= OBJECTS_MAX) break;
    } catch (thrown) {
      if (!stop.aborted) throw thrown;
    }
  }
}

async function untilAborted(names: Promise<readonly string[]>, signal: AbortSignal): Promise<readonly string[]> {
  if (signal.aborted) return [];
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const giveUp = (): void => resolve([]);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([names, promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
