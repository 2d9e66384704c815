import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { HistoryFile } from "../../repl/history/store.ts";
import { SCHEMES } from "../../src/location-schemes.ts";
import { fillPlaceholders, placeholdersIn } from "../../src/script/secret-placeholder.ts";
import { Canary } from "../harness/canary.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

/** Texts that a person may submit, made with a secret as it must be written there. */
type Template = (canary: Canary) => string;

const LITERALS: readonly Template[] = [
  ({ sqlText }) => `BACKUP INTO 'nodelocal://1/x' WITH encryption_passphrase = '${sqlText}';`,
  ({ sqlText }) => `BACKUP INTO 'nodelocal://1/x' WITH encryption_pasphrase = '${sqlText}';`,
  ({ sqlText }) => `BACKUP INTO 'nodelocal://1/x' WITH encryption_passphrase = '${sqlText}`,
  ({ sqlText }) => `RESTORE FROM LATEST IN 'x' WITH OPTIONS (encryption_passphrase = '${sqlText}', detached);`,
  ({ sqlText }) => `EXPLAIN VERIFY BACKUP FROM LATEST IN 'x' WITH encryption_passphrase='${sqlText}'`,
  ({ text }) => `SHOW BACKUP LATEST IN 'x' WITH encryption_passphrase = $a$${text}$a$;`,
  ({ sqlText }) => `UNLOAD ('select 1') TO 's3://b/p' MASTER_SYMMETRIC_KEY '${sqlText}' ENCRYPTED;`,
  ({ sqlText }) => `UNLOAD ('select 1') TO 's3://b/p' CREDENTIALS 'master_symmetric_key=${sqlText}';`,
  ({ sqlText }) =>
    `COPY t FROM 's3://b/p' ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY '${sqlText}' SESSION_TOKEN '${sqlText}';`,
  ({ sqlText }) => `ENCRYPT VALUE '${sqlText}' WITH kms = 'local-kms:///k';`,
  ({ sqlText }) => `select 1; ALTER ROLE ann WITH LOGIN ENCRYPTED PASSWORD '${sqlText}';`,
  ({ sqlText }) => `CREATE ROLE ann PASSWORD -- of hers\n '${sqlText}'`,
  ({ sqlText }) => `create user ann identified by '${sqlText}';`,
  ({ sqlText }) => `create user mapping for ann server s options (user 'ann', password '${sqlText}');`,
  ({ sqlText }) => `create subscription s connection 'host=h password=${sqlText}' publication p;`,
  ({ sqlText }) => `/* alter role ann password '${sqlText}'; */ select 1;`,
  ({ sqlText }) => `\\set password '${sqlText}'`,
  ({ text }) => `\\secret key ${text}`,
];

const IN_URIS: readonly Template[] = [
  ({ uriText }) => `\\c postgres://ann:${uriText}@h/db`,
  ({ uriText }) => `\\connect postgres://h/db?user=ann&password=${uriText}`,
  ({ uriText }) => `\\c "host=h password=${uriText}"`,
  ({ uriText }) => `\\! PGPASSWORD=${uriText} pg_dump`,
  ({ uriText }) => `\\copy t from program 'curl https://ann:${uriText}@h/x'`,
  ({ uriText }) => `select dblink('postgres://ann:${uriText}@h/db', 'select 1');`,
  ({ uriText }) => `select dblink('host=h password=${uriText}', 'select 1');`,
  ({ uriText }) => `create table x (a text default 's3://b?AWS_SECRET_ACCESS_KEY=${uriText}')`,
];

/** In a literal the quote of the secret ends the URI and makes the rest unreadable, unless it is doubled. */
const DOUBLED: readonly Template[] = IN_URIS.map((template) => (canary) => {
  const plain = template(canary);
  return plain.startsWith("\\") ? plain : plain.replace(canary.uriText, canary.uriText.replaceAll("'", "''"));
});

function uriTemplates(): Template[] {
  return SCHEMES.flatMap((rule) =>
    Object.entries(rule.parameters)
      .filter(([, { secret }]) => secret === true)
      .flatMap(([name]): Template[] => {
        const uri = (canary: Canary): string =>
          `${rule.example}${rule.example.includes("?") ? "&" : "?"}${name}=${canary.uriText}`;
        return rule.kind === "kms"
          ? [
              (canary) => `BACKUP INTO 'x' WITH kms = ('local-kms:///k', '${uri(canary)}');`,
              (canary) => `CHECK KMS '${uri(canary)}'`,
            ]
          : [
              (canary) => `BACKUP INTO '${uri(canary)}';`,
              (canary) => `CREATE EXTERNAL CONNECTION e AS '${uri(canary)}';`,
              (canary) => `\\timeline '${uri(canary)}'`,
            ];
      }),
  );
}

describe("the history file", () => {
  const templates = [...LITERALS, ...IN_URIS, ...DOUBLED, ...uriTemplates()];
  for (const [number, template] of templates.entries()) {
    const canary = new Canary(`history-${number}`);
    const text = template(canary);
    it(`holds no secret of ${template(new Canary("shown")).replace(/canary-\S*/gu, "…")}`, async () => {
      const path = join(await temporaryFolder(), "history", "history.jsonl");
      const store = new HistoryFile(path);
      await store.append({ text, atMs: 0 });
      await canary.assertAbsentBelow(dirname(path));
      const [entry] = store.entries;
      assert.ok(entry !== undefined && readFileSync(path, "utf8").length > 20, "it was kept");
      assert.ok(placeholdersIn(entry.text).length > 0 || entry.text.endsWith(" ‹unparsable, not stored›"), entry.text);
    });
  }

  it("gives back what was typed once its references are filled", () => {
    for (const [number, template] of [
      ...LITERALS.slice(0, 2),
      ...LITERALS.slice(9, 11),
      ...IN_URIS.slice(0, 1),
    ].entries()) {
      const canary = new Canary(`filled-${number}`);
      const typed = template(canary);
      const store = new HistoryFile(undefined);
      void store.append({ text: typed, atMs: 0 });
      const kept = store.entries[0]?.text ?? "";
      const values = new Map(placeholdersIn(kept).map((name) => [name, canary.secret]));
      assert.equal(fillPlaceholders(kept, values).replaceAll("%27", "'"), typed);
    }
  });
});
