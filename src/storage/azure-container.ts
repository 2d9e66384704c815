import type { Readable } from "node:stream";
import {
  BlobServiceClient,
  StorageSharedKeyCredential,
  type BlobGetPropertiesResponse,
  type BlockBlobClient,
  type ContainerClient,
} from "@azure/storage-blob";
import { azureCloud, azureIdentity, type AzureAuthority } from "../credentials/azure.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { ByteStream } from "../std/bytes.ts";
import { azureCode, azureError, azureStatus } from "./azure-errors.ts";
import type { Action } from "./cloud-errors.ts";
import { ObjectNames } from "./object-names.ts";
import { untilAborted } from "./resuming.ts";

/** Other addresses than Azure's own. */
export interface AzureAddresses {
  /** The account's Blob endpoint; the account's name is a part of it where the server wants that. */
  readonly storage?: string;
  readonly authority?: AzureAuthority;
  /** PEM certificate of the storage endpoint. */
  readonly certificate?: string;
}

const RETRIES = { maxTries: 5, tryTimeoutInMs: 60_000, retryDelayInMs: 200, maxRetryDelayInMs: 4000 };

/** Which bytes of which version of an object. */
export interface AzureRange {
  readonly key: string;
  readonly version: string | undefined;
  readonly fromByte: number;
  readonly bytes: number;
}

/** Requests to one container; every failure comes out in the words of storage. */
export class AzureContainer {
  readonly names: ObjectNames;
  readonly client: ContainerClient;

  constructor(location: Location, addresses: AzureAddresses) {
    const account = location.text("AZURE_ACCOUNT_NAME") ?? "";
    const url = addresses.storage ?? `https://${account}.blob.${azureCloud(location).storageSuffix}`;
    const key = location.secret("AZURE_ACCOUNT_KEY");
    const credential =
      key === undefined
        ? azureIdentity(location, addresses.authority)
        : new StorageSharedKeyCredential(account, key.reveal());
    const tls = addresses.certificate === undefined ? {} : { tlsOptions: { ca: addresses.certificate } };
    const service = new BlobServiceClient(url, credential, { retryOptions: RETRIES, ...tls });
    this.client = service.getContainerClient(location.host);
    this.names = new ObjectNames(location.path, location.label);
  }

  blob(key: string): BlockBlobClient {
    return this.client.getBlockBlobClient(this.names.nameOf(key));
  }

  /**
   * Waits for one request.
   * @param key for messages; empty when it is about the whole store.
   * @throws ShellError what the failure means; the signal's reason when it aborted.
   */
  async ask<T>(
    key: string,
    action: Action,
    signal: AbortSignal | undefined,
    request: (options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await request(signal === undefined ? {} : { abortSignal: signal });
    } catch (thrown) {
      signal?.throwIfAborted();
      throw this.translate(thrown, key, action);
    }
  }

  translate(thrown: unknown, key: string, action: Action): unknown {
    const place = key === "" ? this.names.label : this.names.place(key);
    return azureError(thrown, { container: this.client.containerName, place, action });
  }

  /** `undefined` when there is no such object, or only a folder of that name. */
  async head(key: string, signal?: AbortSignal): Promise<BlobGetPropertiesResponse | undefined> {
    return this.ask(key, "be looked at", signal, async (options) => {
      try {
        const found = await this.blob(key).getProperties(options);
        return isFolder(found.metadata) ? undefined : found;
      } catch (thrown) {
        if (azureStatus(thrown) === 404 && azureCode(thrown) !== "ContainerNotFound") return undefined;
        throw thrown;
      }
    });
  }

  /** @throws ShellError `storage/unavailable` for good when the version is gone. */
  async open({ key, version, fromByte, bytes }: AzureRange, signal?: AbortSignal): Promise<ByteStream | undefined> {
    try {
      const found = await this.ask(key, "be read", signal, (options) =>
        this.blob(key).download(fromByte, bytes, {
          ...options,
          // Going on after a break is done above, where the bytes are counted.
          maxRetryRequests: 0,
          ...(version === undefined ? {} : { conditions: { ifMatch: version } }),
        }),
      );
      return untilAborted(found.readableStreamBody as Readable, signal);
    } catch (thrown) {
      if (thrown instanceof ShellError && [404, 412].includes(azureStatus(thrown.cause) ?? 0)) return undefined;
      throw thrown;
    }
  }
}

/** Accounts with a hierarchical namespace list their folders among the objects. */
export function isFolder(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return metadata?.["hdi_isfolder"] === "true";
}
