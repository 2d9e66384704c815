import { join } from "node:path";
import { hideSecrets, splitScript } from "../../src/index.ts";
import { parseEntries, printEntry } from "./entry.ts";
import { appendLine, readSince, rewrite, UNREAD, type Mark } from "./file.ts";
import type { HistoryEntry, HistoryStore, OpenHistory } from "./history.ts";

export interface HistoryLimits {
  /** The file is shortened when it is longer. */
  readonly bytesMax: number;
  /** Of these, the newest are kept then. */
  readonly entriesMax: number;
}

const LIMITS: HistoryLimits = { bytesMax: 8 * 1024 * 1024, entriesMax: 10_000 };
/** A longer text is a file that was pasted, not something to be typed again. */
const TEXT_MAX = 256 * 1024;

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

/** The statements of this shell and, with a file, of all others. Keeps no secret, in memory or on disk. */
export class HistoryFile implements HistoryStore {
  readonly #path: string | undefined;
  readonly #limits: HistoryLimits;
  #entries: readonly HistoryEntry[] = [];
  #mark: Mark = UNREAD;
  #problem: string | undefined;

  /** Without a path the statements of this shell are kept in memory. */
  constructor(path: string | undefined, limits: HistoryLimits = LIMITS) {
    this.#path = path;
    this.#limits = limits;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get entries(): readonly HistoryEntry[] {
    const path = this.#path;
    if (path !== undefined) this.#trying("read", () => this.#read(path));
    return this.#entries;
  }

  append(entry: HistoryEntry): Promise<void> {
    const kept = toBeKept(entry);
    const path = this.#path;
    if (kept === undefined || this.entries.at(-1)?.text === kept.text) return Promise.resolve();
    if (path !== undefined) {
      this.#trying("write", () => {
        appendLine(path, printEntry(kept));
        this.#read(path);
        this.#shorten(path);
      });
    }
    if (path === undefined || this.#problem !== undefined) {
      this.#entries = [...this.#entries, kept].slice(-this.#limits.entriesMax);
    }
    return Promise.resolve();
  }

  /** A file that failed once is let be: what is submitted from then on is known to this shell alone. */
  #trying(doing: string, work: () => void): void {
    if (this.#problem !== undefined) return;
    try {
      work();
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#problem = `cannot ${doing} the history in ${this.#path}: ${reason}`;
    }
  }

  #read(path: string): void {
    const more = readSince(path, this.#mark);
    if (more === undefined) return;
    this.#entries = [...(more.whole ? [] : this.#entries), ...parseEntries(more.text)];
    this.#mark = more.mark;
  }

  #shorten(path: string): void {
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

export const openHistory: OpenHistory = (environment) => {
  const store = new HistoryFile(historyPath(environment));
  return Promise.resolve(store);
};

/** What is kept of a submitted text: nothing when it begins with a blank or is longer than a person types. */
function toBeKept(entry: HistoryEntry): HistoryEntry | undefined {
  const text = entry.text.trimEnd();
  if (text === "" || /^\s/.test(text) || text.length > TEXT_MAX) return undefined;
  return { ...entry, text: isReadable(text) ? hideSecrets(withoutCopyData(text)) : unreadable(text) };
}

/** A text whose quotes do not close has secrets where nobody can tell. */
function isReadable(text: string): boolean {
  return splitScript(text).every((item) => item.kind === "command" || item.diagnostic === undefined);
}

function unreadable(text: string): string {
  return `${/^\\?\w+/.exec(text)?.[0].toUpperCase() ?? ""} ‹unparsable, not stored›`.trimStart();
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
