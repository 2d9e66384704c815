import type { Location } from "./location.ts";

/** UNLOAD and COPY name the beginning of keys, and stores are folders: a location cut at its last slash. */
export interface PrefixLocation {
  /** What to open as a store. */
  readonly folder: Location;
  /** How every key in it begins; empty for the folder itself. Holds no slash. */
  readonly prefix: string;
  /** The raw URL of a key of the store, without parameters and without percent-encoding, as manifests list it. */
  urlOf(key: string): string;
}

export function splitPrefix(location: Location): PrefixLocation {
  const cut = location.path.lastIndexOf("/") + 1;
  const place = `${location.scheme}://${location.host}${location.path.slice(0, cut)}`;
  return {
    folder: location.with({ path: location.path.slice(0, cut), label: place }),
    prefix: location.path.slice(cut),
    urlOf: (key) => (place.endsWith("/") ? place : `${place}/`) + key,
  };
}
