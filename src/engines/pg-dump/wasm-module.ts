// The WASM build of pg_dump in @electric-sql/pglite-tools. The package exports only a function that writes plain SQL;
// the Emscripten factory behind it is a private constant of one of its files. A module hook, active only while that
// package is imported and only in the thread that does it, adds one export to that file.
import { registerHooks } from "node:module";

/** The part of the Emscripten module that a dump needs. */
export interface PgDumpModule {
  readonly ENV: Record<string, string>;
  readonly HEAPU8: Uint8Array;
  readonly FS: { readFile(path: string): Uint8Array; chmod(path: string, mode: number): void };
  addFunction(callback: (pointer: number, length: number) => number, signature: "iii"): number;
  /** Replaces the socket calls of libpq. Both return how many bytes they moved; a read of 0 is the connection's end. */
  _pgl_set_rw_cbs(read: number, write: number): void;
  callMain(args: string[]): void;
  onRuntimeInitialized?: () => void;
}

export interface PgDumpModuleOptions {
  readonly noExitRuntime: boolean;
  readonly thisProgram: string;
  readonly print: (text: string) => void;
  readonly printErr: (text: string) => void;
  readonly onExit: (status: number) => void;
  readonly preRun: readonly ((module: PgDumpModule) => void)[];
}

export type PgDumpFactory = (options: PgDumpModuleOptions) => Promise<PgDumpModule>;

const PACKAGE = "@electric-sql/pglite-tools/pg_dump";
const EXPORT = "pgDumpFactory";
// How Emscripten's MODULARIZE output begins when it is an ES module; esbuild chooses the constant's name.
const FACTORY = /\bvar ([\w$]+)=\(\(\)=>\{var _scriptName=import\.meta\.url;/;

function textOf(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  return source instanceof Uint8Array ? new TextDecoder().decode(source) : undefined;
}

/** Loads the factory. Throws when the installed package has not the shape this file knows. Call it in a worker thread. */
export async function loadPgDumpFactory(): Promise<PgDumpFactory> {
  const entry = import.meta.resolve(PACKAGE);
  const folder = new URL(".", entry).href;
  let factoryUrl: string | undefined;
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith(folder)) return loaded;
      const source = textOf(loaded.source);
      const name = source === undefined ? undefined : FACTORY.exec(source)?.[1];
      if (source === undefined || name === undefined) return loaded;
      factoryUrl = url;
      return { ...loaded, source: `${source}\nexport { ${name} as ${EXPORT} };\n` };
    },
  });
  try {
    await import(entry);
    const exported = factoryUrl === undefined ? {} : ((await import(factoryUrl)) as Record<string, unknown>);
    const factory = exported[EXPORT];
    if (typeof factory !== "function") throw new Error(`${PACKAGE} has no pg_dump factory where it is looked for`);
    return factory as PgDumpFactory;
  } finally {
    hooks.deregister();
  }
}
