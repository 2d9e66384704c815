import type { ConnectionSettings } from "./connection/settings.ts";
import type { Session } from "./session.ts";
import type { ByteStream } from "./std/bytes.ts";

/** What opens a sealed file: exactly one. Flags name where a secret is, never the secret. */
export type KeySource =
  | { readonly kind: "passphrase-file"; readonly path: string }
  | { readonly kind: "kms"; readonly uri: string }
  | { readonly kind: "master-key-file"; readonly path: string };

export interface DecryptRequest {
  readonly uri: string;
  /** ENCRYPTION_INFO, when it does not lie beside the file. */
  readonly infoUri?: string;
  readonly key: KeySource;
  readonly signal?: AbortSignal;
}

export interface InspectRequest {
  readonly uri: string;
  readonly signal?: AbortSignal;
}

export interface SessionOptions {
  /** An installed pg_dump that reads definitions instead of the built-in one. */
  readonly pgDump?: string;
}

/** All that a front end needs of the outside world. */
export interface Doors {
  readonly version: string;
  /** Variables of the process, read once. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens nothing yet: the session connects when a statement needs a database. */
  readonly openSession: (settings: ConnectionSettings, options?: SessionOptions) => Session;
  /** The clear bytes of one sealed file. Throws ShellError, before the first byte where the key is wrong. */
  readonly decrypt: (request: DecryptRequest) => ByteStream;
  /** What a file is, as lines for people. Needs no key. */
  readonly inspect: (request: InspectRequest) => AsyncIterable<string>;
}
