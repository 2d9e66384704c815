import type { Engine } from "./engines/engine.ts";
import type { ExternalConnections } from "./external/connections.ts";
import type { CreatedKey } from "./kms/creation.ts";
import type { KeyManagementService } from "./kms/kms.ts";
import type { Location } from "./location.ts";
import type { WorkNotes } from "./std/work-notes.ts";
import type { ObjectStore } from "./storage/store.ts";

/** The outside world as one type. Tests pass another one. */
export interface Environment {
  /** The connected database. Throws `engine/connect` when there is none: statements that need no database never ask. */
  engine(): Promise<Engine>;
  openStore(location: Location): Promise<ObjectStore>;
  openKms(location: Location): Promise<KeyManagementService>;
  /** Creates the master key a location names as new. Throws `key/exists`, and what its service throws. */
  createKmsKey(location: Location, signal?: AbortSignal): Promise<CreatedKey>;
  /** The names that `external://` URIs refer to; `openStore` and `openKms` look them up themselves. */
  readonly connections: ExternalConnections;
  /** What RESTOREs of this machine are at; absent where nothing is noted. */
  readonly restoreNotes?: WorkNotes;
  now(): Date;
  /** A new job's id, unique and sortable. */
  newJobId(): string;
  /** Connections and worker threads that one job may use. */
  readonly connectionsMax: number;
}
