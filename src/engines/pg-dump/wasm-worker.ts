// Worker thread: pg_dump blocks while it waits for the server, so it has a thread of its own.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { loadPgDumpFactory, type PgDumpModule } from "./wasm-module.ts";

export interface PgDumpWork {
  readonly args: readonly string[];
  /** The server's bytes, each an Uint8Array; null when no more will come. */
  readonly answers: MessagePort;
  /** Counts the messages posted to `answers`; the thread sleeps on it. */
  readonly posted: Int32Array<SharedArrayBuffer>;
}

export type PgDumpReport =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  | { readonly type: "exit"; readonly status: number; readonly file: Uint8Array; readonly stderr: string }
  | { readonly type: "broken"; readonly reason: string };

const OUTPUT = "/tmp/dump";
const PASSWORD_FILE = "/home/postgres/.pgpass";

class AnswerReader {
  readonly #work: PgDumpWork;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(work: PgDumpWork) {
    this.#work = work;
  }

  /** Blocks until there is a byte; 0 is the end. */
  readInto(target: Uint8Array): number {
    while (this.#rest.length === 0) {
      if (this.#ended) return 0;
      this.#await();
    }
    const piece = this.#rest.subarray(0, target.length);
    target.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  #await(): void {
    const { answers, posted } = this.#work;
    const seen = Atomics.load(posted, 0);
    const received: { readonly message: Uint8Array | null } | undefined = receiveMessageOnPort(answers);
    if (received === undefined) Atomics.wait(posted, 0, seen);
    else if (received.message === null) this.#ended = true;
    else this.#rest = received.message;
  }
}

function connectCallbacks(module: PgDumpModule, work: PgDumpWork): void {
  const answers = new AnswerReader(work);
  // HEAPU8 is looked up at every call: the memory moves when it grows.
  const read = module.addFunction(
    (pointer, length) => answers.readInto(module.HEAPU8.subarray(pointer, pointer + length)),
    "iii",
  );
  const write = module.addFunction((pointer, length) => {
    report({ type: "send", bytes: module.HEAPU8.slice(pointer, pointer + length) });
    return length;
  }, "iii");
  module._pgl_set_rw_cbs(read, write);
}

function report(message: PgDumpReport): void {
  parentPort?.postMessage(message, []);
}

async function run(work: PgDumpWork): Promise<void> {
  const factory = await loadPgDumpFactory();
  const stderr: string[] = [];
  let status = 0;
  const prepare = (module: PgDumpModule): void => {
    Object.assign(module.ENV, { HOME: "/home/postgres", USER: "postgres", LOGNAME: "postgres" });
    module.onRuntimeInitialized = () => {
      connectCallbacks(module, work);
      // libpq warns about a password file that others can read.
      module.FS.chmod(PASSWORD_FILE, 0o600);
    };
  };
  const module = await factory({
    noExitRuntime: false,
    thisProgram: "pg_dump",
    print: () => undefined,
    printErr: (line) => stderr.push(line),
    onExit: (code) => {
      status = code;
    },
    preRun: [prepare],
  });
  module.callMain([...work.args, "-f", OUTPUT]);
  const file = status === 0 ? module.FS.readFile(OUTPUT) : new Uint8Array(0);
  report({ type: "exit", status, file, stderr: stderr.join("\n") });
}

try {
  await run(workerData as PgDumpWork);
} catch (thrown) {
  report({ type: "broken", reason: thrown instanceof Error ? thrown.message : String(thrown) });
}
