/** One line of syntax for each statement that is ours, for \h. */
export const STATEMENT_HELP: Readonly<Record<string, string>> = {
  BACKUP:
    "BACKUP [TABLE t, … | DATABASE d, …] INTO [LATEST IN | 'subdirectory' IN] 'collection' [AS OF SYSTEM TIME t] [WITH kms = 'uri' | (…), encryption_passphrase = '…', detached, …]",
  RESTORE:
    "RESTORE [TABLE t, … | DATABASE d, …] FROM LATEST | 'subdirectory' IN 'collection' [AS OF SYSTEM TIME t] [WITH kms = …, encryption_passphrase = …, into_db = d, new_db_name = d, …]",
  "SHOW BACKUPS": "SHOW BACKUPS IN 'collection' [WITH details]",
  "SHOW BACKUP KEYS": "SHOW BACKUP KEYS IN 'collection' [WITH kms = 'uri' | (…) | encryption_passphrase = '…', test]",
  "SHOW BACKUP":
    "SHOW BACKUP [SCHEMAS | FILES | RANGES | VALIDATE] FROM LATEST | 'subdirectory' IN 'collection' [WITH kms = …, encryption_passphrase = …, check_files, …]",
  "ALTER BACKUP":
    "ALTER BACKUP LATEST | 'subdirectory' IN 'collection' ADD NEW_KMS = 'uri' | (…) WITH OLD_KMS = 'uri' | (…)",
  UNLOAD:
    "UNLOAD ('SELECT …') | ( SELECT … ) TO 'prefix' [authorization] [FORMAT …] [MASTER_SYMMETRIC_KEY '…'] [option …] [WITH kms = 'uri' | (…) | encryption_passphrase = '…']",
  COPY: "COPY table [(columns)] FROM 'prefix or manifest' [authorization] [FORMAT …] [option …] [WITH kms = … | encryption_passphrase = '…']",
  "CREATE EXTERNAL CONNECTION": "CREATE EXTERNAL CONNECTION [IF NOT EXISTS] name AS 'uri'",
  "ALTER EXTERNAL CONNECTION": "ALTER EXTERNAL CONNECTION name AS 'uri'",
  "DROP EXTERNAL CONNECTION": "DROP EXTERNAL CONNECTION name",
  "SHOW EXTERNAL CONNECTIONS": "SHOW EXTERNAL CONNECTIONS | SHOW EXTERNAL CONNECTION name",
  "CHECK EXTERNAL CONNECTION": "CHECK EXTERNAL CONNECTION 'uri'",
  "CREATE KMS KEY": "CREATE KMS KEY 'local-kms:///name'",
  "CHECK KMS": "CHECK KMS 'uri'",
  "ENCRYPT VALUE": "ENCRYPT VALUE '…' WITH kms = 'uri'",
  "DECRYPT VALUE": "DECRYPT VALUE '…' WITH kms = 'uri'",
  "SHOW JOBS": "SHOW JOBS | SHOW JOB id",
  "PAUSE JOB": "PAUSE JOB id",
  "RESUME JOB": "RESUME JOB id",
  "CANCEL JOB": "CANCEL JOB id",
  EXPLAIN: "EXPLAIN statement",
  "SET EXECUTION": "SET execution = client | server | auto",
};
