// A request to publish that is sent twice because its first answer was lost finds the key taken, by itself. Objects
// that are published under a condition carry a random mark, so that the writer knows its own.
import { randomBytes } from "node:crypto";

const MARK = "sealift-upload";

export function createMark(): string {
  return randomBytes(12).toString("hex");
}

export function withMark(
  metadata: Readonly<Record<string, string>> | undefined,
  mark: string,
): Readonly<Record<string, string>> {
  return { ...metadata, [MARK]: mark };
}

export function hasMark(metadata: Readonly<Record<string, string>> | undefined, mark: string): boolean {
  return metadata?.[MARK] === mark;
}

/** User metadata as it was put: names in lower case, without the mark. */
export function withoutMark(metadata: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== MARK));
}
