import { ShellError, type Code } from "../errors.ts";

interface Meaning {
  readonly code: Code;
  readonly reason: string;
  readonly hint?: string;
}

const FULL = "free some space, or choose another place";

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: "storage/not-found", reason: "there is no such file" },
  ENOTDIR: { code: "storage/exists", reason: "a file stands where a folder is needed" },
  EISDIR: { code: "storage/exists", reason: "a folder has this name" },
  ENOTEMPTY: { code: "storage/exists", reason: "a folder has this name" },
  EEXIST: { code: "storage/exists", reason: "it exists already" },
  ENOSPC: { code: "storage/full", reason: "no space is left on the disk", hint: FULL },
  EDQUOT: { code: "storage/full", reason: "the disk quota is used up", hint: FULL },
  EFBIG: { code: "storage/full", reason: "the file system takes no file of this size" },
  EACCES: { code: "storage/denied", reason: "permission denied", hint: "check the owner and mode of the folder" },
  EPERM: { code: "storage/denied", reason: "the operation is not permitted" },
  EROFS: { code: "storage/denied", reason: "the file system is read-only" },
  ENAMETOOLONG: { code: "location/invalid", reason: "the name is too long for the file system" },
  EINVAL: { code: "location/invalid", reason: "the file system does not take this name" },
};

/**
 * A failure of the file system in the words of storage. What is no system error comes back as it is: a source that
 * throws keeps its own error.
 * @param action what was tried: "be written", "be read".
 */
export function storageError(thrown: unknown, place: string, action: string): unknown {
  if (thrown instanceof ShellError || !(thrown instanceof Error) || !isSystemError(thrown)) return thrown;
  const { code, reason, hint } = MEANINGS[thrown.code] ?? {
    code: "storage/unavailable" as const,
    reason: `the system says ${thrown.code}`,
  };
  return new ShellError(code, `${place} cannot ${action}: ${reason}`, {
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function hasSystemCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && isSystemError(thrown) && codes.includes(thrown.code);
}

function isSystemError(error: Error): error is Error & { code: string } {
  return "code" in error && typeof error.code === "string" && "syscall" in error;
}
