// Table of contents of pg_dump's custom (-Fc) and directory (-Fd, toc.dat) archives, versions 1.14 to 1.16
// (PostgreSQL 12 to 18; pg_backup_archiver.c: ReadHead, ReadToc; pg_backup_custom.c: _ReadExtraToc).
//   "PGDMP" · major minor revision intBytes offsetBytes format, one byte each
//   1.15 on: compression algorithm, one byte; before: compression level, int
//   seven ints of creation time · database · server version · pg_dump version, strings
//   int count · entries
// int: one byte of sign (1 is negative), then intBytes of magnitude, little endian.
// string: int of length, -1 for none, then the bytes.
import { ShellError } from "../errors.ts";
import type { DumpEntry, DumpToc } from "./dump-toc.ts";

const MAGIC = "PGDMP";
const OLDEST_MINOR = 14;
const NEWEST_MINOR = 16;
const COMPRESSION_BYTE_SINCE = 15;
const RELATION_KIND_SINCE = 16;
const CREATION_TIME_INTS = 7;
const ARCHIVE_CUSTOM = 1;
// What the directory format writes too, into toc.dat.
const ARCHIVE_TAR = 3;
// An int of more bytes would not be exact as a number; pg_dump writes sizeof(int).
const INT_BYTES_MAX = 4;

const SECTIONS: readonly DumpEntry["section"][] = ["none", "pre-data", "data", "post-data"];

function truncated(at: number): ShellError {
  return new ShellError("integrity/truncated", `pg_dump archive ends inside its table of contents, at byte ${at}`);
}

function unreadable(reason: string): ShellError {
  return new ShellError("backup/version", `pg_dump archive cannot be read: ${reason}`, {
    hint: "use a pg_dump of PostgreSQL 12 to 18",
  });
}

class ArchiveReader {
  readonly #bytes: Uint8Array;
  readonly #text = new TextDecoder("utf-8");
  #at = 0;
  #intBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  set intBytes(count: number) {
    this.#intBytes = count;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw truncated(this.#at);
    this.#at += 1;
    return value;
  }

  int(): number {
    const negative = this.byte() !== 0;
    let magnitude = 0;
    for (let index = 0; index < this.#intBytes; index++) magnitude += this.byte() * 256 ** index;
    return negative ? -magnitude : magnitude;
  }

  /** Undefined where the archive holds none, which is not the same as empty in a list. */
  string(): string | undefined {
    const length = this.int();
    if (length < 0) return undefined;
    return this.#text.decode(this.raw(length));
  }

  text(): string {
    return this.string() ?? "";
  }

  raw(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw truncated(this.#bytes.length);
    const piece = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }
}

interface Head {
  readonly minor: number;
  readonly offsetBytes: number;
  readonly custom: boolean;
}

function readHead(reader: ArchiveReader): Head {
  if (new TextDecoder("latin1").decode(reader.raw(MAGIC.length)) !== MAGIC) throw unreadable("it is none");
  const [major, minor] = [reader.byte(), reader.byte()];
  reader.byte();
  if (major !== 1 || minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
    throw unreadable(`its format version is ${major}.${minor}, known are 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`);
  }
  const intBytes = reader.byte();
  if (intBytes < 1 || intBytes > INT_BYTES_MAX) throw unreadable(`its integers have ${intBytes} bytes`);
  reader.intBytes = intBytes;
  const offsetBytes = reader.byte();
  const format = reader.byte();
  if (format !== ARCHIVE_CUSTOM && format !== ARCHIVE_TAR) throw unreadable(`it is of kind ${format}`);
  if (minor >= COMPRESSION_BYTE_SINCE) reader.byte();
  else reader.int();
  for (let index = 0; index < CREATION_TIME_INTS; index++) reader.int();
  return { minor, offsetBytes, custom: format === ARCHIVE_CUSTOM };
}

function readDependencies(reader: ArchiveReader): number[] {
  const dependencies: number[] = [];
  for (let text = reader.string(); text !== undefined; text = reader.string()) dependencies.push(Number(text));
  return dependencies;
}

function readSection(reader: ArchiveReader): DumpEntry["section"] {
  const number = reader.int();
  const section = SECTIONS[number - 1];
  if (section === undefined) throw unreadable(`section ${number} is not known`);
  return section;
}

function readEntry(reader: ArchiveReader, head: Head): DumpEntry {
  const dumpId = reader.int();
  reader.int(); // Whether data follows in the archive.
  const entry = {
    dumpId,
    catalogOid: Number(reader.text()),
    oid: Number(reader.text()),
    tag: reader.text(),
    type: reader.text(),
    section: readSection(reader),
    create: reader.text(),
    drop: reader.text(),
    copy: reader.text(),
    schema: reader.text(),
    tablespace: reader.text(),
    accessMethod: reader.text(),
    relationKind: head.minor >= RELATION_KIND_SINCE ? printRelationKind(reader.int()) : "",
    owner: reader.text(),
  };
  reader.text(); // WITH OIDS, no more since PostgreSQL 12.
  const dependencies = readDependencies(reader);
  // Where the data lies: a state and an offset in the custom format, a file's name in the directory format.
  if (head.custom) reader.raw(1 + head.offsetBytes);
  else reader.text();
  return { ...entry, dependencies };
}

function printRelationKind(code: number): string {
  return code === 0 ? "" : String.fromCharCode(code);
}

/**
 * Reads an archive's table of contents; data after it is not looked at. Throws `backup/version` for what is no such
 * archive or one of another version, `integrity/truncated` when it ends too early.
 */
export function parsePgDumpToc(bytes: Uint8Array): DumpToc {
  const reader = new ArchiveReader(bytes);
  const head = readHead(reader);
  const database = reader.text();
  const serverVersion = reader.text();
  const dumpVersion = reader.text();
  const count = reader.int();
  const entries: DumpEntry[] = [];
  for (let index = 0; index < count; index++) entries.push(readEntry(reader, head));
  return { dumpVersion, serverVersion, database, entries };
}
