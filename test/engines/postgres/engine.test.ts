import { after, before } from "node:test";
import { openPostgres } from "../../../src/engines/postgres/engine.ts";
import { engineContract } from "../../contracts/engine.ts";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(async () => {
  await server.stop();
});

engineContract("postgres", () => openPostgres(server.settings));
