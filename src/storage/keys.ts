import { ShellError } from "../errors.ts";

/**
 * Refuses names that are no object keys: empty parts, `.` and `..`, which would lead out of the store, control
 * characters.
 * @throws ShellError `location/invalid`
 */
export function checkKey(key: string, label: string): void {
  const parts = key.split("/");
  const isSound = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isSound && !/[\u0000-\u001f\u007f]/u.test(key)) return;
  throw new ShellError("location/invalid", `${JSON.stringify(key)} cannot name an object in ${label}`, {
    detail: ["a key has no empty parts, no . or .., and no control characters"],
  });
}

/**
 * Refuses a prefix of keys that would begin a listing outside of the store.
 * @throws ShellError `location/invalid`
 */
export function checkPrefix(prefix: string, label: string): void {
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
  if (prefix.includes("/")) checkKey(folder, label);
}

/** Byte order of UTF-8, the order every store lists in; JavaScript's own differs beyond the basic plane. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
