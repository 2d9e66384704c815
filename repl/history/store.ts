import { join } from "node:path";
import { hideSecrets, splitScript } from "../../src/index.ts";
import { parseEntries, printEntry, type HistoryEntry } from "./entry.ts";
import { appendLine, readSince, rewrite, UNREAD, type Mark } from "./file.ts";

export interface HistoryLimits {
  /** The file is shortened when it is longer. */
  readonly bytesMax: number;
  /** Of these, the newest are kept then. */
  readonly entriesMax: number;
}

const LIMITS: HistoryLimits = { bytesMax: 8 * 1024 * 1024, entriesMax: 10_000 };
/** A longer text is a file that was pasted, not something to be typed again. */
const TEXT_MAX = 256 * 1024;

export interface Submitted extends Omit<HistoryEntry, "sql"> {
  /** As typed, secrets and all. */
  readonly text: string;
}

/**
 * Where statements are kept: `$SEALIFT_HISTORY`, else `sealift/history.jsonl` in `$XDG_STATE_HOME`.
 * @returns undefined when `SEALIFT_HISTORY` is `off` or empty.
 */
export function historyPath(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = environment["SEALIFT_HISTORY"];
  if (given !== undefined) return given === "" || given === "off" ? undefined : given;
  const state = environment["XDG_STATE_HOME"];
  const home = environment["HOME"];
  if (state !== undefined && state.startsWith("/")) return join(state, "sealift", "history.jsonl");
  return home === undefined ? undefined : join(home, ".local", "state", "sealift", "history.jsonl");
}

/** The statements of all shells. Nothing here keeps a secret, in memory or on disk. */
export class HistoryStore {
  readonly #path: string | undefined;
  readonly #limits: HistoryLimits;
  #entries: readonly HistoryEntry[] = [];
  #mark: Mark = UNREAD;

  /** Without a path the statements of this shell are kept in memory. */
  constructor(path: string | undefined, limits: HistoryLimits = LIMITS) {
    this.#path = path;
    this.#limits = limits;
  }

  /** Oldest first; what other shells have added since is there too. */
  entries(): readonly HistoryEntry[] {
    if (this.#path === undefined) return this.#entries;
    const more = readSince(this.#path, this.#mark);
    if (more === undefined) return this.#entries;
    const isSameFile = more.mark.identity === this.#mark.identity;
    this.#entries = [...(isSameFile ? this.#entries : []), ...parseEntries(more.text)];
    this.#mark = more.mark;
    return this.#entries;
  }

  /**
   * Keeps what was submitted, unless it begins with a blank, repeats the last one or is longer than a person types.
   * @returns what was kept. Throws what the file system throws.
   */
  append({ text, ...facts }: Submitted): HistoryEntry | undefined {
    const trimmed = text.trimEnd();
    if (trimmed === "" || /^\s/.test(text) || trimmed.length > TEXT_MAX) return undefined;
    const entry = { ...facts, sql: hideSecrets(withoutCopyData(trimmed)) };
    const entries = this.entries();
    if (entries.at(-1)?.sql === entry.sql) return undefined;
    if (this.#path === undefined) this.#entries = [...entries, entry].slice(-this.#limits.entriesMax);
    else {
      appendLine(this.#path, printEntry(entry));
      this.#shorten(this.#path);
    }
    return entry;
  }

  #shorten(path: string): void {
    this.entries();
    if (this.#mark.bytes <= this.#limits.bytesMax) return;
    rewrite(path, (text) => {
      // Half of what is allowed, so that the next statement does not rewrite again.
      let left = this.#limits.bytesMax / 2;
      const kept: string[] = [];
      for (const entry of parseEntries(text).slice(-this.#limits.entriesMax).toReversed()) {
        const line = printEntry(entry);
        left -= Buffer.byteLength(line);
        if (left < 0) break;
        kept.push(line);
      }
      return kept.toReversed().join("");
    });
  }
}

/** Rows that stand below COPY … FROM STDIN are data. */
function withoutCopyData(text: string): string {
  let kept = "";
  let from = 0;
  for (const { copyData } of splitScript(text)) {
    if (copyData === undefined) continue;
    kept += text.slice(from, copyData.start);
    from = copyData.end;
  }
  return kept + text.slice(from);
}
