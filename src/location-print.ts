import type { Location } from "./location.ts";
import { Secret } from "./std/secret.ts";

/**
 * A location as a URI that can be typed again but for its secrets, which stand as `redacted`.
 * @param path instead of the location's own, not encoded.
 */
export function printPlainUri(location: Location, path = location.path): string {
  const parameters = [...location.parameters].map(([name, value]) => [
    name,
    value instanceof Secret ? "redacted" : value,
  ]);
  const query = parameters.map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const encoded = path.split("/").map((part) => encodeURIComponent(part).replaceAll("%3A", ":"));
  return `${location.scheme}://${location.host}${encoded.join("/")}${query === "" ? "" : `?${query}`}`;
}
