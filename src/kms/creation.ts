import { ShellError } from "../errors.ts";
import { printPlainUri } from "../location-print.ts";
import type { Location } from "../location.ts";

/** A master key that was made. */
export interface CreatedKey {
  /** The URI to use from then on, without its secrets. */
  readonly uri: string;
  /** What its service calls it. */
  readonly name: string;
}

/** @param uri of the key that is there. */
export function keyExists(location: Location, uri = printPlainUri(location), cause?: unknown): ShellError {
  return new ShellError("key/exists", `${location.label} exists already`, {
    hint: `use it: ${uri}`,
    note: "nothing was changed",
    cause,
  });
}

/** For a URI that names a key in a way in which nobody can be asked to make one. */
export function cannotBeNamed(location: Location, reason: string, hint: string): ShellError {
  return new ShellError("location/invalid", `${location.label} cannot be created: ${reason}`, {
    hint,
    note: "nothing was changed",
  });
}
