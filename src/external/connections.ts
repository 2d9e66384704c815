// External connections: names for places and master keys, so that statements need not repeat URIs and credentials.
import { ShellError } from "../errors.ts";
import type { LocationComplaint } from "../location-check.ts";
import { locationError, parseKmsLocation, parseStorageLocation } from "../location-parse.ts";
import { findScheme } from "../location-schemes.ts";
import { splitUri } from "../location-uri.ts";
import { joinLocation, type Location, type LocationKind } from "../location.ts";
import { nearest } from "../std/nearest.ts";
import { no, type Result } from "../std/result.ts";
import type { ConnectionUri } from "./connection-uri.ts";

export interface ExternalConnection {
  readonly name: string;
  readonly uri: ConnectionUri;
}

/** A catalogue of external connections. Every method throws `shell/file` when it cannot be read or written. */
export interface ExternalConnections {
  /** In the order of their names. */
  all(): Promise<readonly ExternalConnection[]>;
  /** Throws `connection/exists`. */
  create(connection: ExternalConnection): Promise<void>;
  /** Gives an existing one another URI. Throws `connection/not-found`. */
  replace(connection: ExternalConnection): Promise<void>;
  /** Throws `connection/not-found`. */
  drop(name: string): Promise<void>;
}

/** What a connection is for, in CockroachDB's words. */
export type ConnectionType = "STORAGE" | "KMS";

export function connectionType(kind: LocationKind): ConnectionType {
  return kind === "kms" ? "KMS" : "STORAGE";
}

/** Reads the URI of a connection: what it is for comes from its scheme, and for `gs` from whether it has a bucket. */
export function parseConnectionUri(uri: string): Result<Location, LocationComplaint> {
  const parts = splitUri(uri.trim());
  const scheme = parts?.scheme.toLowerCase() ?? "";
  if (scheme === "external") {
    return no({
      code: "location/invalid",
      message: "an external connection cannot lead to another one",
      hint: "give the URI that the other connection has",
    });
  }
  const isKey = findScheme("kms", scheme) !== undefined;
  const isPlace = findScheme("storage", scheme) !== undefined;
  if (isKey && (!isPlace || parts?.authority === "")) return parseKmsLocation(uri);
  return parseStorageLocation(uri);
}

/** The connection of that name. Throws `connection/not-found`. */
export async function findConnection(connections: ExternalConnections, name: string): Promise<ExternalConnection> {
  const all = await connections.all();
  return all.find((connection) => connection.name === name) ?? throwNotFound(name, all);
}

export function throwNotFound(name: string, all: readonly ExternalConnection[]): never {
  const near = nearest(
    name,
    all.map((connection) => connection.name),
  );
  throw new ShellError("connection/not-found", `there is no external connection ${name}`, {
    hint: near === undefined ? "SHOW EXTERNAL CONNECTIONS lists them" : `did you mean ${near}?`,
  });
}

/**
 * Replaces `external://name/below` by what the connection leads to; other locations stay as they are. The label stays
 * the one that was typed.
 * @throws ShellError `connection/not-found`; `location/invalid` when the connection is for the other kind of thing.
 */
export async function resolveExternal(location: Location, connections: ExternalConnections): Promise<Location> {
  if (location.scheme !== "external") return location;
  const connection = await findConnection(connections, location.host);
  const parsed = parseConnectionUri(connection.uri.reveal());
  if (!parsed.ok) throw locationError(parsed.error);
  const target = parsed.value;
  if (target.kind !== location.kind) {
    const [user, type] = location.kind === "kms" ? ["KMS", "STORAGE"] : ["storage", "KMS"];
    throw new ShellError("location/invalid", `${user} cannot use object of type ${type}`, {
      detail: [`external connection ${connection.name} leads to ${target.label}`],
      hint: "SHOW EXTERNAL CONNECTIONS lists what each of them is for",
    });
  }
  const parameters = new Map([...target.parameters, ...location.parameters]);
  return joinLocation(target, location.path).with({ parameters, label: location.label });
}
