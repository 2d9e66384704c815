// `npm run screenshots`: sessions on a real terminal against a real server, as pictures for the documentation.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { homeEnvironment, run, shellCommand, untilPrompt } from "../test/harness/prompt-stage.ts";
import { startPostgres } from "../test/harness/postgres-server.ts";
import { TerminalProgram } from "../test/harness/terminal.ts";
import { svgOf } from "./screen-svg.ts";
import { SCENES, startOver, type Scene } from "./screenshot-scenes.ts";

const FOLDER = join(import.meta.dirname, "../../docs/screenshots");
const COLUMNS = 104;
const ROWS = 26;
const NOW = Date.parse("2026-11-21T07:18:26Z");

const TABLES = `
  create schema shop;
  create table shop.customers (id int primary key, name text not null, country text, since date);
  create table shop.products (sku text primary key, title text, price numeric(8, 2));
  create table shop.orders (id bigint primary key, customer_id int not null references shop.customers, placed date, note text);
  create table shop.order_lines (order_id bigint references shop.orders, sku text references shop.products,
    quantity int, primary key (order_id, sku));
  insert into shop.customers select n, (array['Ann', 'Bob', 'Çağ', '李雷'])[1 + n % 4] || ' ' || n,
    (array['DE', 'FR', null, 'JP'])[1 + n % 4], date '2024-01-01' + n % 600 from generate_series(1, 20000) as n;
  insert into shop.products select 'sku-' || n, 'Product ' || n, n * 1.5 from generate_series(1, 500) as n;`;

/** The server names backups by its clock: here by a setting of the session. */
const CLOCK = `
  create schema demo;
  create function demo.clock_timestamp() returns timestamptz language sql as $$ select current_setting('demo.now')::timestamptz $$`;

const [OFFICE, BOTH] = ["kms = 'external://office'", "kms = ('external://office', 'external://safe')"];
/** When something is backed up, and what. */
const BACKUPS: readonly (readonly [string, string])[] = [
  ["2026-11-01 03:00:00.12", `BACKUP DATABASE shop INTO 'external://vault' WITH ${OFFICE};`],
  ["2026-11-04 03:00:00.07", `BACKUP DATABASE shop INTO 'external://vault' WITH ${OFFICE};`],
  ["2026-11-08 03:00:00.31", `BACKUP DATABASE shop INTO 'external://vault' WITH ${BOTH};`],
  [
    "2026-11-10 16:21:44.90",
    "BACKUP TABLE shop.orders INTO 'external://vault' WITH encryption_passphrase = 'not a secret';",
  ],
  ["2026-11-15 03:00:00.18", `BACKUP DATABASE shop INTO 'external://vault' WITH ${BOTH};`],
  ["2026-11-21 03:00:00.25", "BACKUP TABLE shop.products, shop.customers INTO 'external://vault';"],
];
/** Rows that come between two backups: they grow. */
const GROWTH = (from: number): string =>
  `insert into shop.orders select n, 1 + n % 20000, date '2026-01-01' + (n % 300)::int, md5(n::text) from generate_series(${from}, ${from + 39_999}) as n`;

/** Loaded before the shell: its clock begins on a day that is always the same. */
function clockAt(moment: number): string {
  const source = `const Real = Date, by = ${moment} - Real.now();
    globalThis.Date = class extends Real {
      constructor(...given) { super(...(given.length === 0 ? [Real.now() + by] : given)); }
      static now() { return Real.now() + by; }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(source)}`;
}

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "sealift-screenshots-"));
  await using server = await startPostgres();
  const at = (database: string): string =>
    `postgresql:///${database}?host=${server.socketDir}&port=${server.port}&user=postgres`;
  const open = (command: readonly string[], environment: Readonly<Record<string, string>> = {}): TerminalProgram =>
    new TerminalProgram(command, {
      columns: COLUMNS,
      rows: ROWS,
      directory: home,
      environment: {
        ...homeEnvironment(home),
        NODE_OPTIONS: clockAt(NOW),
        SEALIFT_HISTORY: "off",
        ...environment,
      },
    });
  const script = async (database: string, statements: readonly string[], options = ""): Promise<void> => {
    const words = statements.flatMap((statement) => ["-c", statement]);
    await using program = open(shellCommand(at(database), words), { PGOPTIONS: options });
    const { status } = await program.exited();
    if (status !== 0) throw new Error(`a statement failed:\n${program.everything}`);
  };
  try {
    await script("postgres", ["alter system set autovacuum = off", "select pg_reload_conf()", "create database shop"]);
    await script("shop", [TABLES, CLOCK, "create kms key 'local-kms:///office'", "create kms key 'local-kms:///safe'"]);
    await script("shop", [
      `create external connection vault as 'file://${home}/vault'`,
      "create external connection office as 'local-kms:///office'",
      "create external connection safe as 'local-kms:///safe'",
    ]);
    for (const [index, [moment, statement]] of BACKUPS.entries()) {
      const clock = `-c search_path=demo,pg_catalog -c demo.now=${moment.replace(" ", "T")}Z`;
      await script("shop", [GROWTH(1 + index * 40_000), statement], clock);
    }
    await script("shop", ["analyze"]);
    mkdirSync(FOLDER, { recursive: true });
    const block = [process.execPath, join(import.meta.dirname, "screenshot-block.js")];
    for (const scene of SCENES) await shoot(scene, open(scene.program === "block" ? block : shellCommand(at("shop"))));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function shoot(scene: Scene, program: TerminalProgram): Promise<void> {
  await using terminal = program;
  const { name, showsCursor = false, end } = scene;
  try {
    if (scene.program === undefined) {
      await untilPrompt(terminal);
      await run(terminal, "\\timing off");
      await startOver(terminal);
    }
    await scene.play(terminal);
    await terminal.until(() => leftOfCursor(terminal).endsWith(end), `the cursor behind "${end}"`);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`${name}.svg was not made: ${reason}`, { cause: thrown });
  }
  const cursor = showsCursor ? { cursor: terminal.cursor } : {};
  const picture = svgOf({ rows: terminal.stretches, columns: COLUMNS, title: "sealift", ...cursor });
  writeFileSync(join(FOLDER, `${name}.svg`), picture);
  process.stdout.write(`docs/screenshots/${name}.svg\n`);
}

function leftOfCursor(terminal: TerminalProgram): string {
  const { x, y } = terminal.cursor;
  const row = terminal.stretches[y] ?? [];
  return row.flatMap(({ column, text }) => (column < x ? [text.slice(0, x - column)] : [])).join("");
}

await main();
