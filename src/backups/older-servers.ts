// pg_dump writes for servers of its own version. What older ones spell otherwise is put right here; found by restoring
// a dump of each version into the same version, and of the newest into each.
import { lexSqlSpans } from "../engines/sql.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";

const FUNCTION_WORD_SINCE = 110_000;
const TRUNCATE_PUBLISHED_SINCE = 110_000;
const MULTIRANGES_SINCE = 140_000;
const MAINTAIN_SINCE = 170_000;
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

/** The server that gives a range type its multirange does so under a name that it may be told. */
function withoutMultirange(create: string): string {
  return create.replace(/,\n {4}multirange_type_name = (?:"(?:[^"]|"")*"|[^\s",])+/u, "");
}

function withProcedure(entry: DumpEntry): string {
  const { type, create } = entry;
  if (type === "OPERATOR") return create.replace(/\(\n {4}FUNCTION = /, "(\n    PROCEDURE = ");
  if (type === "EVENT TRIGGER") return create.replace(/\n {3}EXECUTE FUNCTION /, "\n   EXECUTE PROCEDURE ");
  if (type !== "TRIGGER") return create;
  // The server that was dumped wrote it; a string of the condition may say the same.
  const words = lexSqlSpans(create);
  const at = words.findLastIndex(({ text }, index) => text === "FUNCTION" && words[index - 1]?.text === "EXECUTE");
  const word = words[at];
  return word === undefined ? create : `${create.slice(0, word.start)}PROCEDURE${create.slice(word.end)}`;
}

/** An entry's CREATE text as a server of this version (server_version_num) understands it. */
export function createTextFor(entry: DumpEntry, versionNumber: number): string {
  const { create } = entry;
  if (entry.type === "SUBSCRIPTION") return withoutUnknownOptions(create, versionNumber);
  if (entry.type === "PUBLICATION" && versionNumber < TRUNCATE_PUBLISHED_SINCE) {
    return create.replace(/(WITH \(publish = '[^']*), truncate(?=')/u, "$1");
  }
  if (entry.type === "TYPE" && versionNumber < MULTIRANGES_SINCE) return withoutMultirange(create);
  return versionNumber < FUNCTION_WORD_SINCE ? withProcedure(entry) : create;
}

/** A GRANT or REVOKE as a server of this version understands it; `undefined` when nothing of it is left. */
export function knownRights(statement: string, versionNumber: number): string | undefined {
  if (versionNumber >= MAINTAIN_SINCE) return statement;
  const words = lexSqlSpans(statement);
  const on = words.findIndex(({ text }) => text === "ON");
  const at = words.findIndex(({ text }, index) => text === "MAINTAIN" && index < on);
  const [before, word, after] = [words[at - 1], words[at], words[at + 1]];
  if (before === undefined || word === undefined) return statement;
  if (before.text === ",") return statement.slice(0, before.start) + statement.slice(word.end);
  return after?.text === "," ? statement.slice(0, word.start) + statement.slice(after.end) : undefined;
}

interface ServerVersion {
  readonly version: string;
  readonly versionNumber: number;
}

/** What there is to say when a backup's server is of a later major version than the one it restores to. */
export function aboutNewerSource(source: ServerVersion, target: ServerVersion): string | undefined {
  if (Math.floor(source.versionNumber / 10_000) <= Math.floor(target.versionNumber / 10_000)) return undefined;
  return `the backup is of PostgreSQL ${source.version}, this server is ${target.version}: what only newer servers know cannot be restored here`;
}
