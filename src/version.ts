import { readFileSync } from "node:fs";

function readVersion(): string {
  // dist/src/version.js and src/version.ts lie at different depths: the nearest package.json above is ours.
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      const facts = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (facts.name === "sealift" && facts.version !== undefined) return facts.version;
    } catch {
      continue;
    }
  }
  return "unknown";
}

/** This build's version, as package.json says it. */
export const VERSION = readVersion();
