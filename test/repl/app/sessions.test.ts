import { after, before } from "node:test";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { runSessions } from "../../harness/sessions.ts";

let server: TestPostgres | undefined;
before(async () => {
  server = await startPostgres();
});
after(() => server?.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server?.socketDir}&port=${server?.port}&user=postgres`;
}

for (const file of ["editing.txt", "results.txt"]) runSessions(file, connection);
