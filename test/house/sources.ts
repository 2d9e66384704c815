import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/root.ts";

/** Paths from the project's directory, with `/`, to contents. */
export type Sources = ReadonlyMap<string, string>;

/** Every TypeScript file below the given folders; a folder that does not exist yet holds none. */
export function readSources(...folders: readonly string[]): Sources {
  const sources = new Map<string, string>();
  for (const folder of folders) {
    for (const path of filesBelow(folder)) {
      if (/\.tsx?$/u.test(path)) sources.set(path, readFileSync(join(ROOT, path), "utf8"));
    }
  }
  return sources;
}

/** Every file below a folder, whatever its kind. */
export function filesBelow(folder: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(ROOT.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}
