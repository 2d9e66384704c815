// GZIP, BZIP2, LZOP and ZSTD files as Redshift's COPY reads them: any number of members, one after another.
import { ShellError } from "../../errors.ts";
import type { ByteStream } from "../../std/bytes.ts";

export type Compression = "none" | "gzip" | "bzip2" | "lzop" | "zstd";

/** How the files of each begin; so far that no text does. `undefined` is any byte. */
const MAGIC: Readonly<Record<string, readonly (number | undefined)[]>> = {
  GZIP: [0x1f, 0x8b],
  BZIP2: [0x42, 0x5a, 0x68, undefined, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  LZOP: [0x89, 0x4c, 0x5a, 0x4f, 0x00],
  ZSTD: [0x28, 0xb5, 0x2f, 0xfd],
  PARQUET: [0x50, 0x41, 0x52, 0x31, 0x15],
  AVRO: [0x4f, 0x62, 0x6a, 0x01],
};

/** The clause for files that begin so; `undefined` for text. */
export function clauseFor(beginning: Uint8Array): string | undefined {
  return Object.entries(MAGIC).find(([, magic]) =>
    magic.every((byte, at) => byte === undefined || beginning[at] === byte),
  )?.[0];
}

/**
 * Decompresses a file. Decoders are loaded when they are first needed.
 * @param label what to call it in errors.
 * @throws ShellError `load/file` when it is compressed in no such way, is damaged, or ends too soon.
 */
export async function* decompress(source: ByteStream, compression: Compression, label: string): ByteStream {
  switch (compression) {
    case "none":
      yield* source;
      return;
    case "gzip":
      yield* (await import("./zlib.ts")).gunzip(source, label);
      return;
    case "zstd":
      yield* (await import("./zlib.ts")).unzstd(source, label);
      return;
    case "bzip2":
      yield* (await import("./bzip2.ts")).bunzip2(source, label);
      return;
    case "lzop":
      yield* (await import("./lzop.ts")).unlzop(source, label);
  }
}

/** Why a compressed file cannot be read. */
export function notCompressed(label: string, clause: string, why: string, cause?: unknown): ShellError {
  return new ShellError("load/file", `${label} cannot be read as ${clause}`, {
    detail: [why],
    hint: `${clause} is for files that are compressed that way as a whole: check the file, or the clause`,
    note: "nothing was loaded",
    ...(cause === undefined ? {} : { cause }),
  });
}
