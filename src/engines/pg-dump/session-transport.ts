import type { DumpListener, DumpTransport } from "./transport.ts";

/** A database's only session, used in turns. */
export interface SharedSession {
  /** Sends whole frontend messages and hands on what the server answers until it waits again. */
  exchange(messages: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<void>;
  /** Runs SQL without a result. */
  execute(sql: string): Promise<void>;
  readonly parameters: ReadonlyMap<string, string>;
}

const SAVEPOINT = "sealift_schema_dump";

/**
 * Lends a shared session, which stands in a REPEATABLE READ, READ ONLY transaction, to a dump. pg_dump's own BEGIN is
 * then no more than a warning, so it reads the very snapshot of that transaction; its SETs end with a savepoint, its
 * prepared statements are dropped by name. Nobody else may use the session until `close`.
 */
export async function openSessionTransport(session: SharedSession): Promise<DumpTransport> {
  await session.execute(`SAVEPOINT ${SAVEPOINT}`);
  let listener: DumpListener | undefined;
  let turn = Promise.resolve();
  let closed = false;
  return {
    parameters: session.parameters,
    listen: (given) => {
      listener = given;
    },
    send: (messages) => {
      turn = turn
        .then(() => (closed ? undefined : session.exchange(messages, (bytes) => listener?.data(bytes))))
        .catch(() => listener?.end());
    },
    // The statement that is running cannot be stopped; the ones after it are not sent.
    cancel: () => {
      closed = true;
      return Promise.resolve();
    },
    close: async () => {
      if (closed && listener === undefined) return;
      closed = true;
      await turn;
      listener = undefined;
      await session.execute(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}`);
      await session.execute(DEALLOCATE_DUMP_STATEMENTS);
    },
  };
}

/** Names as pg_dump.c gives them: one PREPARE for each kind of object that it describes one by one. */
export const PREPARED_STATEMENTS: readonly string[] = [
  "dumpAgg",
  "dumpBaseType",
  "dumpCompositeType",
  "dumpDomain",
  "dumpEnumType",
  "dumpFunc",
  "dumpOpr",
  "dumpRangeType",
  "dumpTableAttach",
  "getAttributeStats",
  "getColumnACLs",
  "getDomainConstraints",
];

// Names are folded to lower case: pg_dump does not quote them.
const DEALLOCATE_DUMP_STATEMENTS = `DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT s.name FROM pg_catalog.pg_prepared_statements s WHERE s.from_sql
    AND s.name = ANY (pg_catalog.string_to_array('${PREPARED_STATEMENTS.join(" ").toLowerCase()}', ' '))
  LOOP EXECUTE pg_catalog.format('DEALLOCATE %I', name); END LOOP;
END $$`;
