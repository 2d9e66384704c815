import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project's directory: the nearest one above that holds package.json. */
export const ROOT: string = findRoot(import.meta.dirname);

function findRoot(from: string): string {
  if (existsSync(join(from, "package.json"))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("no package.json above the tests");
  return findRoot(above);
}

/** For programs that tests start: modules are compiled once for all of them, and not into each one's home. */
export const COMPILED = { NODE_COMPILE_CACHE: join(ROOT, "dist", ".compiled") };
