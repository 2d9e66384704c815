/** One statement as it was run. */
export interface HistoryEntry {
  /** With every secret as a reference, `‹secret:name›`; may have several lines. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly database?: string;
  readonly profile?: string;
  readonly elapsedMs?: number;
  readonly failed?: boolean;
}

/** What has been run, in this session and before. */
export interface HistoryStore {
  /** Oldest first, without repetitions. Grows by `append`; what other shells add meanwhile is not seen. */
  readonly entries: readonly HistoryEntry[];
  /**
   * Remembers a statement. `text` is what was typed: secrets are replaced here, a text that begins with a blank is
   * not kept. Never throws: a file that cannot be written is told once by `problem`.
   */
  append(entry: HistoryEntry): Promise<void>;
  /** What went wrong with the file, for the user; undefined when nothing did. */
  readonly problem: string | undefined;
}

/** Reads the file. A file that is missing or damaged gives an empty history. */
export type OpenHistory = (environment: Readonly<Record<string, string | undefined>>) => Promise<HistoryStore>;

export interface HistoryMatch {
  readonly entry: HistoryEntry;
  /** Offsets in the entry's text that the query matched, ascending. */
  readonly matched: readonly number[];
}

/** Entries that match a query, best first; the newest first for an empty one. Pure, and fast enough for every key. */
export type SearchHistory = (entries: readonly HistoryEntry[], query: string) => readonly HistoryMatch[];

/** A reference in a recalled statement whose value has to be asked for before it runs. */
export interface SecretReference {
  /** What to ask for: `encryption_passphrase`. */
  readonly name: string;
  /** In the text: what the quoted value takes the place of. */
  readonly start: number;
  readonly end: number;
}

/** The references of a statement, in order. Pure. */
export type FindSecretReferences = (text: string) => readonly SecretReference[];
