import { ShellError } from "../../errors.ts";
import type { DumpToc } from "../../formats/dump-toc.ts";
import { parsePgDumpToc } from "../../formats/pg-dump-toc.ts";
import { dumpArguments, type DumpRequest } from "./arguments.ts";
import { pgDumpFailure } from "./failure.ts";
import { runPgDumpBinary, type PgDumpBinary } from "./binary-dump.ts";
import type { DumpTransport } from "./transport.ts";
import { runWasmPgDump, type PgDumpRun } from "./wasm-dump.ts";

export interface DumpSchemaOptions extends DumpRequest {
  readonly signal?: AbortSignal;
  /** Instead of the built-in pg_dump. */
  readonly binary?: PgDumpBinary;
}

// Time a server gets to notice that it was cancelled before the connection is dropped anyway.
const CANCEL_PATIENCE_MS = 5_000;

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function readRun(run: PgDumpRun): DumpToc {
  if (run.status !== 0) throw pgDumpFailure(run);
  return parsePgDumpToc(run.file);
}

async function cancelSoon(transport: DumpTransport): Promise<void> {
  const patience = new Promise<void>((resolve) => {
    setTimeout(resolve, CANCEL_PATIENCE_MS).unref();
  });
  // A server that cannot be asked to stop is left to notice the closed connection.
  await Promise.race([transport.cancel().catch(() => undefined), patience]);
}

/**
 * Describes every object of a database at one instant. `connect` opens a session only for this; it is closed in any
 * case. With `binary` the connection is that program's own and `connect` is not called. Throws `engine/unsupported`
 * for a server that pg_dump does not know, `engine/lost`, `engine/failed` with the server's words, `job/interrupted`.
 */
export async function dumpSchemaToc(
  connect: () => Promise<DumpTransport>,
  options: DumpSchemaOptions,
): Promise<DumpToc> {
  const { signal } = options;
  if (isAborted(signal)) throw new ShellError("job/interrupted", "reading the schema was interrupted");
  if (options.binary !== undefined) {
    return readRun(await runPgDumpBinary(options.binary, dumpArguments(options), signal));
  }
  const transport = await connect();
  try {
    return readRun(await runWasmPgDump(transport, dumpArguments(options), signal));
  } catch (thrown) {
    if (isAborted(signal)) await cancelSoon(transport);
    throw thrown;
  } finally {
    await transport.close();
  }
}
