// The prompt on a real pseudo-terminal: from start to the first prompt, from a key to its frame, rows beside psql's.
import { spawn, type IPty } from "@lydell/node-pty";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./measure.ts";
import { startBenchServer, type BenchServer } from "./server.ts";

const COLUMNS = 200;
const ROWS = 50;
const STARTS = 9;
const KEYS = 60;
const RESULT_ROWS = 100_000;
const LINES = 100;
const RESULTS = 20;
const MANY_ROWS = 1_000_000;
const MEMORY_AFTER = new Set([1, 5, RESULTS]);

/** A program on a terminal that nobody looks at: only what comes out of it, and when. */
class Watched {
  readonly #pty: IPty;
  #seen = "";
  #wanted: { readonly text: string; readonly done: () => void } | undefined;

  constructor([program = "", ...words]: readonly string[], environment: Readonly<Record<string, string>>) {
    const env = { ...process.env, TERM: "xterm-256color", ...environment };
    this.#pty = spawn(program, words, { cols: COLUMNS, rows: ROWS, env });
    this.#pty.onData((piece) => {
      // Only the end is looked at: a result of many rows passes by.
      this.#seen = (this.#seen + piece).slice(-4000);
      this.#look();
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  write(text: string): void {
    this.#pty.write(text);
  }

  /** Resolves when a text comes that was not there when this was called. */
  next(text: string): Promise<void> {
    this.#seen = "";
    return new Promise((done) => {
      this.#wanted = { text, done };
    });
  }

  #look(): void {
    if (this.#wanted === undefined || !this.#seen.includes(this.#wanted.text)) return;
    const { done } = this.#wanted;
    this.#wanted = undefined;
    done();
  }

  stop(): void {
    this.#pty.kill("SIGKILL");
  }

  /** Leaves as a user does. */
  async leave(): Promise<void> {
    const ended = new Promise<void>((done) => this.#pty.onExit(() => done()));
    this.#pty.write("\\q\r");
    await ended;
  }
}

function shell(server: BenchServer): readonly string[] {
  return [process.execPath, join(import.meta.dirname, "../../bin/sealift.js"), server.connection];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** What comes last of a prompt that ink draws, which leaves out the blank, and of psql's but for it. */
const PROMPT = "=#";

async function benchStart(server: BenchServer): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at <= STARTS; at++) {
    let program: Watched | undefined;
    const time = await timed(async () => {
      program = new Watched(shell(server), server.environment);
      await program.next(PROMPT);
    });
    // The first start compiles, and keeps what it compiled when it is left.
    if (at === 0) await program?.leave();
    else program?.stop();
    if (at > 0) times.push(time);
  }
  say("start to prompt", `${median(times).toFixed(0)} ms`, "300 ms");
}

/** A query, and a statement of ours, which is read by its grammar at every key. */
const TYPED: Readonly<Record<string, string>> = {
  query: Array.from(
    { length: LINES },
    () => "select a.id, b.name, sum(c.amount) as total from shop.orders a join shop.customers b on b.id = a.customer",
  ).join("\n"),
  BACKUP: `BACKUP TABLE ${Array.from({ length: LINES }, (_, n) => `shop_${n}.orders, shop_${n}.customers_of_many_years`).join(",\n")} `,
};

async function benchKeys(server: BenchServer, name: string, text: string): Promise<void> {
  const program = new Watched(shell(server), server.environment);
  await program.next("\u001b[?2026l");
  const pasted = program.next("\u001b[?2026l");
  program.write(`\u001b[200~${text}\u001b[201~`);
  await pasted;
  const times: number[] = [];
  const work: number[] = [];
  for (let at = 0; at < KEYS; at++) {
    await pause(30);
    const before = mainThreadMs(program.pid);
    times.push(
      await timed(async () => {
        const drawn = program.next("\u001b[?2026l");
        program.write("abcdefghij"[at % 10] ?? "a");
        await drawn;
      }),
    );
    work.push(mainThreadMs(program.pid) - before);
  }
  program.stop();
  const worst = (all: readonly number[]): string =>
    (all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? 0).toFixed(1);
  const told = (all: readonly number[]): string => `${median(all).toFixed(1)} ms, 95 of 100 ${worst(all)} ms`;
  say(`key to frame, ${name}, ${LINES} lines, ${COLUMNS} columns`, told(times), "16 ms");
  // What other programs take from the machine is not in this one.
  say("the main thread's time of it", told(work), "");
}

async function benchRows(server: BenchServer): Promise<void> {
  const query = queryOf(RESULT_ROWS);
  const ours = new Watched(shell(server), server.environment);
  await ours.next("\u001b[?2026l");
  await converse(ours, "\\pset maxrows 0");
  await converse(ours, "\\pset pager off");
  const psql = new Watched(["psql", "-X", "-d", "postgres", "-P", "pager=off"], server.environment);
  await psql.next(PROMPT);
  const times: { ours: number; psql: number }[] = [];
  const memory: string[] = [];
  for (let at = 1; at <= RESULTS; at++) {
    const run = (program: Watched): Promise<number> => timed(() => converse(program, query, `(${RESULT_ROWS} rows)`));
    await pause(200);
    const pair = { psql: await run(psql), ours: await run(ours) };
    if (MEMORY_AFTER.has(at)) memory.push(`${residentMegabytes(ours.pid).toFixed(0)} after ${at}`);
    if (at > 1) times.push(pair);
  }
  await converse(ours, queryOf(MANY_ROWS), `(${MANY_ROWS} rows)`);
  memory.push(`${residentMegabytes(ours.pid).toFixed(0)} after ${MANY_ROWS} rows`);
  ours.stop();
  psql.stop();
  const ratio = median(times.map((pair) => pair.ours / pair.psql));
  const [own, other] = [median(times.map((pair) => pair.ours)), median(times.map((pair) => pair.psql))];
  say(`${RESULT_ROWS} rows`, `${own.toFixed(0)} ms, psql ${other.toFixed(0)} ms, ×${ratio.toFixed(2)}`, "×1.5");
  say("memory, MB", memory.join(", "), "flat");
}

function queryOf(rows: number): string {
  return `select n, md5(n::text) as hash, n * 2 as twice from generate_series(1, ${rows}) as n;`;
}

/** Sends a line and waits for a text of its answer. */
async function converse(program: Watched, line: string, answer = PROMPT): Promise<void> {
  const answered = program.next(answer);
  program.write(`${line}\r`);
  await answered;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Time that the main thread has run (Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a CPU). */
function mainThreadMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}

function say(what: string, found: string, wanted: string): void {
  process.stdout.write(`${what.padEnd(44)} ${found.padEnd(48)} wanted ${wanted}\n`);
}

export async function benchRepl(): Promise<void> {
  const server = startBenchServer(5799);
  try {
    await benchStart(server);
    for (const [name, text] of Object.entries(TYPED)) await benchKeys(server, name, text);
    await benchRows(server);
  } finally {
    server.stop();
  }
}
