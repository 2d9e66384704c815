// The commands of SQL that define, change and drop objects.
import { createCommand as command, SQL_COMMANDS_OF_ROWS, type SqlCommand } from "./sql-commands.ts";

const COLUMN = "name type [NOT NULL] [DEFAULT expression] [PRIMARY KEY] [UNIQUE] [REFERENCES table [(column)]]";

const CREATE: readonly SqlCommand[] = [
  command("CREATE TABLE", "a new table", [
    `CREATE [TEMPORARY | UNLOGGED] TABLE [IF NOT EXISTS] name ({${COLUMN} | PRIMARY KEY (column [, ...]) | FOREIGN KEY (column [, ...]) REFERENCES table [(column [, ...])] | UNIQUE (column [, ...]) | CHECK (expression) | LIKE table} [, ...])`,
    "CREATE [TEMPORARY | UNLOGGED] TABLE [IF NOT EXISTS] name AS query",
  ]),
  command("CREATE VIEW", "a named query", ["CREATE [OR REPLACE] [TEMPORARY] VIEW name [(column [, ...])] AS query"]),
  command("CREATE MATERIALIZED VIEW", "a query whose rows are kept", [
    "CREATE MATERIALIZED VIEW [IF NOT EXISTS] name AS query [WITH NO DATA]",
  ]),
  command("CREATE INDEX", "an index on a table", [
    "CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] [name] ON [ONLY] table [USING {btree | hash | gin | gist | brin}] ({column [ASC | DESC]} [, ...]) [INCLUDE (column [, ...])] [WHERE expression]",
  ]),
  command("CREATE SCHEMA", "a new schema", ["CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION role]"]),
  command("CREATE DATABASE", "a new database", [
    "CREATE DATABASE name [WITH] [OWNER role] [TEMPLATE database] [ENCODING text]",
  ]),
  command("CREATE SEQUENCE", "a source of numbers", [
    "CREATE SEQUENCE [IF NOT EXISTS] name [AS type] [START WITH number] [INCREMENT BY number] [CACHE number]",
  ]),
  command("CREATE FUNCTION", "a function of one's own", [
    "CREATE [OR REPLACE] FUNCTION name (definition) RETURNS type LANGUAGE {SQL | plpgsql} AS text",
  ]),
  command("CREATE PROCEDURE", "a procedure to CALL", [
    "CREATE [OR REPLACE] PROCEDURE name (definition) LANGUAGE {SQL | plpgsql} AS text",
  ]),
  command("CREATE TRIGGER", "a function that runs when rows change", [
    "CREATE [OR REPLACE] TRIGGER name {BEFORE | AFTER | INSTEAD OF} {INSERT | UPDATE | DELETE | TRUNCATE} ON table FOR EACH {ROW | STATEMENT} [WHEN (expression)] EXECUTE FUNCTION function",
  ]),
  command("CREATE TYPE", "a type of one's own", [
    "CREATE TYPE name AS ENUM (text)",
    "CREATE TYPE name AS ({name type} [, ...])",
  ]),
  command("CREATE DOMAIN", "a type with conditions", [
    "CREATE DOMAIN name AS type [DEFAULT expression] [NOT NULL] [CHECK (expression)]",
  ]),
  command("CREATE EXTENSION", "load an extension", ["CREATE EXTENSION [IF NOT EXISTS] name [WITH SCHEMA schema]"]),
  command("CREATE ROLE", "a user or a group", [
    "CREATE {ROLE | USER} name [WITH] [LOGIN | NOLOGIN] [SUPERUSER] [CREATEDB] [CREATEROLE] [PASSWORD text] [IN ROLE role]",
  ]),
  command("CREATE POLICY", "which rows a role may see", [
    "CREATE POLICY name ON table [FOR {ALL | SELECT | INSERT | UPDATE | DELETE}] [TO role] [USING (expression)] [WITH CHECK (expression)]",
  ]),
];

