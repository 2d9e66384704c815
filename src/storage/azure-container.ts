import type { Readable } from "node:stream";
import {
  BlobServiceClient,
  StorageSharedKeyCredential,
  type BlobGetPropertiesResponse,
  type BlockBlobClient,
  type ContainerClient,
} from "@azure/storage-blob";
import { azureCloud, azureIdentity, type AzureAuthority } from "../credentials/azure.ts";
import { answerMs, STORE_TIMES, type CloudNetwork, type NetworkTimes } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { ByteStream } from "../std/bytes.ts";
import { withinDeadline } from "../std/deadline.ts";
import { azureCode, azureError, azureStatus } from "./azure-errors.ts";
import type { Action } from "./cloud-errors.ts";
import { ObjectNames } from "./object-names.ts";
import { untilSilent, type Gone } from "./resuming.ts";

/** Other addresses than Azure's own. */
export interface AzureAddresses {
  /** The account's Blob endpoint; the account's name is a part of it where the server wants that. */
  readonly storage?: string;
  readonly authority?: AzureAuthority;
  /** PEM certificate of the storage endpoint. */
  readonly certificate?: string;
}

const TRIES_MAX = 5;
const FIRST_PAUSE_MS = 200;

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
  readonly #times: NetworkTimes;
  readonly #principal: string;

  constructor(location: Location, addresses: AzureAddresses, network: CloudNetwork) {
    this.#times = { ...STORE_TIMES, ...network.times };
    this.#principal = principalOf(location);
    const account = location.text("AZURE_ACCOUNT_NAME") ?? "";
    const url = addresses.storage ?? `https://${account}.blob.${azureCloud(location).storageSuffix}`;
    const key = location.secret("AZURE_ACCOUNT_KEY");
    const credential =
      key === undefined
        ? azureIdentity(location, { network, authority: addresses.authority })
        : new StorageSharedKeyCredential(account, key.reveal());
    const tls = addresses.certificate === undefined ? {} : { tlsOptions: { ca: addresses.certificate } };
    const service = new BlobServiceClient(url, credential, {
      retryOptions: {
        maxTries: TRIES_MAX,
        retryDelayInMs: Math.min(FIRST_PAUSE_MS, this.#times.pauseMs),
        maxRetryDelayInMs: this.#times.pauseMs,
      },
      ...tls,
    });
    this.client = service.getContainerClient(location.host);
    this.names = new ObjectNames(location.path, location.label);
  }

  blob(key: string): BlockBlobClient {
    return this.client.getBlockBlobClient(this.names.nameOf(key));
  }

  /**
   * Waits for one request; the library knows no end of waiting.
   * @param key for messages; empty when it is about the whole store.
   * @param bytes how long its body is.
   * @throws ShellError what the failure means; the signal's reason when it aborted.
   */
  async ask<T>(
    key: string,
    action: Action,
    signal: AbortSignal | undefined,
    request: (options: { abortSignal: AbortSignal }) => Promise<T>,
    bytes = 0,
  ): Promise<T> {
    try {
      return await withinDeadline(answerMs(this.#times, bytes), signal, async (abortSignal) =>
        request({ abortSignal }),
      );
    } catch (thrown) {
      signal?.throwIfAborted();
      throw this.translate(thrown, key, action);
    }
  }

  translate(thrown: unknown, key: string, action: Action): unknown {
    const place = key === "" ? this.names.label : this.names.place(key);
    return azureError(thrown, { container: this.client.containerName, place, action, principal: this.#principal });
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

  /** Bytes of the version, or what became of it. */
  async open({ key, version, fromByte, bytes }: AzureRange, signal?: AbortSignal): Promise<ByteStream | Gone> {
    try {
      const found = await this.ask(key, "be read", signal, (options) =>
        this.blob(key).download(fromByte, bytes, {
          ...options,
          // Going on after a break is done above, where the bytes are counted.
          maxRetryRequests: 0,
          ...(version === undefined ? {} : { conditions: { ifMatch: version } }),
        }),
      );
      return untilSilent(found.readableStreamBody as Readable, this.#times.silenceMs, signal);
    } catch (thrown) {
      const status = thrown instanceof ShellError ? azureStatus(thrown.cause) : undefined;
      if (status === 404) return "deleted";
      if (status === 412) return "replaced";
      throw thrown;
    }
  }
}

/** Accounts with a hierarchical namespace list their folders among the objects. */
export function isFolder(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return metadata?.["hdi_isfolder"] === "true";
}
