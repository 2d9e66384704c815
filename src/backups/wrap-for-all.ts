import type { DataKey } from "../crypto/data-key.ts";
import { asShellError, ShellError } from "../errors.ts";
import { KeyError } from "../kms/key-error.ts";
import type { KeyManagementService, WrappedKey } from "../kms/kms.ts";
import { bytesEqual } from "../std/bytes.ts";
import { DeadlineError, withinDeadline } from "../std/deadline.ts";
import { hashMasterKeyId, type EncryptionInfo } from "./encryption-info.ts";
import { causeOf, failedAttempt, okAttempt, printAttempts, unanswered, type KeyAttempt } from "./key-table.ts";

/** For wrapping with one key, and for the proof: more than every key service gives itself. */
const KEY_MS = 20_000;

/**
 * Wraps a data key under every one of the master keys, and proves each by unwrapping again. All are tried even when
 * one fails, so that one error tells of all.
 * @param services in the statement's order, at least one.
 * @throws ShellError `option/conflict` when two keys have one name in ENCRYPTION_INFO, before any is asked; the code of
 * the first key that failed, with the table of all of them in `detail`.
 */
export async function wrapForAll(
  key: DataKey,
  services: readonly KeyManagementService[],
  signal?: AbortSignal,
): Promise<EncryptionInfo> {
  if (services.length === 0) throw new ShellError("bug/invariant", "no master key was given to wrap the data key");
  refuseEqualNames(services);
  const outcomes = await Promise.all(services.map((service, index) => tryWrap(key, service, index + 1, signal)));
  signal?.throwIfAborted();
  const attempts = outcomes.map(({ attempt }) => attempt);
  if (attempts.some(({ outcome }) => outcome !== "ok")) throw wrapFailure(attempts);
  const wrappedKeys = new Map<string, WrappedKey>();
  for (const { hash, wrapped } of outcomes) if (wrapped !== undefined) wrappedKeys.set(hash, wrapped);
  return { wrappedKeys };
}

interface Wrapping {
  readonly attempt: KeyAttempt;
  readonly hash: string;
  readonly wrapped?: WrappedKey;
}

async function tryWrap(
  key: DataKey,
  service: KeyManagementService,
  position: number,
  signal: AbortSignal | undefined,
): Promise<Wrapping> {
  const hash = hashMasterKeyId(service.masterKeyId);
  try {
    const wrapped = await withinDeadline(KEY_MS, signal, async (stop) => service.wrap(key, stop));
    using back = await withinDeadline(KEY_MS, signal, async (stop) => service.unwrap(wrapped, stop));
    const isSame = key.reveal((mine) => back.reveal((theirs) => bytesEqual(mine, theirs)));
    if (isSame) return { attempt: okAttempt(position, service), hash, wrapped };
    throw new KeyError("key/mismatch", "not a match", `${service.label} unwrapped another key than it wrapped`);
  } catch (thrown) {
    const error = thrown instanceof DeadlineError ? unanswered(service, KEY_MS) : thrown;
    return { attempt: failedAttempt(position, service, error), hash };
  }
}

/** An entry is named by the key's name alone: of two equal ones the second would replace the first. */
function refuseEqualNames(services: readonly KeyManagementService[]): void {
  const seen = new Map<string, { position: number; label: string }>();
  for (const [index, { masterKeyId, label }] of services.entries()) {
    const first = seen.get(masterKeyId);
    if (first !== undefined) {
      throw new ShellError("option/conflict", `keys ${first.position} and ${index + 1} are both named ${masterKeyId}`, {
        detail: [first.label, label],
        hint: "leave one out, or name it by its full resource name: a backup keeps one entry a name",
        note: "nothing was written",
      });
    }
    seen.set(masterKeyId, { position: index + 1, label });
  }
}

function wrapFailure(attempts: readonly KeyAttempt[]): ShellError {
  const failed = attempts.filter(({ outcome }) => outcome !== "ok");
  const first = asShellError(failed[0]?.error);
  const which = attempts.length === 1 ? "the master key" : `${failed.length} of ${attempts.length} master keys`;
  return new ShellError(first.code, `${which} could not wrap the data key`, {
    detail: printAttempts(attempts),
    note: "nothing was written",
    cause: causeOf(attempts),
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}