const ALTER: readonly SqlCommand[] = [
  command("ALTER TABLE", "change a table", [
    "ALTER TABLE [IF EXISTS] [ONLY] table ADD [COLUMN] [IF NOT EXISTS] name type [NOT NULL] [DEFAULT expression]",
    "ALTER TABLE [IF EXISTS] [ONLY] table DROP COLUMN [IF EXISTS] column [CASCADE]",
    "ALTER TABLE [IF EXISTS] [ONLY] table ALTER [COLUMN] column {TYPE type [USING expression] | SET DEFAULT expression | DROP DEFAULT | SET NOT NULL | DROP NOT NULL}",
    "ALTER TABLE [IF EXISTS] [ONLY] table ADD CONSTRAINT name {PRIMARY KEY (column [, ...]) | UNIQUE (column [, ...]) | CHECK (expression) | FOREIGN KEY (column [, ...]) REFERENCES table (column [, ...])}",
    "ALTER TABLE [IF EXISTS] [ONLY] table DROP CONSTRAINT [IF EXISTS] name [CASCADE]",
    "ALTER TABLE [IF EXISTS] [ONLY] table RENAME {TO name | COLUMN column TO name | CONSTRAINT name TO name}",
    "ALTER TABLE [IF EXISTS] table {OWNER TO role | SET SCHEMA schema | ENABLE ROW LEVEL SECURITY | DISABLE TRIGGER ALL | ENABLE TRIGGER ALL}",
  ]),
  command("ALTER VIEW", "change a view", [
    "ALTER VIEW [IF EXISTS] view {RENAME TO name | OWNER TO role | SET SCHEMA schema}",
  ]),
  command("ALTER INDEX", "change an index", ["ALTER INDEX [IF EXISTS] index RENAME TO name"]),
  command("ALTER SEQUENCE", "change a sequence", [
    "ALTER SEQUENCE [IF EXISTS] sequence {RESTART [WITH number] | OWNED BY table | RENAME TO name | OWNER TO role}",
  ]),
  command("ALTER SCHEMA", "change a schema", ["ALTER SCHEMA schema {RENAME TO name | OWNER TO role}"]),
  command("ALTER DATABASE", "change a database", [
    "ALTER DATABASE database {RENAME TO name | OWNER TO role | SET setting {TO | =} value | RESET setting}",
  ]),
  command("ALTER ROLE", "change a user or a group", [
    "ALTER {ROLE | USER} role {RENAME TO name | SET setting {TO | =} value | [WITH] [LOGIN | NOLOGIN] [SUPERUSER] [CREATEDB] [PASSWORD text]}",
  ]),
  command("ALTER TYPE", "change a type", ["ALTER TYPE type {ADD VALUE text | RENAME TO name | OWNER TO role}"]),
  command("ALTER DEFAULT PRIVILEGES", "rights of objects to come", [
    "ALTER DEFAULT PRIVILEGES [FOR ROLE role] [IN SCHEMA schema] GRANT {ALL | SELECT | INSERT | UPDATE | DELETE} [, ...] ON {TABLES | SEQUENCES | FUNCTIONS} TO role",
  ]),
];

const DROPPED: readonly (readonly [word: string, slot: string])[] = [
  ["TABLE", "table"],
  ["VIEW", "view"],
  ["MATERIALIZED VIEW", "view"],
  ["INDEX", "index"],
  ["SEQUENCE", "sequence"],
  ["SCHEMA", "schema"],
  ["FUNCTION", "function"],
  ["PROCEDURE", "procedure"],
  ["TYPE", "type"],
  ["DOMAIN", "type"],
  ["EXTENSION", "name"],
];

const DROP: readonly SqlCommand[] = [
  ...DROPPED.map(([word, slot]) =>
    command(`DROP ${word}`, `remove a ${word.toLowerCase()}`, [
      `DROP ${word} [IF EXISTS] ${slot} [, ...] [CASCADE | RESTRICT]`,
    ]),
  ),
  command("DROP DATABASE", "remove a database", ["DROP DATABASE [IF EXISTS] database [WITH (FORCE)]"]),
  command("DROP ROLE", "remove a user or a group", ["DROP {ROLE | USER} [IF EXISTS] role [, ...]"]),
  command("DROP TRIGGER", "remove a trigger", ["DROP TRIGGER [IF EXISTS] name ON table [CASCADE]"]),
  command("DROP POLICY", "remove a policy", ["DROP POLICY [IF EXISTS] name ON table"]),
  command("DROP OWNED", "remove all a role owns", ["DROP OWNED BY role [, ...] [CASCADE | RESTRICT]"]),
];

/** PostgreSQL's own COPY, beside the one from storage. */
const COPY: readonly SqlCommand[] = [
  command("COPY", "rows from and to the client or the server's files", [
    "COPY relation [(column [, ...])] {FROM {STDIN | PROGRAM text | text} | TO {STDOUT | PROGRAM text | text}} [[WITH] ({FORMAT {csv | text | binary} | HEADER | DELIMITER text | NULL text | QUOTE text | ESCAPE text | ENCODING text | FORCE_NULL (column)} [, ...])] [WHERE expression]",
    "COPY (query) TO {STDOUT | PROGRAM text | text} [[WITH] (options)]",
  ]),
];

export const SQL_COMMANDS: readonly SqlCommand[] = [...SQL_COMMANDS_OF_ROWS, ...CREATE, ...ALTER, ...DROP, ...COPY];
