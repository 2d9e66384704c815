import { join } from "node:path";
import type { CloudNetwork } from "../credentials/network.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { ObjectStore } from "./store.ts";
import { UploadNotes } from "./upload-notes.ts";

export interface OpenStoreOptions {
  /** The external I/O directory, absolute: what `nodelocal` URIs are below. */
  readonly externDirectory: string;
  /** How the clouds are reached. */
  readonly network: CloudNetwork;
  /** Where uploads are noted while they are under way; without it they are not. */
  readonly uploadNotes?: string;
}

/**
 * Opens the store a location names. No storage is touched yet. A location with the scheme `external` must have been
 * replaced by the connection's own.
 * @throws ShellError `engine/unsupported` for a scheme without an adapter.
 */
export async function openStore(location: Location, options: OpenStoreOptions): Promise<ObjectStore> {
  switch (location.scheme) {
    case "file":
      return openLocal(location.path, location.label, options);
    case "nodelocal":
      return openLocal(join(options.externDirectory, location.path), location.label, options);
    case "s3": {
      const { S3Store } = await import("./s3.ts");
      return new S3Store(location, options.network, new UploadNotes(options.uploadNotes));
    }
    case "gs": {
      const { openGcsStore } = await import("./gcs.ts");
      return openGcsStore(location, options.network);
    }
    case "azure-blob": {
      const { openAzureStore } = await import("./azure.ts");
      return openAzureStore(location, options.network);
    }
    default:
      throw new ShellError("engine/unsupported", `${location.scheme} storage is not supported yet`, {
        hint: "use file:// or nodelocal:// storage",
      });
  }
}

// Adapters are loaded when they are first needed: a session that works on local files never loads a cloud's SDK.
async function openLocal(root: string, label: string, { uploadNotes }: OpenStoreOptions): Promise<ObjectStore> {
  const { LocalStore } = await import("./local.ts");
  return new LocalStore({ root, label, notes: new UploadNotes(uploadNotes) });
}
