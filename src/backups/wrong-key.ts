import { SealedFileError } from "../crypto/cockroach-file.ts";
import { ShellError } from "../errors.ts";

/**
 * What a failure to open the first file of a backup means. A passphrase is proved by nothing else, so when not one
 * chunk opened it is the passphrase; any other failure, and any failure under a master key, which proved itself by
 * unwrapping, stays damage.
 */
export function explainFirstFile(thrown: unknown, openedWith: "passphrase" | "master key"): unknown {
  if (openedWith !== "passphrase" || !(thrown instanceof SealedFileError)) return thrown;
  if (thrown.code !== "integrity/tampered" || thrown.chunksOpened > 0) return thrown;
  return new ShellError("key/passphrase", "the passphrase does not open this backup", {
    detail: [`${thrown.message}: the first chunk under a passphrase tells a wrong one and a damaged file alike`],
    hint: "check the passphrase for blanks and line ends around it",
    cause: thrown,
  });
}
