// What UNLOAD does, once its text has been read.
import type { Span } from "../../grammar/index.ts";
import type { Location } from "../location.ts";
import type { Authorization } from "./authorization.ts";
import type { PlanWarning } from "./clauses.ts";
import type { QueryPlace } from "./query.ts";
import type { FixedWidthColumn } from "./option-values.ts";
import type { ClientSideEncryption } from "./transfer-encryption.ts";

/** Everything that performing needs to know. */
export interface UnloadPlan {
  /** One SELECT; it may end in a comment, so a newline must follow before anything else does. */
  readonly query: string;
  readonly queryPlace: QueryPlace;
  /** The prefix of every object's key, with the parameters that the clauses stand for. */
  readonly target: Location;
  readonly authorization: Authorization;
  readonly format: UnloadFormat;
  /** Before encryption. */
  readonly compression: "none" | "gzip" | "bzip2" | "zstd";
  readonly encryption: UnloadEncryption;
  readonly manifest: "none" | "plain" | "verbose";
  /** What becomes of objects that have the prefix already. */
  readonly existing: "refuse" | "overwrite" | "delete-first";
  /** False for one series of files in the query's order. */
  readonly parallel: boolean;
  /** Of a file as it is written; the manifest has no bound. */
  readonly fileBytesMax: number;
  /** The end of every file's name, without its first dot; replaces the compression's own. */
  readonly extension: string | undefined;
  readonly partition: UnloadPartition | undefined;
  readonly places: UnloadPlaces;
  readonly warnings: readonly PlanWarning[];
}

/** Where in the statement the clauses stand that are complained about once the destination and the columns are known. */
export interface UnloadPlaces {
  readonly target: Span;
  /** The format's clause; none for delimited text by default. */
  readonly format?: Span;
  readonly partition?: Span;
  /** The columns that PARTITION BY names, in order. */
  readonly partitionColumns?: readonly Span[];
}

export interface UnloadPartition {
  /** In the order of the folders. */
  readonly columns: readonly string[];
  /** Whether the files hold the columns too. */
  readonly include: boolean;
}

export type UnloadFormat =
  | ({ readonly type: "text"; readonly escape: boolean; readonly addQuotes: boolean } & DelimitedFormat)
  | ({ readonly type: "csv" } & DelimitedFormat)
  | {
      readonly type: "fixed-width";
      readonly columns: readonly FixedWidthColumn[];
      /** `undefined` for blanks. */
      readonly nullText: string | undefined;
      readonly escape: boolean;
      readonly addQuotes: boolean;
    }
  | { readonly type: "json" }
  | { readonly type: "parquet"; readonly rowGroupBytes: number };

export interface DelimitedFormat {
  /** ASCII. */
  readonly delimiter: number;
  readonly nullText: string;
  /** Whether every file begins with the columns' names. */
  readonly header: boolean;
}

export type UnloadEncryption =
  /** Nothing was asked for. */
  | { readonly type: "none" }
  /** Server-side, with S3's own key. */
  | { readonly type: "sse-s3" }
  /** Server-side, with the key that the bucket has by default. */
  | { readonly type: "bucket-default" }
  | { readonly type: "sse-kms"; readonly keyId: string }
  | ClientSideEncryption;
