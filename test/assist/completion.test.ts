import { completeSql } from "../../src/assist/complete-sql.ts";
import type { Completions } from "../../src/assist/assistant.ts";
import { completeAt, type CompletionSources } from "../../src/assist/complete.ts";
import { ConnectionUri } from "../../src/external/connection-uri.ts";
import { Places } from "../../src/assist/places.ts";
import { listCommands } from "../../src/script/commands/index.ts";
import { shopCatalogue } from "../harness/shop-catalogue.ts";
import { runVectors } from "../harness/vectors.ts";

const catalogue = shopCatalogue();
/** What a popup has room for. */
const SHOWN = 10;

/** What is replaced, and the first candidates. */
function show(text: string, { span, items }: Completions): string {
  const replaced = text.slice(span.start, span.end);
  const lines = items.slice(0, SHOWN).map(({ insert, kind, detail }) => {
    return `${insert} (${kind}${detail === undefined ? "" : `: ${detail}`})`;
  });
  if (items.length > SHOWN) lines.push("…");
  return [...(replaced === "" ? [] : [`for ${replaced}`]), ...(lines.length === 0 ? ["nothing"] : lines)].join("\n");
}

const FILES = ["load.sql", "to do.sql", "it's/", "deep/", ".hidden"];
const SOURCES: CompletionSources = {
  catalogue,
  places: new Places({ openStore: async () => Promise.reject(new Error("there is no store")) }),
  connections: async () => [
    { name: "key", uri: new ConnectionUri("local-kms:///k") },
    { name: "store", uri: new ConnectionUri("file:///backups") },
  ],
  localKeys: async () => ["main", "spare"],
  detached: () => [{ name: "5db0ed5a", detail: "BACKUP, running" }],
  recent: () => [],
  commands: listCommands(),
  topics: ["BACKUP", "RESTORE"],
  listFolder: async () => FILES,
  services: async () => ["production"],
  variables: () => ["region"],
  jobs: () => [{ name: "1", detail: "BACKUP INTO 'x'" }],
};

runVectors("completion", {
  any: async (input) => {
    const cursor = input.lastIndexOf("|");
    const text = input.slice(0, cursor) + input.slice(cursor + 1);
    return show(text, await completeAt(text, cursor, SOURCES, new AbortController().signal));
  },
  sql: (input) => {
    const cursor = input.indexOf("|");
    const text = input.replace("|", "");
    return show(text, completeSql(text, cursor, catalogue));
  },
});
