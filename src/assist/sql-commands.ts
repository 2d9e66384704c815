// The commands of SQL that are the database's own: what each is for, and its syntax in short.

export interface SqlCommand {
  readonly name: string;
  readonly summary: string;
  /** In the notation of synopsis.ts. */
  readonly synopses: readonly string[];
}

const ROWS: readonly SqlCommand[] = [
  command("SELECT", "read rows", [
    "[WITH {name AS (query)} [, ...]] SELECT [DISTINCT] expression [, ...] [FROM table [, ...]] [WHERE expression] [GROUP BY expression [, ...]] [HAVING expression] [ORDER BY {expression [ASC | DESC]} [, ...]] [LIMIT number] [OFFSET number]",
  ]),
  command("INSERT", "add rows", [
    "INSERT INTO table [(column [, ...])] {VALUES (expression [, ...]) | query | DEFAULT VALUES} [ON CONFLICT [(column [, ...])] {DO NOTHING | DO UPDATE SET {column = expression} [, ...]}] [RETURNING expression [, ...]]",
  ]),
  command("UPDATE", "change rows", [
    "UPDATE table SET {column = expression} [, ...] [FROM table [, ...]] [WHERE expression] [RETURNING expression [, ...]]",
  ]),
  command("DELETE", "remove rows", [
    "DELETE FROM table [USING table [, ...]] [WHERE expression] [RETURNING expression [, ...]]",
  ]),
  command("MERGE", "add, change and remove rows by comparing with others", [
    "MERGE INTO table USING table ON expression WHEN [NOT] MATCHED THEN action",
  ]),
  command("VALUES", "rows written out", ["VALUES {(expression [, ...])} [, ...]"]),
  command("TABLE", "all rows of a table", ["TABLE relation"]),
  command("TRUNCATE", "remove all rows at once", [
    "TRUNCATE [TABLE] [ONLY] table [, ...] [RESTART IDENTITY | CONTINUE IDENTITY] [CASCADE | RESTRICT]",
  ]),
  command("EXPLAIN", "show how a statement would be carried out", [
    "EXPLAIN [ANALYZE] [VERBOSE] statement",
    "EXPLAIN ({ANALYZE | BUFFERS | COSTS | FORMAT {TEXT | XML | JSON | YAML} | GENERIC_PLAN | SETTINGS | SUMMARY | TIMING | VERBOSE | WAL} [, ...]) statement",
  ]),
  command("LOCK", "lock tables until the transaction ends", [
    "LOCK [TABLE] [ONLY] table [, ...] [IN {ACCESS SHARE | ROW SHARE | ROW EXCLUSIVE | SHARE | EXCLUSIVE | ACCESS EXCLUSIVE} MODE] [NOWAIT]",
  ]),
  command("CALL", "run a procedure", ["CALL procedure (expression [, ...])"]),
  command("DO", "run a block of code once", ["DO [LANGUAGE name] text"]),
];

const TRANSACTIONS: readonly SqlCommand[] = [
  command("BEGIN", "open a transaction", [
    "BEGIN [TRANSACTION | WORK] [ISOLATION LEVEL {READ COMMITTED | REPEATABLE READ | SERIALIZABLE}] [READ WRITE | READ ONLY]",
    "START TRANSACTION [ISOLATION LEVEL {READ COMMITTED | REPEATABLE READ | SERIALIZABLE}] [READ WRITE | READ ONLY]",
  ]),
  command("COMMIT", "keep what the transaction did", [
    "COMMIT [TRANSACTION | WORK] [AND CHAIN]",
    "COMMIT PREPARED text",
  ]),
  command("ROLLBACK", "undo what the transaction did", [
    "ROLLBACK [TRANSACTION | WORK] [AND CHAIN]",
    "ROLLBACK TO SAVEPOINT name",
    "ROLLBACK PREPARED text",
  ]),
  command("SAVEPOINT", "a point in the transaction to go back to", ["SAVEPOINT name"]),
  command("RELEASE", "forget a savepoint", ["RELEASE SAVEPOINT name"]),
];

