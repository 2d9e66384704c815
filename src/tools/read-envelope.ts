import { hasEnvelope, instructionKey, parseEnvelope, parseInstruction, type Envelope } from "../crypto/s3-envelope.ts";
import type { ObjectInfo, ObjectStore } from "../storage/store.ts";
import { readAll, textOf } from "../std/bytes.ts";

/**
 * The client-side envelope of an object: from its metadata, or from the instruction object beside it.
 * @throws ShellError as `parseEnvelope`; `key/not-encrypted` when there is neither.
 */
export async function readEnvelopeOf(
  store: ObjectStore,
  info: ObjectInfo,
  label: string,
  signal?: AbortSignal,
): Promise<Envelope> {
  if (!hasEnvelope(info.metadata ?? {})) {
    const beside = instructionKey(info.key);
    const instruction = await store.head(beside, signal);
    if (instruction !== undefined) {
      const body = await store.get(beside, signal === undefined ? {} : { signal });
      return parseInstruction(textOf(await readAll(body)), `${store.label}/${beside}`);
    }
  }
  return parseEnvelope(info.metadata ?? {}, label);
}
