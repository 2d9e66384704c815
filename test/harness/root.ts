import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

function findRoot(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${import.meta.dirname}`);
    directory = parent;
  }
  return directory;
}

/** The directory that holds package.json: tests run from dist, their vectors lie beside the sources. */
export const ROOT = findRoot();
