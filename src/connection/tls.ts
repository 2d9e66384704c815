// sslmode and certificate files as libpq understands them. Source: PostgreSQL documentation, "SSL Support".
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { ShellError } from "../errors.ts";
import type { TlsSettings } from "./settings.ts";
import type { Value, Values } from "./parameters.ts";

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

/**
 * The TLS settings that parameters ask for, with files read; undefined for plain text. `allow` is taken as `prefer`:
 * plain text is then the second choice, not the first.
 * @throws ShellError `shell/usage` for an unknown mode or a combination libpq refuses, `shell/file` for a file that cannot be read.
 */
export async function readTls(values: Values, home: string | undefined): Promise<TlsSettings | undefined> {
  const rootFile = values.get("sslrootcert");
  const systemRoots = rootFile?.text === "system";
  const mode = modeOf(values.get("sslmode"), systemRoots);
  if (mode === "disable") return undefined;
  const inHome = (name: string): string | undefined =>
    home === undefined ? undefined : join(home, ".postgresql", name);
  const rootCertificate = systemRoots
    ? rootCertificates.join("\n")
    : await readPem(rootFile, inHome("root.crt"), "root certificate");
  if ((mode === "verify-ca" || mode === "verify-full") && rootCertificate === undefined) {
    throw new ShellError("shell/usage", `sslmode ${mode} needs a root certificate, and there is none`, {
      hint: "give sslrootcert=FILE, or sslrootcert=system for the certificates of this machine",
    });
  }
  const certificate = await readPem(values.get("sslcert"), inHome("postgresql.crt"), "client certificate");
  const key = certificate === undefined ? undefined : await readKey(values.get("sslkey"), inHome("postgresql.key"));
  return {
    // With a root certificate at hand, libpq's `require` checks the chain as verify-ca does.
    mode: mode === "require" && rootCertificate !== undefined ? "verify-ca" : mode === "allow" ? "prefer" : mode,
    ...(rootCertificate === undefined || mode === "prefer" || mode === "allow" ? {} : { rootCertificate }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

function modeOf(value: Value | undefined, systemRoots: boolean): Mode {
  const mode = MODES.find((one) => one === (value?.text ?? (systemRoots ? "verify-full" : "prefer")));
  if (mode === undefined) {
    throw new ShellError("shell/usage", `sslmode ${value?.text ?? ""} in the ${value?.from ?? ""} is not known`, {
      hint: `it is one of ${MODES.join(", ")}`,
    });
  }
  if (systemRoots && mode !== "verify-full") {
    throw new ShellError("shell/usage", `sslmode ${mode} is too weak for sslrootcert=system`, {
      hint: "use sslmode=verify-full",
    });
  }
  return mode;
}

/** A named file has to be readable; the default one may be missing. */
async function readPem(
  value: Value | undefined,
  fallback: string | undefined,
  what: string,
): Promise<string | undefined> {
  const path = value?.text ?? fallback;
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (value === undefined) return undefined;
    throw new ShellError("shell/file", `cannot read ${what} ${path}`, { cause });
  }
}

const READABLE_BY_OTHERS = 0o077;
const READABLE_BY_ROOTS_GROUP = 0o037;

async function readKey(value: Value | undefined, fallback: string | undefined): Promise<string | undefined> {
  const path = value?.text ?? fallback;
  const facts = path === undefined ? undefined : await stat(path).catch(() => undefined);
  // libpq: a key of one's own must be 0600, one owned by root may be 0640.
  const forbidden = facts?.uid === 0 ? READABLE_BY_ROOTS_GROUP : READABLE_BY_OTHERS;
  if (process.platform !== "win32" && facts !== undefined && (facts.mode & forbidden) !== 0) {
    throw new ShellError("shell/file", `private key ${path} can be read by others`, { hint: `chmod 600 ${path}` });
  }
  return readPem(value, fallback, "private key");
}
