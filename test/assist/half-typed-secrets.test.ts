// A secret is hidden from its first letter on, whatever stands behind it; `¦` is where it is typed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveSecrets } from "../../src/assist/live-secrets.ts";

const PLACES = `
backup into 'x' with encryption_passphrase = '¦'
BACKUP TABLE a, b INTO LATEST IN 'x' WITH kms = 'k', encryption_passphrase='¦', detached
backup into 'x' with encryption_passphrase = "¦"
backup into 'x' with encryption_passphrase = ¦
backup into 'x' with encryption_passphrase = $q$¦$q$
backup into 'x' with options (encryption_passphrase = '¦')
backup into 'x' with encryption_passphrase /* c */ = /* d */ '¦'
restore table a from latest in 'x' with into_db = 'd', encryption_passphrase = '¦'
show backup schemas from latest in 'x' with encryption_passphrase='¦'
show backup keys in 'x' with encryption_passphrase='¦'
verify backup from latest in 'x' with encryption_passphrase = '¦'
explain backup into 'x' with encryption_passphrase = '¦'
create schedule s for backup into 'x' with encryption_passphrase = '¦' recurring '@daily'
unload ('select 1') to 's3://x' with encryption_passphrase = '¦'
unload ('select 1') to 's3://x' with credentials as '¦'
unload ('select 1') to 's3://x' access_key_id 'a' secret_access_key '¦' session_token 'x'
unload ('select 1') to 's3://x' access_key_id 'a' secret_access_key 'b' session_token '¦'
unload ($$select 1$$) to 's3://x' iam_role default master_symmetric_key '¦' encrypted
copy t from 's3://x' credentials 'aws_access_key_id=AK;aws_secret_access_key=¦'
copy t from 's3://x' iam_role default encrypted master_symmetric_key '¦'
copy t from 's3://x' job create j credentials '¦'
copy t from 's3://x?AWS_SECRET_ACCESS_KEY=¦&AWS_ACCESS_KEY_ID=a'
backup into 'azure-blob://c/p?AZURE_ACCOUNT_NAME=n&AZURE_ACCOUNT_KEY=¦'
backup into 'gs://b?AUTH=specified&CREDENTIALS=¦'
backup into ('s3://x?AWS_SESSION_TOKEN=a', 's3://y?AWS_SECRET_ACCESS_KEY=¦')
backup into 'x' with kms = ('aws-kms:///k', 'azure-kms:///k/v?AZURE_CLIENT_SECRET=¦')
backup into 'https://h/p?X-Amz-Signature=¦&sig=x'
create external connection c as 's3://x?AWS_SECRET_ACCESS_KEY=¦'
create external connection if not exists c as 'postgres://u:¦@h/d'
alter backup latest in 'x' add new_kms = 'aws-kms:///k?AWS_SECRET_ACCESS_KEY=¦' with old_kms = 'y'
encrypt value $$¦$$ with kms = 'local-kms:///k'
create role r login password '¦' valid until 'x'
create role r password ¦
create user u identified by '¦'
create user mapping for u server s options (user 'a', password '¦')
alter user mapping for u server s options (set "password" '¦')
alter subscription s connection 'host=h password=¦ user=u'
select dblink_connect('postgresql://u:¦@h/d')
copy t from program 'PGPASSWORD=¦ psql'
select 1; backup into 'x' with encryption_passphrse = '¦'; select 2
\\c postgresql://u:¦@h/d
\\c "host=h password=¦"
\\c postgresql://h/d?password=¦
\\! AWS_SECRET_ACCESS_KEY=¦ aws s3 ls
\\set api_token '¦'
\\secret pass ¦
\\timeline 's3://b?AWS_SECRET_ACCESS_KEY=¦'
`
  .trim()
  .split("\n");

describe("what is typed of a secret", () => {
  for (const place of PLACES.filter((one) => one.includes("¦"))) {
    it(`is hidden in ${place}`, () => {
      const [before = "", after = ""] = place.split("¦");
      for (const secret of ["Canary9", "cd-e/f+g.h"]) {
        for (const rest of ["", after]) {
          for (let length = 1; length <= secret.length; length++) {
            const text = before + secret.slice(0, length) + rest;
            const spans = liveSecrets(text);
            for (let at = before.length; at < before.length + length; at++) {
              assert.ok(
                spans.some(({ start, end }) => start <= at && at < end),
                `${text} at ${at}`,
              );
            }
          }
        }
      }
    });
  }
});
