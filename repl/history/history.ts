import type { PastStatement } from "../../src/index.ts";

/** One statement as it was run. `text` has every secret as a reference, `‹secret:name›`; it may have several lines. */
export interface HistoryEntry extends PastStatement {
  readonly failed?: boolean;
}

/** What has been run, in this session and before. */
export interface HistoryStore {
  /** Oldest first. Grows by `append`, and by what other shells add: the file is looked at on every read. */
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
