// ENCODING: files in other encodings become UTF-8 before they are read.
import { ShellError } from "../errors.ts";
import { ByteReader } from "../std/byte-reader.ts";
import type { ByteStream } from "../std/bytes.ts";

export type TextEncoding = "UTF8" | "UTF16" | "UTF16LE" | "UTF16BE" | "ISO88591";

/**
 * @param label what to call the file in errors.
 * @throws ShellError `load/file` for UTF16 without a byte order mark, for what is no UTF-16, and for UTF-16 as UTF8.
 */
export async function* decodeText(source: ByteStream, encoding: TextEncoding, label: string): ByteStream {
  switch (encoding) {
    case "UTF8":
      yield* notWide(source, label);
      return;
    case "ISO88591":
      for await (const piece of source) yield Buffer.from(Buffer.from(piece).toString("latin1"));
      return;
    case "UTF16LE":
      yield* decodeWide(source, "utf-16le", label);
      return;
    case "UTF16BE":
      yield* decodeWide(source, "utf-16be", label);
      return;
    case "UTF16":
      yield* decodeMarked(source, label);
  }
}

/** The marks of UTF-16 are no UTF-8 anywhere. */
async function* notWide(source: ByteStream, label: string): ByteStream {
  let isFirst = true;
  for await (const piece of source) {
    const [a, b] = piece;
    if (isFirst && ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))) {
      const hint = "add ENCODING UTF16";
      throw new ShellError("load/file", `${label} looks like UTF-16`, { hint, note: "nothing was loaded" });
    }
    isFirst = false;
    yield piece;
  }
}

async function* decodeWide(source: ByteStream, encoding: "utf-16le" | "utf-16be", label: string): ByteStream {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const piece of source) yield Buffer.from(decoder.decode(piece, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new ShellError("load/file", `${label} is not ${encoding === "utf-16le" ? "UTF16LE" : "UTF16BE"} text`, {
      detail: ["half a character, or half of a pair of them, stands in it"],
      hint: "check ENCODING",
      note: "nothing was loaded",
      cause: thrown,
    });
  }
}

async function* decodeMarked(source: ByteStream, label: string): ByteStream {
  await using reader = new ByteReader(source);
  const first = await reader.read(2);
  if (first.length === 0) return;
  const [a, b] = first;
  const isLittle = a === 0xff && b === 0xfe;
  if (!isLittle && !(a === 0xfe && b === 0xff)) {
    throw new ShellError("load/file", `${label} does not begin with a byte order mark`, {
      hint: "say which it is: ENCODING UTF16LE or ENCODING UTF16BE",
      note: "nothing was loaded",
    });
  }
  // The mark itself is no part of the text.
  yield* decodeWide(reader.rest(), isLittle ? "utf-16le" : "utf-16be", label);
}
