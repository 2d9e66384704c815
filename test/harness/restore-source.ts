import assert from "node:assert/strict";
import type { RestoreRequest, StoredTable } from "../../src/backups/restore-plan.ts";
import type { SequenceValue } from "../../src/engines/engine.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { ShellError, type Code } from "../../src/errors.ts";
import type { DumpToc } from "../../src/formats/dump-toc.ts";
import { startPostgres, type TestPostgres } from "./postgres-server.ts";
import { dump, loadEveryObject, openSession, readSequences, readTables, readTarget } from "./schema.ts";

/** What a test says of a restore; the rest is the source's and the target's. */
export type Wanted = Pick<RestoreRequest<StoredTable>, "selection"> & {
  readonly options?: RestoreRequest<StoredTable>["options"];
};

/** A server, and what a backup of the database of every object would hold. */
export interface RestoreSource {
  readonly server: TestPostgres;
  readonly toc: DumpToc;
  readonly tables: readonly StoredTable[];
  readonly sequences: readonly SequenceValue[];
  request(settings: PostgresSettings, wanted: Wanted): Promise<RestoreRequest<StoredTable>>;
}

export async function openRestoreSource(): Promise<RestoreSource> {
  const server = await startPostgres();
  const held = await server.withDatabase(async (settings) => {
    await using session = await openSession(settings);
    await loadEveryObject(session);
    const toc = await dump(settings);
    return { toc, tables: await readTables(session), sequences: await readSequences(session) };
  });
  const request: RestoreSource["request"] = async (settings, wanted) => {
    const { toc, ...rows } = held;
    return { options: {}, ...wanted, entries: toc.entries, ...rows, target: await readTarget(settings) };
  };
  return { server, ...held, request };
}

/** For `assert.throws` and `assert.rejects`: this code, with these lines among its details. */
export function refusal(code: Code, ...details: readonly RegExp[]): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof ShellError);
    assert.equal(thrown.code, code);
    for (const detail of details) assert.match(thrown.detail.join("\n"), detail);
    return true;
  };
}
