// A place or a key that a statement names by URI, parsed once at the edge. Facts: schemes and parameters as
// CockroachDB's (BACKUP and KMS URIs), plus `file` and `local-kms`.
import { inspect } from "node:util";
import { ShellError } from "./errors.ts";
import { Secret } from "./std/secret.ts";

export type LocationKind = "storage" | "kms";

export interface LocationFields {
  readonly kind: LocationKind;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string | Secret>;
  readonly label: string;
}

/** A parsed URI. Secret parameters are `Secret` values; `label` has neither them nor any other parameter. */
export class Location implements LocationFields {
  readonly kind: LocationKind;
  /** Lower case, aliases resolved: s3, gs, azure-blob, file, nodelocal, external · aws-kms, gcp-kms, azure-kms, local-kms. */
  readonly scheme: string;
  /** Bucket, container, node id, connection name; empty for file and KMS URIs. */
  readonly host: string;
  /** Percent-decoded, with its leading slash; empty when the URI has none. */
  readonly path: string;
  /** Names in upper case as documented; none is empty. */
  readonly parameters: ReadonlyMap<string, string | Secret>;
  /** Safe to print. */
  readonly label: string;

  constructor(fields: LocationFields) {
    this.kind = fields.kind;
    this.scheme = fields.scheme;
    this.host = fields.host;
    this.path = fields.path;
    this.parameters = fields.parameters;
    this.label = fields.label;
  }

  /** A copy with some fields changed. */
  with(changed: Partial<LocationFields>): Location {
    const { kind, scheme, host, path, parameters, label } = this;
    return new Location({ kind, scheme, host, path, parameters, label, ...changed });
  }

  /** A parameter that is no secret; `undefined` when it is not given. */
  text(name: string): string | undefined {
    const value = this.parameters.get(name);
    return value instanceof Secret ? undefined : value;
  }

  /** A parameter that is a secret; `undefined` when it is not given. */
  secret(name: string): Secret | undefined {
    const value = this.parameters.get(name);
    return value instanceof Secret ? value : undefined;
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

/**
 * The location of something below a location; parameters stay.
 * @param below parts between slashes; a leading slash changes nothing.
 * @throws ShellError `location/invalid` when a part is `..`, which would lead out.
 */
export function joinLocation(location: Location, below: string): Location {
  const parts = below.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw new ShellError("location/invalid", `${below} leads out of ${location.label}`, {
      hint: "name a folder below the location, without ..",
    });
  }
  const tail = parts.map((part) => `/${part}`).join("");
  return location.with({
    path: location.path.replace(/\/+$/u, "") + tail,
    label: location.label.replace(/\/+$/u, "") + tail,
  });
}
