// What a crash leaves of a multipart upload: parts that nobody sees and everybody pays for. S3 keeps them until they are
// aborted, and does not tell who began them. So an upload is taken for dead only when its name is one that the caller
// gives its own objects, and neither its beginning nor its newest part is younger than the caller's longest silence.
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from "@aws-sdk/client-s3";
import type { S3Bucket } from "./s3-bucket.ts";
import type { Leftovers } from "./store.ts";

/** @returns how many uploads were aborted. Throws what listing them throws; one that cannot be aborted is left. */
export async function abortLeftovers(bucket: S3Bucket, leftovers: Leftovers, signal?: AbortSignal): Promise<number> {
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
