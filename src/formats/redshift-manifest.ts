// The list of files that UNLOAD … MANIFEST writes and COPY … MANIFEST reads: JSON, UTF-8, in the clear whatever the
// files are. Redshift's reader looks at `url`, `mandatory` and `meta.content_length` and leaves out what it does not
// know, so our own members (`meta.hmac`, `hmac`) disturb nobody.
//
//   { "entries": [ { "url": "…", "mandatory": true, "meta": { "content_length": n, "record_count": n, "hmac": "…" } } ],
//     "schema": { "elements": [ { "name": "…", "type": { "base": "…", … } } ] },     VERBOSE
//     "meta": { "content_length": n, "record_count": n },                            VERBOSE
//     "author": { "name": "…", "version": "…" },                                     VERBOSE
//     "hmac": "…" }                                                                  client-side encrypted
import { ShellError } from "../errors.ts";

export interface ManifestEntry {
  /** Scheme, host and raw key: nothing in it is percent-encoded, and it has no parameters. */
  readonly url: string;
  /** Whether a missing file is an error; absent means no. */
  readonly mandatory?: boolean;
  /** As stored: compressed and encrypted. */
  readonly contentLength?: number;
  /** Lines of headers count too. */
  readonly recordCount?: number;
  /** {@link FileMacs.ofFile}, in hex; only ours. */
  readonly hmac?: string;
}

/** A column's type as Redshift names it. */
export interface ManifestType {
  readonly base: string;
  readonly max_length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

export interface RedshiftManifest {
  readonly entries: readonly ManifestEntry[];
  /** All of it or nothing: VERBOSE. */
  readonly verbose?: {
    readonly columns: readonly { readonly name: string; readonly type: ManifestType }[];
    readonly author: { readonly name: string; readonly version: string };
  };
  /** {@link FileMacs.ofManifest}, in hex; only ours. */
  readonly hmac?: string;
}

/** The manifest's text; one entry a line. */
export function printManifest(manifest: RedshiftManifest): string {
  const entries = manifest.entries.map((entry) => `  ${JSON.stringify(printedEntry(entry, manifest))}`);
  const members = [`"entries":[\n${entries.join(",\n")}\n]`];
  const { verbose, hmac } = manifest;
  if (verbose !== undefined) {
    const schema = { elements: verbose.columns.map(({ name, type }) => ({ name, type })) };
    const meta = { content_length: sum(manifest, "contentLength"), record_count: sum(manifest, "recordCount") };
    members.push(
      `"schema":${JSON.stringify(schema)}`,
      `"meta":${JSON.stringify(meta)}`,
      `"author":${JSON.stringify(verbose.author)}`,
    );
  }
  if (hmac !== undefined) members.push(`"hmac":${JSON.stringify(hmac)}`);
  return `{${members.join(",\n")}}\n`;
}

function printedEntry(entry: ManifestEntry, { verbose }: RedshiftManifest): unknown {
  const { url, mandatory, contentLength, recordCount, hmac } = entry;
  const meta = {
    ...(contentLength === undefined ? {} : { content_length: contentLength }),
    ...(verbose === undefined || recordCount === undefined ? {} : { record_count: recordCount }),
    ...(hmac === undefined ? {} : { hmac }),
  };
  return {
    url,
    ...(mandatory === undefined ? {} : { mandatory }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
}

function sum({ entries }: RedshiftManifest, member: "contentLength" | "recordCount"): number {
  return entries.reduce((total, entry) => total + (entry[member] ?? 0), 0);
}

/**
 * Reads a manifest of ours, of Redshift's, or one written by hand; members it does not know are left out. The schema
 * of a VERBOSE one is not read.
 * @param label what to call it in errors.
 * @throws ShellError `option/value` with Redshift's text when it is no manifest.
 */
export function parseManifest(text: string, label: string): RedshiftManifest {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (cause) {
    throw malformed(label, "it is not JSON", cause);
  }
  if (!isRecord(value) || !Array.isArray(value["entries"])) throw malformed(label, "it has no list of entries");
  const entries = value["entries"].map((entry: unknown, index) => readEntry(entry, `entry ${index + 1}`, label));
  const hmac = value["hmac"];
  return { entries, ...(typeof hmac === "string" ? { hmac } : {}) };
}

function readEntry(value: unknown, which: string, label: string): ManifestEntry {
  if (!isRecord(value) || typeof value["url"] !== "string") throw malformed(label, `${which} has no url`);
  const { url, mandatory, meta } = value;
  if (mandatory !== undefined && typeof mandatory !== "boolean")
    throw malformed(label, `mandatory of ${which} is neither true nor false`);
  const facts = isRecord(meta) ? meta : {};
  const [contentLength, recordCount] = [numberOf(facts["content_length"]), numberOf(facts["record_count"])];
  const hmac = facts["hmac"];
  return {
    url,
    ...(mandatory === undefined ? {} : { mandatory }),
    ...(contentLength === undefined ? {} : { contentLength }),
    ...(recordCount === undefined ? {} : { recordCount }),
    ...(typeof hmac === "string" ? { hmac } : {}),
  };
}

function numberOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(label: string, why: string, cause?: unknown): ShellError {
  return new ShellError("option/value", "Manifest file is not in correct json format", {
    detail: [`${label}: ${why}`],
    hint: 'a manifest is {"entries":[{"url":"…","mandatory":true}, …]}, uncompressed and not encrypted',
    ...(cause === undefined ? {} : { cause }),
  });
}
