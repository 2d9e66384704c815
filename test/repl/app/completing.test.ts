// Proposals on a terminal: of a database with one session, and of what is learned only while they are shown.
import { after, before, test } from "node:test";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, run, untilPrompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

test("the embedded database's tables, columns and joins are proposed", async () => {
  await using prompt = openPrompt({ connection: "embedded:", columns: 100 });
  const { terminal } = prompt;
  await run(terminal, "create table accounts(id int primary key, owner text);");
  await run(terminal, "create table orders(id int, account_id int references accounts(id));");
  terminal.type("select * from acc");
  await terminal.until(/^ +accounts +table/m);
  terminal.type("ounts a join ");
  terminal.press("tab");
  await terminal.until("orders ON orders.account_id = a.id");
  terminal.press("C-c");
  await untilPrompt(terminal);
  terminal.type("select own from accounts");
  for (let steps = 0; steps < " from accounts".length; steps++) terminal.press("left");
  terminal.press("tab");
  await terminal.until("select owner from accounts");
});

test("what was made a moment ago is proposed by the first Tab", async () => {
  await using prompt = openPrompt({ connection: connection(), columns: 100 });
  const { terminal } = prompt;
  await run(terminal, "create table accounts(id int primary key, owner text);");
  terminal.type("select * from acc");
  await terminal.until(/^ +accounts +table/m);
  terminal.press("C-c");
  await untilPrompt(terminal);
  await run(terminal, "create table orders(id int, account_id int references accounts(id));");
  terminal.type("select * from accounts a join ");
  terminal.press("tab");
  await terminal.until("join orders ON orders.account_id = a.id");
});

test("tables of the session alone, and its search path, are known", async () => {
  await using prompt = openPrompt({ connection: connection(), columns: 100 });
  const { terminal } = prompt;
  await run(terminal, "create schema store; create table store.shelf(width int);");
  await run(terminal, "create temp table basket(item int);");
  terminal.type("select * from bask");
  await terminal.until(/^ +basket +table/m);
  terminal.press("C-c");
  await untilPrompt(terminal);
  await run(terminal, "set search_path to store;");
  terminal.type("select * from she");
  await terminal.until(/^ +shelf +table/m);
});

test("a Tab that came too early is answered when the foreign keys are known", async () => {
  await using holder = openPrompt({ connection: connection() });
  // However long the steps of this test take, they are in time.
  const environment = { SEALIFT_COMPLETION_SECONDS: "600" };
  await using prompt = openPrompt({ connection: connection(), columns: 100, environment });
  const { terminal } = prompt;
  await run(holder.terminal, "create table parts(id int primary key);");
  await run(holder.terminal, "create table uses(part_id int references parts(id));");
  await untilPrompt(terminal);
  // Foreign keys cannot be learned for as long as this is open.
  await run(holder.terminal, "begin; lock table pg_catalog.pg_constraint in access exclusive mode;");
  terminal.type("select * from parts p join ");
  terminal.press("tab");
  await terminal.until(/^ +lateral +keyword/m);
  await run(holder.terminal, "rollback;");
  await terminal.until("join uses ON uses.part_id = p.id");
});
