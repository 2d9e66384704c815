import { ShellError } from "../errors.ts";

const NAME = /^[a-z0-9][a-z0-9-]*$/iu;
const VALUE = /^[\u0020-\u007e]*$/u;

/**
 * Refuses metadata that one of the clouds would change or refuse: names are letters, digits and dashes, values are
 * printable ASCII, for they travel as HTTP headers.
 * @throws ShellError `bug/invariant`
 */
export function checkMetadata(metadata: Readonly<Record<string, string>> | undefined, label: string): void {
  for (const [name, value] of Object.entries(metadata ?? {})) {
    if (NAME.test(name) && VALUE.test(value)) continue;
    throw new ShellError("bug/invariant", `${JSON.stringify(name)} cannot be metadata of an object in ${label}`);
  }
}