const SETTINGS: readonly SqlCommand[] = [
  command("SET", "change a setting of the session", [
    "SET [SESSION | LOCAL] setting {TO | =} {value [, ...] | DEFAULT}",
    "SET [SESSION | LOCAL] ROLE role",
    "SET SESSION AUTHORIZATION role",
    "SET TRANSACTION {ISOLATION LEVEL {READ COMMITTED | REPEATABLE READ | SERIALIZABLE} | READ WRITE | READ ONLY}",
    "SET CONSTRAINTS ALL {DEFERRED | IMMEDIATE}",
  ]),
  command("SHOW", "show a setting", ["SHOW {setting | ALL}"]),
  command("RESET", "put a setting back", ["RESET {setting | ALL | ROLE}"]),
  command("DISCARD", "forget what the session holds", ["DISCARD {ALL | PLANS | SEQUENCES | TEMP}"]),
  command("PREPARE", "keep a statement under a name", ["PREPARE name [(type [, ...])] AS statement"]),
  command("EXECUTE", "run a prepared statement", ["EXECUTE name [(expression [, ...])]"]),
  command("DEALLOCATE", "forget a prepared statement", ["DEALLOCATE {name | ALL}"]),
  command("DECLARE", "open a cursor", ["DECLARE name [SCROLL] CURSOR [WITH HOLD] FOR query"]),
  command("FETCH", "rows from a cursor", ["FETCH {NEXT | PRIOR | FIRST | LAST | ALL | FORWARD number} FROM name"]),
  command("CLOSE", "close a cursor", ["CLOSE {name | ALL}"]),
  command("LISTEN", "be told of notifications", ["LISTEN name"]),
  command("NOTIFY", "tell those who listen", ["NOTIFY name [, text]"]),
  command("UNLISTEN", "no longer be told", ["UNLISTEN {name | ALL}"]),
];

const MAINTENANCE: readonly SqlCommand[] = [
  command("ANALYZE", "gather statistics for the planner", ["ANALYZE [VERBOSE] [{table [(column [, ...])]} [, ...]]"]),
  command("VACUUM", "free the space of dead rows", [
    "VACUUM [FULL] [FREEZE] [VERBOSE] [ANALYZE] [{table [(column [, ...])]} [, ...]]",
  ]),
  command("REINDEX", "build indexes anew", [
    "REINDEX {INDEX [CONCURRENTLY] index | TABLE [CONCURRENTLY] table | SCHEMA schema | DATABASE database}",
  ]),
  command("CLUSTER", "order a table by an index", ["CLUSTER [table [USING index]]"]),
  command("CHECKPOINT", "write everything to disk", ["CHECKPOINT"]),
  command("REFRESH MATERIALIZED VIEW", "fill a materialized view anew", [
    "REFRESH MATERIALIZED VIEW [CONCURRENTLY] view [WITH DATA | WITH NO DATA]",
  ]),
  command("COMMENT", "describe an object", [
    "COMMENT ON {TABLE table | VIEW view | COLUMN table | SCHEMA schema | DATABASE database | INDEX index | SEQUENCE sequence | FUNCTION function | TYPE type | ROLE role} IS {text | NULL}",
  ]),
  command("GRANT", "give rights", [
    "GRANT {ALL PRIVILEGES | SELECT | INSERT | UPDATE | DELETE | TRUNCATE | REFERENCES | TRIGGER} [, ...] ON {[TABLE] relation [, ...] | ALL TABLES IN SCHEMA schema [, ...]} TO {role | PUBLIC} [, ...] [WITH GRANT OPTION]",
    "GRANT {USAGE | CREATE | ALL PRIVILEGES} [, ...] ON SCHEMA schema [, ...] TO {role | PUBLIC} [, ...]",
    "GRANT {CONNECT | CREATE | TEMPORARY | ALL PRIVILEGES} [, ...] ON DATABASE database [, ...] TO {role | PUBLIC} [, ...]",
    "GRANT EXECUTE ON {FUNCTION function | ALL FUNCTIONS IN SCHEMA schema} TO {role | PUBLIC} [, ...]",
  ]),
  command("REVOKE", "take rights back", [
    "REVOKE {ALL PRIVILEGES | SELECT | INSERT | UPDATE | DELETE | TRUNCATE} [, ...] ON {[TABLE] relation [, ...] | ALL TABLES IN SCHEMA schema [, ...]} FROM {role | PUBLIC} [, ...] [CASCADE]",
    "REVOKE {USAGE | CREATE | ALL PRIVILEGES} [, ...] ON SCHEMA schema [, ...] FROM {role | PUBLIC} [, ...]",
  ]),
  command("REASSIGN OWNED", "give all a role owns to another", ["REASSIGN OWNED BY role [, ...] TO role"]),
];

function command(name: string, summary: string, synopses: readonly string[]): SqlCommand {
  return { name, summary, synopses };
}

export { command as createCommand };

export const SQL_COMMANDS_OF_ROWS: readonly SqlCommand[] = [...ROWS, ...TRANSACTIONS, ...SETTINGS, ...MAINTENANCE];
