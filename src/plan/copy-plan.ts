// What COPY does, once its text has been read.
import type { CopyEncoding } from "../../grammar/index.ts";
import type { Location } from "../location.ts";
import type { Authorization } from "./authorization.ts";
import type { PlanWarning } from "./clauses.ts";
import type { FixedWidthColumn } from "./option-values.ts";
import type { ClientSideEncryption } from "./transfer-encryption.ts";

/** Everything that performing needs to know. */
export interface CopyPlan {
  /** `t`, `s.t` or `d.s.t`. */
  readonly table: readonly string[];
  /** `undefined` for all columns in the table's order. */
  readonly columns: readonly string[] | undefined;
  readonly source: CopySource;
  readonly authorization: Authorization;
  readonly format: CopyFormat;
  /** Of the files once they are decrypted. */
  readonly compression: "none" | "gzip" | "bzip2" | "lzop" | "zstd";
  readonly encryption: { readonly type: "none" } | ClientSideEncryption;
  readonly conversion: CopyConversion;
  readonly load: CopyLoad;
  /** A job of Redshift's instead of one load. */
  readonly job: { readonly name: string; readonly auto: boolean | undefined } | undefined;
  /** A template of Redshift's, which says what the statement leaves unsaid: see `stated`. */
  readonly template: readonly string[] | undefined;
  /** The clauses that the statement has, by name; everything else in the plan is a default. */
  readonly stated: ReadonlySet<string>;
  readonly warnings: readonly PlanWarning[];
}

export type CopySource =
  /** Every object whose key has the location's path as prefix. */
  | { readonly type: "prefix"; readonly location: Location }
  /** The objects that a manifest lists. */
  | { readonly type: "manifest"; readonly location: Location }
  /** What the commands on a list of hosts write; the list is a file. */
  | { readonly type: "ssh"; readonly location: Location }
  | { readonly type: "emr"; readonly cluster: string; readonly path: string }
  /** `readRatio` is the percentage of the table's provisioned throughput to use. */
  | { readonly type: "dynamodb"; readonly table: string; readonly readRatio: number };

export type CopyFormat =
  | { readonly type: "text"; readonly delimiter: number; readonly escape: boolean; readonly removeQuotes: boolean }
  | { readonly type: "fixed-width"; readonly columns: readonly FixedWidthColumn[]; readonly removeQuotes: boolean }
  | { readonly type: "csv"; readonly delimiter: number; readonly quote: string }
  | { readonly type: "json" | "avro"; readonly mapping: NestedMapping }
  | { readonly type: "parquet" | "orc"; readonly serializeToJson: "none" | "all" | readonly string[] }
  | { readonly type: "shapefile"; readonly simplify: Simplify | undefined }
  /** DynamoDB's items. */
  | { readonly type: "items" };

/** How the parts of a document find their columns. */
export type NestedMapping =
  | { readonly type: "names"; readonly ignoreCase: boolean }
  | { readonly type: "paths"; readonly location: Location }
  /** The whole document into one column. */
  | { readonly type: "whole" };

export interface Simplify {
  readonly auto: boolean;
  readonly tolerance: number | undefined;
}

export interface CopyConversion {
  /** Dates that cannot be read become NULL. */
  readonly acceptAnyDate: boolean;
  /** What stands for bytes that are no UTF-8; `undefined` to refuse them. */
  readonly invalidCharacter: string | undefined;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  /** `auto`, or a format. */
  readonly dateFormat: string;
  /** `auto`, `epochsecs`, `epochmillisecs`, or a format. */
  readonly timeFormat: string;
  readonly encoding: CopyEncoding;
  readonly explicitIds: boolean;
  readonly fillRecord: boolean;
  readonly ignoreBlankLines: boolean;
  /** Lines to skip at the beginning of every file. */
  readonly headerLines: number;
  /** `\N`, or what NULL AS says; the byte NUL as one character. */
  readonly nullText: string;
  /** Half up; false to cut digits off. */
  readonly roundDecimals: boolean;
  readonly trimBlanks: boolean;
  readonly truncateColumns: boolean;
}

export interface CopyLoad {
  /** Rows to look at when choosing compression; `undefined` for Redshift's choice. */
  readonly sampleRows: number | undefined;
  /** `undefined` for when the table is empty. */
  readonly compressionUpdate: "ON" | "OFF" | "PRESET" | undefined;
  /** `undefined` for when the table was empty. */
  readonly statisticsUpdate: boolean | undefined;
  /** Rows that may be refused before the load is; `all` for any number. */
  readonly errorsMax: number | "all";
  /** Read and check, load nothing. */
  readonly dryRun: boolean;
}
