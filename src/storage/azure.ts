// Objects in Azure Blob Storage: block blobs, whose list of blocks makes them appear; reads name the ETag they began
// with.
import { endpointOf, type CloudNetwork } from "../credentials/network.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { streamOf, type ByteStream } from "../std/bytes.ts";
import { interruptible } from "../std/interruptible.ts";
import { AzureContainer, isFolder, type AzureAddresses } from "./azure-container.ts";
import { azureCode, azureStatus } from "./azure-errors.ts";
import { plainMetadata } from "./azure-metadata.ts";
import { AzureUpload } from "./azure-upload.ts";
import { checkMetadata } from "./metadata.ts";
import { readResuming, type Gone } from "./resuming.ts";
import type { GetOptions, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "./store.ts";
import { withoutMark } from "./upload-mark.ts";
import { uploadStream } from "./upload.ts";

const PAGE_OBJECTS = 1000;

/**
 * Opens a prefix of a container. AZURE_STORAGE_ENDPOINT names another Blob endpoint than the account's own. Throws
 * `location/invalid` for one that is no address.
 */
export function openAzureStore(location: Location, network: CloudNetwork, addresses: AzureAddresses = {}): AzureStore {
  const endpoint = endpointOf(network, "AZURE_STORAGE_ENDPOINT");
  const storage = endpoint === undefined ? {} : { storage: endpoint };
  const trust = network.certificates === undefined ? {} : { certificate: network.certificates };
  return new AzureStore(location, { ...storage, ...trust, ...addresses }, network);
}

/** A prefix of a container. */
export class AzureStore implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities = { atomicIfAbsent: true, metadata: true };
  readonly #container: AzureContainer;

  constructor(location: Location, addresses: AzureAddresses, network: CloudNetwork) {
    this.#container = new AzureContainer(location, addresses, network);
    this.label = this.#container.names.label;
  }

  async put(key: string, body: ByteStream, options: PutOptions = {}): Promise<ObjectInfo> {
    const { signal, metadata } = options;
    checkMetadata(metadata, this.label);
    this.#container.names.nameOf(key);
    signal?.throwIfAborted();
    const upload = new AzureUpload(this.#container, { key, metadata, ifAbsent: options.ifAbsent === true });
    const bytes = await uploadStream(body, upload, signal);
    return { key, bytes, ...(metadata === undefined ? {} : { metadata: withoutMark(metadata) }) };
  }

  async get(key: string, options: GetOptions = {}): Promise<ByteStream> {
    const { fromByte = 0, maxBytes, signal } = options;
    const place = this.#container.names.place(key);
    const found = await this.#container.head(key, signal);
    if (found === undefined)
      throw new ShellError("storage/not-found", `${place} cannot be read: there is no such object`);
    const size = found.contentLength ?? 0;
    const bytes = Math.min(size, fromByte + (maxBytes ?? size)) - fromByte;
    if (bytes <= 0) return streamOf();
    const reopen = (at: number): Promise<ByteStream | Gone> =>
      this.#container.open({ key, version: found.etag, fromByte: fromByte + at, bytes: bytes - at }, signal);
    const translate = (thrown: unknown): unknown => this.#container.translate(thrown, key, "be read");
    return interruptible(readResuming(undefined, { place, bytes, reopen, translate, signal }), signal);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    const found = await this.#container.head(key, signal);
    if (found === undefined) return undefined;
    const modified = found.lastModified === undefined ? {} : { modified: found.lastModified };
    const metadata = withoutMark(plainMetadata(found.metadata));
    return { key, bytes: found.contentLength ?? 0, ...modified, metadata };
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const { names, client } = this.#container;
    const query = { prefix: names.prefixOf(prefix), includeMetadata: true };
    for (let token: string | undefined, hasMore = true; hasMore;) {
      const settings = { maxPageSize: PAGE_OBJECTS, ...(token === undefined ? {} : { continuationToken: token }) };
      const page = await this.#container.ask("", "be listed", signal, async (options) => {
        const pages = client.listBlobsFlat({ ...query, ...options }).byPage(settings);
        for await (const one of pages) return one;
        return undefined;
      });
      for (const { name, properties, metadata } of page?.segment.blobItems ?? []) {
        signal?.throwIfAborted();
        const key = names.keyOf(name);
        if (key === undefined || isFolder(metadata)) continue;
        yield { key, bytes: properties.contentLength ?? 0, modified: properties.lastModified };
      }
      token = page?.continuationToken;
      hasMore = token !== undefined && token !== "";
    }
  }

  async *folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    const { names, client } = this.#container;
    const query = { prefix: names.prefixOf(prefix), includeMetadata: true };
    for (let token: string | undefined, hasMore = true; hasMore;) {
      const settings = { maxPageSize: PAGE_OBJECTS, ...(token === undefined ? {} : { continuationToken: token }) };
      const page = await this.#container.ask("", "be listed", signal, async (options) => {
        for await (const one of client.listBlobsByHierarchy("/", { ...query, ...options }).byPage(settings)) return one;
        return undefined;
      });
      const blobs = (page?.segment.blobItems ?? []).filter(({ metadata }) => !isFolder(metadata));
      const folders = page?.segment.blobPrefixes ?? [];
      const keys = [...blobs.map(({ name }) => names.keyOf(name)), ...folders.map(({ name }) => names.folderOf(name))];
      yield* keys.filter((key) => key !== undefined);
      token = page?.continuationToken;
      hasMore = token !== undefined && token !== "";
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#container.ask(key, "be deleted", signal, (options) => this.#container.blob(key).delete(options));
    } catch (thrown) {
      const cause = thrown instanceof ShellError ? thrown.cause : undefined;
      // A folder of a hierarchical namespace is no object.
      const isMissing = azureStatus(cause) === 404 || azureCode(cause) === "DirectoryIsNotEmpty";
      if (!isMissing) throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The SDK keeps no connections of its own.
  }
}
