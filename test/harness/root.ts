import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

function findRoot(from: string): string {
  return existsSync(join(from, "package.json")) ? from : findRoot(dirname(from));
}

/** The directory that holds package.json: test data lies below it, outside of dist. */
export const ROOT: string = findRoot(import.meta.dirname);
