/** A literal's opening mark, its body and how to read it. */
function bodyOf(image: string, opening: number): string {
  return image.slice(opening, -1).replaceAll("''", "'");
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function decodeEscapes(body: string): string {
  const escape = /''|((?:\\[0-7]{1,3}|\\x[0-9a-fA-F]{1,2})+)|\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;
  return body.replace(escape, (whole, bytes?: string, short?: string, long?: string, one?: string) => {
    if (bytes !== undefined) return decodeBytes(bytes);
    const code = short ?? long;
    if (code !== undefined) return codePoint(code);
    if (one !== undefined) return SIMPLE_ESCAPES[one] ?? one;
    return whole === "''" ? "'" : whole;
  });
}

/** Escapes of single bytes next to each other are one stretch of UTF-8. */
function decodeBytes(escapes: string): string {
  const bytes = escapes
    .split("\\")
    .slice(1)
    .map((code) => (code.startsWith("x") ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8) & 0xff));
  return Buffer.from(bytes).toString("utf8");
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

function decodeUnicode(body: string): string {
  return body.replace(/\\(?:\\|\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))/g, (_, long?: string, short?: string) =>
    codePoint(long ?? short ?? "5c"),
  );
}

/**
 * The value of a string literal as it stands in the source, quotes and prefix included.
 * With `backslashEscapes`, '…' is read as Redshift reads an option's value: only `\'` and `\\` are undone, because
 * `\N` and `\t` mean something to the options themselves.
 */
export function decodeString(image: string, backslashEscapes: boolean): string {
  switch (image[0]) {
    case "'":
      return backslashEscapes
        ? image.slice(1, -1).replace(/''|\\(['\\])/g, (_, escaped?: string) => escaped ?? "'")
        : bodyOf(image, 1);
    case "$":
      return image.slice(image.indexOf("$", 1) + 1, image.lastIndexOf("$", image.length - 2));
    case "e":
    case "E":
    case "b":
    case "B":
      return decodeEscapes(image.slice(2, -1));
    case "x":
    case "X":
      return Buffer.from(image.slice(2, -1), "hex").toString("utf8");
    case "u":
    case "U":
      return decodeUnicode(bodyOf(image, 3));
    case undefined:
    default:
      return bodyOf(image, 2);
  }
}

/** The name behind "…" or U&"…". */
export function decodeIdentifier(image: string): string {
  const plain = image.startsWith('"');
  const body = image.slice(plain ? 1 : 3, -1).replaceAll('""', '"');
  return plain ? body : decodeUnicode(body);
}

/** A string literal with this value, read alike with and without backslash escapes. */
export function quoteString(value: string): string {
  const doubled = value.replaceAll("'", "''");
  return value.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
