// `npm run screenshots`: sessions on a real terminal against a real server, as pictures for the documentation.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { homeEnvironment, run, shellCommand, untilPrompt } from "../test/harness/prompt-stage.ts";
import { startPostgres } from "../test/harness/postgres-server.ts";
import { TerminalProgram } from "../test/harness/terminal.ts";
import { svgOf } from "./screen-svg.ts";

const FOLDER = join(import.meta.dirname, "../../docs/screenshots");
const COLUMNS = 104;
const ROWS = 26;
const DAY_MS = 86_400_000;
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
  insert into shop.products select 'sku-' || n, 'Product ' || n, n * 1.5 from generate_series(1, 500) as n;
  insert into shop.orders select n, 1 + n % 20000, date '2026-01-01' + (n % 300)::int, md5(n::text) from generate_series(1, 1000000) as n;
  insert into shop.order_lines select n, 'sku-' || 1 + n % 500, 1 + n % 9 from generate_series(1, 1000000) as n;
  analyze;`;

/** Days before the one all pictures are of, and what is backed up then. */
const BACKUPS: readonly (readonly [number, string])[] = [
  [20, "BACKUP DATABASE shop INTO 'external://vault' WITH kms = 'external://office';"],
  [13, "BACKUP DATABASE shop INTO 'external://vault' WITH kms = ('external://office', 'external://safe');"],
  [9, "BACKUP TABLE shop.customers INTO 'external://vault' WITH encryption_passphrase = 'not a secret';"],
  [2, "BACKUP DATABASE shop INTO 'external://vault' WITH kms = ('external://office', 'external://safe');"],
];

interface Scene {
  readonly name: string;
  readonly showsCursor?: boolean;
  readonly play: (terminal: TerminalProgram) => Promise<void>;
}

const SCENES: readonly Scene[] = [
  {
    name: "editing",
    showsCursor: true,
    play: async (terminal) => {
      terminal.type("select c.name, count(*) -- who buys most?\rfrom shop.orders as o\rjoin shop.customers as c on c");
      await terminal.until("c.id = o.customer_id");
    },
  },
  {
    name: "options",
    showsCursor: true,
    play: async (terminal) => {
      terminal.type(
        "restore table shop.orders from latest in 'external://vault'\rwith encryption_passphrase = 'geheim', s",
      );
      await terminal.until("skip_missing_views");
    },
  },
  {
    name: "mistake",
    showsCursor: true,
    play: async (terminal) => {
      terminal.type("backup database shop\rinto 'external://vault'\rwith kmss = 'external://office' ");
      await terminal.until("expected");
    },
  },
  {
    name: "result",
    play: async (terminal) => {
      await run(
        terminal,
        "select id, name, country, since, since < '2024-06-01' as early from shop.customers order by id limit 8;",
      );
      await run(terminal, "select nmae from shop.customers;");
    },
  },
  {
    name: "progress",
    play: async (terminal) => {
      terminal.type("backup database shop into 'external://vault' with kms = 'external://office';\r");
      await terminal.until(/export .* [1-9]\d%/);
    },
  },
  {
    name: "timeline",
    play: async (terminal) => {
      await run(terminal, "\\timeline external://vault");
    },
  },
  {
    name: "keys",
    play: async (terminal) => {
      await run(terminal, "show backup keys in 'external://vault';");
    },
  },
  {
    name: "plan",
    play: async (terminal) => {
      const query =
        "select c.country, count(*) from shop.orders as o join shop.customers as c on c.id = o.customer_id group by 1";
      await run(terminal, `\\plan ${query};`);
    },
  },
  {
    name: "question",
    play: async (terminal) => {
      terminal.type("begin;\r");
      await terminal.until("shop=*#");
      terminal.type("delete from shop.orders;\r");
      await terminal.until("n no");
    },
  },
];

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
  const open = (moment: number, words: readonly string[] = [], database = "shop"): TerminalProgram =>
    new TerminalProgram(shellCommand(at(database), words), {
      columns: COLUMNS,
      rows: ROWS,
      directory: home,
      environment: { ...homeEnvironment(home), NODE_OPTIONS: clockAt(moment), SEALIFT_HISTORY: "off" },
    });
  const script = async (moment: number, database: string, ...statements: readonly string[]): Promise<void> => {
    const words = statements.flatMap((statement) => ["-c", statement]);
    await using program = open(moment, words, database);
    const { status } = await program.exited();
    if (status !== 0) throw new Error(`a statement failed:\n${program.everything}`);
  };
  try {
    await script(NOW, "postgres", "create database shop");
    await script(NOW, "shop", TABLES, "create kms key 'local-kms:///office'", "create kms key 'local-kms:///safe'");
    await script(
      NOW,
      "shop",
      `create external connection vault as 'file://${home}/vault'`,
      "create external connection office as 'local-kms:///office'",
      "create external connection safe as 'local-kms:///safe'",
    );
    for (const [days, statement] of BACKUPS) await script(NOW - days * DAY_MS, "shop", statement);
    mkdirSync(FOLDER, { recursive: true });
    for (const scene of SCENES) await shoot(scene, open(NOW));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function shoot({ name, showsCursor = false, play }: Scene, program: TerminalProgram): Promise<void> {
  await using terminal = program;
  await untilPrompt(terminal);
  await run(terminal, "\\timing off");
  terminal.press("C-l");
  await terminal.until((screen) => screen.trim() === "shop=#", "a clear screen");
  await play(terminal);
  const cursor = showsCursor ? { cursor: terminal.cursor } : {};
  const picture = svgOf({ rows: terminal.stretches, columns: COLUMNS, title: "sealift", ...cursor });
  writeFileSync(join(FOLDER, `${name}.svg`), picture);
  process.stdout.write(`docs/screenshots/${name}.svg\n`);
}

await main();
