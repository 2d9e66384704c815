import { printManifest } from "../formats/redshift-manifest.ts";
import { manifestTypeOf, type SourceColumn } from "../formats/source-column.ts";
import type { PrefixLocation } from "../location-prefix.ts";
import { VERSION } from "../version.ts";
import type { WrittenFile } from "./series.ts";
import type { FileSeal } from "./upload.ts";

export interface ManifestFacts {
  readonly place: PrefixLocation;
  readonly files: readonly WrittenFile[];
  /** Of the query, those of PARTITION BY among them. */
  readonly columns: readonly SourceColumn[];
  readonly isVerbose: boolean;
  readonly seal: FileSeal | undefined;
}

/** The text of the manifest. Every entry is mandatory where the list is authenticated. */
export function unloadManifest({ place, files, columns, isVerbose, seal }: ManifestFacts): string {
  const entries = files.map(({ key, storedBytes, records, hmac }) => ({
    url: place.urlOf(key),
    contentLength: storedBytes,
    recordCount: records,
    ...(hmac === undefined ? {} : { hmac, mandatory: true }),
  }));
  const verbose = {
    columns: columns.map((column) => ({ name: column.name, type: manifestTypeOf(column) })),
    author: { name: "Sealift", version: VERSION },
  };
  return printManifest({
    entries,
    ...(isVerbose ? { verbose } : {}),
    ...(seal === undefined ? {} : { hmac: seal.macs.ofManifest(files.map(({ hmac = "" }) => hmac)) }),
  });
}
