// One line of history.jsonl: {"at":"2026-11-21T07:18:26.120Z","profile":"prod","database":"shop","sql":"…","ms":12,"status":"ok"}.
// Secrets in `sql` are references. Lines that cannot be read, as of a later version or a disk that was full, are passed
// over.

export interface HistoryEntry {
  /** When it was submitted. */
  readonly at: Date;
  /** The profile's name, or where the connection went; empty without one. */
  readonly profile: string;
  readonly database: string;
  /** As typed, secrets as references. */
  readonly sql: string;
  readonly elapsedMs: number;
  /** `ok`, or the code of the error. */
  readonly status: string;
}

export function printEntry({ at, profile, database, sql, elapsedMs, status }: HistoryEntry): string {
  const ms = Math.round(elapsedMs);
  return `${JSON.stringify({ at: at.toISOString(), profile, database, sql, ms, status })}\n`;
}

/** Entries in the order of the file, which is that in which they ended; a line that is there twice counts once. */
export function parseEntries(text: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || seen.has(line)) continue;
    seen.add(line);
    const entry = parseEntry(line);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseEntry(line: string): HistoryEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("sql" in value) || typeof value.sql !== "string") return undefined;
  const text = (name: string): string => {
    const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    return typeof found === "string" ? found : "";
  };
  const at = new Date(text("at"));
  if (Number.isNaN(at.getTime())) return undefined;
  const ms = "ms" in value && typeof value.ms === "number" ? value.ms : 0;
  return {
    at,
    profile: text("profile"),
    database: text("database"),
    sql: value.sql,
    elapsedMs: ms,
    status: text("status"),
  };
}
