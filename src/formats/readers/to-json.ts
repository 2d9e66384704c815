import { isUtf8 } from "node:buffer";

/** A decoded value as JSON: big integers keep their digits, bytes that are UTF-8 are text and others hexadecimal. */
export function toJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    return JSON.stringify(bytes.toString(isUtf8(bytes) ? "utf8" : "hex"));
  }
  if (value instanceof Map) {
    return `{${[...value].map(([name, inner]) => `${JSON.stringify(String(name))}:${toJson(inner)}`).join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner)}`);
  return `{${members.join(",")}}`;
}
