// How long one key takes to be thought about: a statement of a hundred lines, and a database of ten thousand tables.
import { Catalogue } from "../src/assist/catalogue.ts";
import { completeSql } from "../src/assist/complete-sql.ts";
import { completeness } from "../src/assist/completeness.ts";
import { diagnose } from "../src/assist/diagnose.ts";
import { highlight } from "../src/assist/highlight.ts";
import { liveSecrets } from "../src/assist/live-secrets.ts";

const LINES = 100;
const TABLES = 10_000;
const COLUMNS = 20;
const ROUNDS = 200;

export async function benchTyping(): Promise<void> {
  const numbers = Array.from({ length: LINES }, (_, number) => number);
  const backup = `BACKUP TABLE ${numbers.map((n) => `schema_${n}.table_${n}`).join(",\n")}\nINTO 's3://b' WITH kms = ('a', 'b'), detached`;
  const select = `SELECT ${numbers.map((n) => `t.column_${n} + coalesce(t.x, ${n}) AS c${n}`).join(",\n")}\nFROM app_table_1_of_things t WHERE t.`;
  const catalogue = largeCatalogue();
  for (const [name, text] of [
    ["BACKUP", backup],
    ["SELECT", select],
  ] as const) {
    report(`highlight, ${name} of ${LINES} lines`, (n) => highlight(`${text}${n}`));
    report(`diagnose, ${name} of ${LINES} lines`, (n) => diagnose(`${text}${n}`));
    report(`secrets, ${name} of ${LINES} lines`, (n) => liveSecrets(`${text}${n}`));
    report(`completeness, ${name} of ${LINES} lines`, (n) => completeness(`${text}${n}`));
  }
  report(`complete, SELECT of ${LINES} lines`, () => completeSql(select, select.length, catalogue));
  for (const text of ["SELECT * FROM ", "SELECT * FROM app", "SELECT * FROM thin", "SELECT * FROM at9", "SELECT col"]) {
    report(`complete ${text}| of ${TABLES} tables`, () => completeSql(text, text.length, catalogue));
  }
}

function largeCatalogue(): Catalogue {
  const catalogue = new Catalogue();
  catalogue.addSchema("public");
  for (let n = 0; n < TABLES; n++) {
    const columns = Array.from({ length: COLUMNS }, (_, c) => ({ name: `column_${c}_${n % 500}`, type: "text" }));
    catalogue.addRelation({ schema: "public", name: `app_table_${n}_of_things`, kind: "table", columns });
  }
  return catalogue;
}

function report(what: string, work: (round: number) => unknown): void {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    work(round);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  process.stdout.write(`${what.padEnd(48)} median ${at(0.5)} ms, 95 of 100 below ${at(0.95)} ms\n`);
}
