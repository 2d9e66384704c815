// One line of history.jsonl: {"at":"2026-11-21T07:18:26.120Z","profile":"prod","database":"shop","sql":"…","ms":12,"status":"ok"}.
// Secrets in `sql` are references. Lines that cannot be read, as of a later version or a disk that was full, are passed
// over.

import type { HistoryEntry } from "./history.ts";

export function printEntry(entry: HistoryEntry): string {
  const { atMs, profile, database, text, elapsedMs, failed } = entry;
  const status = entry.status ?? (failed === undefined ? undefined : failed ? "failed" : "ok");
  const at = new Date(atMs).toISOString();
  const ms = elapsedMs === undefined ? undefined : Math.round(elapsedMs);
  return `${JSON.stringify({ at, profile, database, sql: text, ms, status })}\n`;
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
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null) return undefined;
  const { at, profile, database, sql, ms, status } = fields as Readonly<Record<string, unknown>>;
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (typeof sql !== "string" || Number.isNaN(atMs)) return undefined;
  return {
    atMs,
    text: sql,
    ...(typeof profile === "string" ? { profile } : {}),
    ...(typeof database === "string" ? { database } : {}),
    ...(typeof ms === "number" ? { elapsedMs: ms } : {}),
    ...(typeof status === "string" ? { status, failed: status !== "ok" } : {}),
  };
}
