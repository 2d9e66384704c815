// What a crash leaves of a multipart upload: parts that nobody sees and everybody pays for. S3 keeps them until they are
// aborted, and does not tell who began them. So an upload is taken for dead when a process of this machine noted it and is
// gone; or else only when its name is one that the caller gives its own objects, and neither its beginning nor its newest
// part is younger than the caller's longest silence.
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from "@aws-sdk/client-s3";
import { ShellError } from "../errors.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Status } from "./s3-errors.ts";
import type { Leftovers } from "./store.ts";

/** @returns how many uploads were aborted. Throws what listing them throws; one that cannot be aborted is left. */
export async function abortLeftovers(bucket: S3Bucket, leftovers: Leftovers, signal?: AbortSignal): Promise<number> {
  const noted = await abortNoted(bucket, leftovers.prefix, signal);
  try {
    return noted + (await abortListed(bucket, leftovers, signal));
  } catch (thrown) {
    // Not everybody may list uploads, and not every store does it by prefix.
    if (noted === 0) throw thrown;
    signal?.throwIfAborted();
    return noted;
  }
}

/** Needs no list, so neither the permission for it. */
async function abortNoted(bucket: S3Bucket, prefix: string, signal: AbortSignal | undefined): Promise<number> {
  const below = bucket.names.prefixOf(prefix);
  let aborted = 0;
  for (const dead of await bucket.notes.ofTheDead(bucket.noted)) {
    const { name, uploadId } = dead;
    if (!name.startsWith(below)) continue;
    const command = new AbortMultipartUploadCommand({ Bucket: bucket.bucket, Key: name, UploadId: uploadId });
    try {
      await bucket.ask(name, "be deleted", signal, (client, options) => client.send(command, options));
      aborted += 1;
    } catch (thrown) {
      signal?.throwIfAborted();
      // Its writer died between the publication, or the abort, and striking the note.
      const isGone = thrown instanceof ShellError && s3Status(thrown.cause) === 404;
      if (!isGone) continue;
    }
    await dead.forget();
  }
  return aborted;
}

async function abortListed(bucket: S3Bucket, leftovers: Leftovers, signal?: AbortSignal): Promise<number> {
  const deadBefore = Date.now() - leftovers.idleMs;
  let aborted = 0;
  for await (const upload of uploadsBelow(bucket, leftovers.prefix, signal)) {
    const key = bucket.names.keyOf(upload.Key ?? "");
    const isCandidate = key !== undefined && key.startsWith(leftovers.prefix) && leftovers.isOwn(key);
    if (!isCandidate || isYounger(upload.Initiated, deadBefore)) continue;
    if (await abortDead(bucket, { key, uploadId: upload.UploadId ?? "", deadBefore, signal })) aborted += 1;
  }
  return aborted;
}

function isYounger(time: Date | undefined, deadBefore: number): boolean {
  return time === undefined || time.getTime() >= deadBefore;
}

async function* uploadsBelow(
  bucket: S3Bucket,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncIterable<MultipartUpload> {
  const query = { Bucket: bucket.bucket, Prefix: bucket.names.prefixOf(prefix) };
  let at: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (at !== undefined) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ ...query, ...at });
    const page: ListMultipartUploadsCommandOutput = await bucket.ask("", "be listed", signal, (client, options) =>
      client.send(command, options),
    );
    yield* page.Uploads ?? [];
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    const hasMore = page.IsTruncated === true && KeyMarker !== undefined;
    at = hasMore ? { KeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) } : undefined;
  }
}

interface Candidate {
  readonly key: string;
  readonly uploadId: string;
  readonly deadBefore: number;
  readonly signal: AbortSignal | undefined;
}

async function abortDead(bucket: S3Bucket, { key, uploadId, deadBefore, signal }: Candidate): Promise<boolean> {
  const target = { Bucket: bucket.bucket, Key: bucket.names.nameOf(key), UploadId: uploadId };
  try {
    for (let marker: string | undefined, hasMore = true; hasMore;) {
      const command = new ListPartsCommand({
        ...target,
        ...(marker === undefined ? {} : { PartNumberMarker: marker }),
      });
      const page = await bucket.ask(key, "be listed", signal, (client, options) => client.send(command, options));
      if ((page.Parts ?? []).some(({ LastModified }) => isYounger(LastModified, deadBefore))) return false;
      marker = page.NextPartNumberMarker;
      hasMore = page.IsTruncated === true && marker !== undefined;
    }
    const abort = new AbortMultipartUploadCommand(target);
    await bucket.ask(key, "be deleted", signal, (client, options) => client.send(abort, options));
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
