// The parts of a URI as CockroachDB cuts it: no fragment (`#` is an ordinary character), an absolute URI only.
import { no, ok, type Result } from "./std/result.ts";

/** Nothing is decoded. */
export interface UriParts {
  readonly scheme: string;
  /** With user and password, if there are any. */
  readonly authority: string;
  readonly path: string;
  /** `undefined` when there is no `?`. */
  readonly query: string | undefined;
}

export interface UriParameter {
  readonly name: string;
  /** `undefined` when there was no `=`. */
  readonly value: string | undefined;
}

const URI = /^([a-z][a-z0-9+.-]*):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/isu;

/** `undefined` for what is no `scheme://…`. */
export function splitUri(text: string): UriParts | undefined {
  const match = URI.exec(text);
  if (match === null) return undefined;
  return { scheme: match[1] ?? "", authority: match[2] ?? "", path: match[3] ?? "", query: match[4] };
}

/** The pieces between `&`, undecoded; empty ones are left out. */
export function splitQuery(query: string): readonly UriParameter[] {
  return query
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece) => {
      const equals = piece.indexOf("=");
      return equals < 0
        ? { name: piece, value: undefined }
        : { name: piece.slice(0, equals), value: piece.slice(equals + 1) };
    });
}

/**
 * Decodes percent escapes. A `+` stays a `+`: secrets in base64 are pasted as they are, and no parameter holds
 * blanks. (CockroachDB reads blanks and turns them back in the AWS secret.)
 */
export function percentDecode(text: string): Result<string, string> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    return no("has a % that begins no escape; write %25 for the sign itself");
  }
  if (/[\u0000-\u001f\u007f]/u.test(decoded)) return no("has a control character");
  return ok(decoded);
}
