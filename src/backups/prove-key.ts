import { openBytes } from "../crypto/cockroach-file.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { readAll } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";
import { MANIFEST } from "./folders.ts";

/** What was unwrapped must open the backup. Throws `integrity/*` when it does not, or the manifest is damaged. */
export async function proveKey(store: ObjectStore, folder: string, key: DataKey, signal?: AbortSignal): Promise<void> {
  const name = folder === "" ? MANIFEST : `${folder}/${MANIFEST}`;
  const stored = await readAll(await store.get(name, signal === undefined ? {} : { signal }));
  openBytes(stored, key.keyObject(), `the manifest ${name} in ${store.label}`);
}
