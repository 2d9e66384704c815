import { posix } from "node:path";

export interface Import {
  /** Path from the project's directory for a relative import, else the package's name. */
  readonly target: string;
  readonly isPackage: boolean;
  /** Nothing of it is left when the types are erased. */
  readonly isTypeOnly: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s)?([^"';]*?)\bfrom\s*"([^"]+)"/gmu;
const BARE = /^import\s*"([^"]+)"/gmu;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/gmu;

/** What a source file imports, `node:` modules left out. */
export function importsOf(path: string, source: string): readonly Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const [, type, names = "", specifier = ""] of code.matchAll(STATIC))
    found.push(importOf(path, specifier, type !== undefined || hasOnlyTypes(names)));
  for (const [, specifier = ""] of code.matchAll(BARE)) found.push(importOf(path, specifier, false));
  for (const [, specifier = ""] of code.matchAll(DYNAMIC)) found.push(importOf(path, specifier, false));
  return found.filter(({ target, isPackage }) => !(isPackage && target.startsWith("node:")));
}

/** Comments blanked, so that what they quote is no code. Strings with `//` in them lose their end, which no rule reads. */
export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//gu, "").replaceAll(/(^|[^:"'`\\])\/\/.*$/gmu, "$1");
}

function importOf(path: string, specifier: string, isTypeOnly: boolean): Import {
  if (specifier.startsWith(".")) {
    return { target: posix.join(posix.dirname(path), specifier), isPackage: false, isTypeOnly };
  }
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
  return { target: name, isPackage: true, isTypeOnly };
}

/** `{ type A, type B }` without a default import. */
function hasOnlyTypes(names: string): boolean {
  const braces = /^\s*\{([\s\S]*)\}\s*$/u.exec(names);
  if (braces === null) return false;
  const single = (braces[1] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return single.length > 0 && single.every((name) => name.startsWith("type "));
}
