// pg_dump writes for servers of its own version. What older ones spell otherwise is put right here; found by restoring
// a dump of each version into the same version.
import type { DumpEntry } from "../formats/dump-toc.ts";

const FUNCTION_WORD_SINCE = 110_000;
/** Options of CREATE SUBSCRIPTION that pg_dump adds to keep an older server's behaviour, and which that does not know. */
const SUBSCRIPTION_OPTIONS = [
  { text: ", streaming = off", since: 140_000 },
  { text: ", run_as_owner = true", since: 160_000 },
] as const;

function withoutUnknownOptions(create: string, versionNumber: number): string {
  const at = create.lastIndexOf(" WITH (");
  let options = create.slice(at);
  for (const { text, since } of SUBSCRIPTION_OPTIONS) if (versionNumber < since) options = options.replace(text, "");
  return create.slice(0, at) + options;
}

/** An entry's CREATE text as a server of this version (server_version_num) understands it. */
export function createTextFor(entry: DumpEntry, versionNumber: number): string {
  const { create } = entry;
  if (entry.type === "SUBSCRIPTION") return withoutUnknownOptions(create, versionNumber);
  if (versionNumber >= FUNCTION_WORD_SINCE) return create;
  if (entry.type === "OPERATOR") return create.replace(/\(\n {4}FUNCTION = /, "(\n    PROCEDURE = ");
  if (entry.type === "EVENT TRIGGER") return create.replace(/\n {3}EXECUTE FUNCTION /, "\n   EXECUTE PROCEDURE ");
  return create;
}
