import type { Span } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { ObjectStore } from "../storage/store.ts";

const SHOWN_MAX = 3;
/** Keys deleted after one look at the list. */
const BATCH = 1000;

/** Throws `storage/exists`, in Redshift's words, when any key begins so. @param span of the target in the statement */
export async function refuseTaken(store: ObjectStore, prefix: string, span: Span, signal: AbortSignal): Promise<void> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix, signal)) {
    found.push(`${store.label}/${key}`);
    if (found.length > SHOWN_MAX) break;
  }
  if (found.length === 0) return;
  throw new ShellError(
    "storage/exists",
    "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing " +
      "the target files in S3, or using the ALLOWOVERWRITE option.",
    {
      detail: [...found.slice(0, SHOWN_MAX), ...(found.length > SHOWN_MAX ? ["and more"] : [])],
      hint: "choose another prefix, or add ALLOWOVERWRITE to replace files of the same names, CLEANPATH to delete all of these first",
      note: "nothing was written",
      span,
    },
  );
}

/** Deletes every object whose key begins so. Gives how many there were. */
export async function deleteAll(store: ObjectStore, prefix: string, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  for (;;) {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix, signal)) {
      keys.push(key);
      if (keys.length === BATCH) break;
    }
    for (const key of keys) await store.delete(key, signal);
    deleted += keys.length;
    if (keys.length < BATCH) return deleted;
  }
}
