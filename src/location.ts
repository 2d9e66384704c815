// A place or a key that a statement names by URI, parsed once at the edge. Facts: schemes and parameters as
// CockroachDB's (BACKUP and KMS URIs), plus `file` and `local-kms`.
import { inspect } from "node:util";
import type { Secret } from "./std/secret.ts";

export type LocationKind = "storage" | "kms";

/** A parsed URI. Secret parameters are `Secret` values; `label` has neither them nor any other parameter. */
export class Location {
  readonly kind: LocationKind;
  /** Lower case, aliases resolved: s3, gs, azure-blob, file, nodelocal, external · aws-kms, gcp-kms, azure-kms, local-kms. */
  readonly scheme: string;
  /** Bucket, container, node id, connection name; empty for file and KMS URIs. */
  readonly host: string;
  /** Percent-decoded, with its leading slash. */
  readonly path: string;
  /** Names in upper case as documented. */
  readonly parameters: ReadonlyMap<string, string | Secret>;
  /** Safe to print. */
  readonly label: string;

  constructor(fields: Omit<Location, "toJSON" | "toString" | "with">) {
    this.kind = fields.kind;
    this.scheme = fields.scheme;
    this.host = fields.host;
    this.path = fields.path;
    this.parameters = fields.parameters;
    this.label = fields.label;
  }

  toString(): string {
    return this.label;
  }

  toJSON(): string {
    return this.label;
  }

  [inspect.custom](): string {
    return `Location(${this.label})`;
  }
}
