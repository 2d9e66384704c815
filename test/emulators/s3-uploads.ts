// The lists of S3's multipart uploads and of their parts.
import type { Answer, Request } from "./server.ts";

export interface UploadedPart {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export interface MultipartUpload {
  readonly key: string;
  readonly begun: Request;
  readonly initiated: Date;
  readonly parts: Map<number, UploadedPart>;
}

const PAGE_UPLOADS = 2;
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** In the order of their keys, two a page. */
export function listUploads(uploads: ReadonlyMap<string, MultipartUpload>, { query }: Request): Answer {
  const prefix = query.get("prefix") ?? "";
  const after = `${query.get("key-marker") ?? ""}\n${query.get("upload-id-marker") ?? ""}`;
  const found = [...uploads]
    .filter(([id, { key }]) => key.startsWith(prefix) && `${key}\n${id}` > after)
    .toSorted(([a, one], [b, other]) => (`${one.key}\n${a}` < `${other.key}\n${b}` ? -1 : 1));
  const page = found.slice(0, PAGE_UPLOADS);
  const [lastId, last] = page.at(-1) ?? [];
  const isTruncated = found.length > page.length;
  const next = `<NextKeyMarker>${escaped(last?.key ?? "")}</NextKeyMarker><NextUploadIdMarker>${lastId}</NextUploadIdMarker>`;
  const items = page.map(
    ([id, { key, initiated }]) =>
      `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
  );
  const body = `<ListMultipartUploadsResult><IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? next : ""}${items.join("")}</ListMultipartUploadsResult>`;
  return { status: 200, body };
}

export function listParts(upload: MultipartUpload): Answer {
  const parts = [...upload.parts].map(
    ([number, { etag, modified, bytes }]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag><LastModified>${modified.toISOString()}</LastModified><Size>${bytes.length}</Size></Part>`,
  );
  return { status: 200, body: `<ListPartsResult><IsTruncated>false</IsTruncated>${parts.join("")}</ListPartsResult>` };
}
