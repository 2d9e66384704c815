// Objects in Google Cloud Storage. An object is one insert, or a resumable session whose last chunk makes it appear;
// reads name the generation they began with.
import { googleIdentity, type GoogleIdentity } from "../credentials/google.ts";
import { endpointOf, type CloudNetwork } from "../credentials/network.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { streamOf, type ByteStream } from "../std/bytes.ts";
import { interruptible } from "../std/interruptible.ts";
import { GcsBucket, userMetadata, type GcsBucketOptions } from "./gcs-bucket.ts";
import { GcsUpload } from "./gcs-upload.ts";
import { checkMetadata } from "./metadata.ts";
import { readResuming, type Gone } from "./resuming.ts";
import type { GetOptions, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "./store.ts";
import { withoutMark } from "./upload-mark.ts";
import { uploadStream } from "./upload.ts";

const SCOPES = ["https://www.googleapis.com/auth/devstorage.read_write"];
const PAGE_OBJECTS = 1000;

/** Other addresses than Google's own. */
export interface GcsAddresses {
  readonly storage?: string;
  readonly impersonation?: string;
}

/**
 * Opens a prefix of a bucket. STORAGE_EMULATOR_HOST names another server, as it does for Google's libraries.
 * @throws ShellError `location/credentials` when CREDENTIALS cannot be read, or this machine has no identity.
 */
export async function openGcsStore(
  location: Location,
  network: CloudNetwork,
  addresses: GcsAddresses = {},
): Promise<GcsStore> {
  const identity = await googleIdentity(location, {
    scopes: SCOPES,
    impersonationEndpoint: addresses.impersonation,
  });
  const endpoint = addresses.storage ?? endpointOf(network, "STORAGE_EMULATOR_HOST", "http://");
  return new GcsStore(location, identity, { endpoint, network });
}

/** A prefix of a bucket. */
export class GcsStore implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities = { atomicIfAbsent: true, metadata: true };
  readonly #bucket: GcsBucket;

  constructor(location: Location, identity: GoogleIdentity, options: GcsBucketOptions) {
    this.#bucket = new GcsBucket(location, identity, options);
    this.label = this.#bucket.names.label;
  }

  async put(key: string, body: ByteStream, options: PutOptions = {}): Promise<ObjectInfo> {
    const { signal, metadata } = options;
    checkMetadata(metadata, this.label);
    this.#bucket.names.nameOf(key);
    signal?.throwIfAborted();
    const upload = new GcsUpload(this.#bucket, { key, metadata, ifAbsent: options.ifAbsent === true });
    const bytes = await uploadStream(body, upload, signal);
    return { key, bytes, ...(metadata === undefined ? {} : { metadata: withoutMark(metadata) }) };
  }

  async get(key: string, options: GetOptions = {}): Promise<ByteStream> {
    const { fromByte = 0, maxBytes, signal } = options;
    const place = this.#bucket.names.place(key);
    const found = await this.#bucket.head(key, signal);
    if (found === undefined)
      throw new ShellError("storage/not-found", `${place} cannot be read: there is no such object`);
    const size = Number(found.size ?? 0);
    const end = Math.min(size, fromByte + (maxBytes ?? size));
    if (fromByte >= end) return streamOf();
    const { generation } = found;
    const reopen = (at: number): Promise<ByteStream | Gone> =>
      this.#bucket.open({ key, generation, fromByte: fromByte + at, lastByte: end - 1 }, signal);
    const translate = (thrown: unknown): unknown => this.#bucket.translate(thrown, key, "be read");
    const bytes = end - fromByte;
    return interruptible(readResuming(undefined, { place, bytes, reopen, translate, signal }), signal);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    const found = await this.#bucket.head(key, signal);
    if (found === undefined) return undefined;
    return { ...infoOf(key, found), metadata: withoutMark(userMetadata(found)) };
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const { names, bucket } = this.#bucket;
    const query = { prefix: names.prefixOf(prefix), maxResults: PAGE_OBJECTS, autoPaginate: false };
    for (let more: { pageToken?: string } | null | undefined = {}; more != null;) {
      const token: { pageToken?: string } = more.pageToken === undefined ? {} : { pageToken: more.pageToken };
      const [files, next] = await this.#bucket.ask("", "be listed", signal, () =>
        bucket.getFiles({ ...query, ...token }),
      );
      for (const { name, metadata } of files) {
        signal?.throwIfAborted();
        const key = names.keyOf(name);
        if (key !== undefined) yield infoOf(key, metadata);
      }
      more = next as { pageToken?: string } | null | undefined;
    }
  }

  async *folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    const { names, bucket } = this.#bucket;
    const query = { prefix: names.prefixOf(prefix), delimiter: "/", maxResults: PAGE_OBJECTS, autoPaginate: false };
    for (let more: { pageToken?: string } | null | undefined = {}; more != null;) {
      const token: { pageToken?: string } = more.pageToken === undefined ? {} : { pageToken: more.pageToken };
      const [files, next, answer] = await this.#bucket.ask("", "be listed", signal, () =>
        bucket.getFiles({ ...query, ...token }),
      );
      const { prefixes = [] } = answer as { readonly prefixes?: readonly string[] };
      const keys = [...files.map(({ name }) => names.keyOf(name)), ...prefixes.map((name) => names.folderOf(name))];
      yield* keys.filter((key) => key !== undefined);
      more = next as { pageToken?: string } | null | undefined;
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const file = this.#bucket.file(key);
    await this.#bucket.ask(key, "be deleted", signal, () => file.delete({ ignoreNotFound: true }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The library keeps no connections of its own.
  }
}

function infoOf(key: string, found: { readonly size?: number | string; readonly updated?: string }): ObjectInfo {
  const modified = found.updated === undefined ? {} : { modified: new Date(found.updated) };
  return { key, bytes: Number(found.size ?? 0), ...modified };
}
