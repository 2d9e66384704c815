import { joinLocation, type Location } from "../location.ts";
import { ShellError } from "../errors.ts";

/** The store to open for one object, and the object's key in it. */
export interface ObjectPlace {
  readonly root: Location;
  readonly key: string;
}

/**
 * Splits the URI of one object so that the folders above it can be reached too: the root is the bucket, the container,
 * the external I/O directory, or the file system's own.
 * @throws ShellError `location/invalid` when the URI names no object.
 */
export function splitObjectLocation(location: Location): ObjectPlace {
  const key = location.path
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  if (key === "" || location.path.endsWith("/")) {
    throw new ShellError("location/invalid", `${location.label} names a folder, not a file`, {
      hint: "name one file, such as …/BACKUP_MANIFEST",
    });
  }
  const label = location.label.slice(0, location.label.length - location.path.length);
  const root = location.with({ path: location.scheme === "file" ? "/" : "", label });
  // `..` in a key would be refused by the store with less to say.
  joinLocation(root, key);
  return { root, key };
}
