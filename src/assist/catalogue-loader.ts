import type { CatalogueStatus } from "./assistant.ts";
import { Catalogue } from "./catalogue.ts";
import {
  readCatalogue,
  readSessionNames,
  type AskCatalogue,
  type CatalogueRows,
  type SessionNames,
} from "./catalogue-queries.ts";

/** A connection to learn from. */
export interface CatalogueSource extends AsyncDisposable {
  readonly versionNumber: number;
  readonly ask: AskCatalogue;
  /** The same in the session that is helped, for what is its own; undefined while it may not be asked. */
  readonly session?: (sql: string) => Promise<CatalogueRows | undefined>;
}

export interface LoaderOptions {
  /** Undefined while the database is busy: it is asked again later. */
  readonly open: () => Promise<CatalogueSource | undefined>;
  /** More is known than before, or nothing more will be. */
  readonly learned?: () => void;
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

const DEADLINE_MS = 5000;
/** After a failure nobody asks again for so long, unless something changed. */
const REST_MS = 30_000;
/** A busy database is asked again by the next key, not by the answer to this one. */
const BUSY_REST_MS = 200;

/** Learns what a database holds in the background: when first asked, and again after a change. Never throws. */
export class CatalogueLoader {
  /** What is known; of the time before the last change while that is being learned. */
  catalogue = new Catalogue();
  readonly #options: LoaderOptions;
  readonly #now: () => number;
  #status: CatalogueStatus["state"] = "unknown";
  #problem: string | undefined;
  #loading: Promise<void> | undefined;
  #stale = true;
  #restUntil = 0;
  #closed = false;
  #source: CatalogueSource | undefined;
  #own: SessionNames | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get status(): CatalogueStatus {
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    return { state: this.#status, relations: this.catalogue.relations.size, ...problem };
  }

  /** Something is being learned, or would be by the next look. */
  get isLearning(): boolean {
    return this.#loading !== undefined || this.#isDue;
  }

  get #isDue(): boolean {
    return this.#stale && !this.#closed && this.#now() >= this.#restUntil;
  }

  /** The next look asks the database again. */
  noteChanged(): void {
    this.#stale = true;
    this.#restUntil = 0;
  }

  /** Begins to learn what is not known. Waits for it only as long as nothing at all is known, and not beyond `waitMs`. */
  async look(waitMs: number): Promise<Catalogue> {
    if (this.#isDue && this.#loading === undefined) {
      this.#stale = false;
      this.#loading = this.#load().finally(() => {
        this.#loading = undefined;
        if (!this.#closed) this.#options.learned?.();
      });
    }
    if (this.#loading !== undefined && this.catalogue.relations.size === 0) await within(this.#loading, waitMs);
    return this.catalogue;
  }

  /** Resolves when nothing is being learned. */
  async settled(): Promise<void> {
    await this.#loading;
  }

  async #load(): Promise<void> {
    this.#status = "loading";
    this.#problem = undefined;
    try {
      const isWhole = await within(this.#read(), this.#options.deadlineMs ?? DEADLINE_MS);
      if (!isWhole) {
        this.#status = "partial";
        this.#problem = "the database took too long";
        this.#rest(REST_MS);
        await this.#release();
      }
    } catch (thrown) {
      this.#status = "failed";
      this.#problem = thrown instanceof Error ? thrown.message : String(thrown);
      this.#rest(REST_MS);
    }
  }

  /** What was not learned is asked for again, but not at once. */
  #rest(ms: number): void {
    this.#stale = true;
    this.#restUntil = this.#now() + ms;
  }

  async #read(): Promise<void> {
    const source = await this.#options.open();
    if (source === undefined) {
      this.#status = "unknown";
      this.#rest(BUSY_REST_MS);
      return;
    }
    this.#source = source;
    try {
      await this.#askSession(source);
      for await (const catalogue of readCatalogue(source.ask, source.versionNumber, this.#own)) {
        if (this.#closed || this.#status !== "loading") return;
        this.catalogue = catalogue;
        this.#options.learned?.();
      }
      this.#status = "ready";
    } finally {
      await this.#release();
    }
  }

  /** While the session cannot be asked, what it said last is held to be true. */
  async #askSession({ session, versionNumber }: CatalogueSource): Promise<void> {
    if (session === undefined) return;
    this.#own = (await readSessionNames(session, versionNumber).catch(() => undefined)) ?? this.#own;
  }

  async #release(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.[Symbol.asyncDispose]();
  }

  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#release();
    } catch {
      // What a connection has to say when it is closed helps nobody who leaves.
    }
  }
}

/** Whether the work ended in time; it goes on otherwise, and what it throws then is not heard. */
async function within(work: Promise<void>, waitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), waitMs);
  });
  try {
    const done = work.then(() => true);
    // Whoever waits no longer does not care how it ends.
    done.catch(() => undefined);
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
