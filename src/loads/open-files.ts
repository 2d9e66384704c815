import type { Event } from "../events.ts";
import type { FileKeys } from "./file-keys.ts";
import type { LocatedFiles } from "./files.ts";
import { checkKey, checkManifest, prepareFile, type OpenFile } from "./open-file.ts";

/** There may be thousands of files, each of them far away. */
const PROGRESS_EVERY_MS = 250;

/** Every file's envelope and key is found before the first row is read. */
export async function* openFiles(
  located: LocatedFiles,
  keys: FileKeys,
  { jobId, signal }: { readonly jobId: string; readonly signal: AbortSignal },
): AsyncGenerator<Event, readonly OpenFile[]> {
  const files: OpenFile[] = [];
  const total = { files: located.files.length };
  let told = performance.now();
  for (const file of located.files) {
    files.push(await prepareFile(file, keys, signal));
    if (performance.now() - told < PROGRESS_EVERY_MS) continue;
    told = performance.now();
    yield { type: "progress", jobId, verb: "COPY", phase: "keys", done: { files: files.length }, total };
  }
  checkKey(files, keys.keyName);
  checkManifest(located.manifest, files[0]?.sealed?.key);
  return files;
}
