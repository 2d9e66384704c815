// Builds the real world: the only file that reads the process's environment.
import { DatabaseSession, type OurStatement, type OurStatements } from "./database-session.ts";
import type { Doors } from "./doors.ts";
import { ShellError } from "./errors.ts";
import { VERSION } from "./version.ts";

export function openDoors(): Doors {
  return {
    version: VERSION,
    environment: { ...process.env },
    openSession: (settings) =>
      new DatabaseSession({
        settings,
        ours: DATABASE_ONLY,
        open: {
          postgres: async (host) => (await import("./engines/postgres/engine.ts")).openPostgres(host),
          embedded: async ({ directory }) =>
            (await import("./engines/embedded/embedded.ts")).openEmbedded({ directory }),
        },
      }),
    decrypt: () => refuse("decrypt"),
    inspect: () => refuse("inspect"),
  };
}

/** The statements that no room carries out yet are refused by name. */
const DATABASE_ONLY: OurStatements = {
  perform: ({ kind }: OurStatement) => refuse(kind),
  plan: ({ kind }: OurStatement) => refuse(kind),
  check() {},
};

function refuse(what: string): never {
  throw new ShellError("engine/unsupported", `${what} is not part of this build`);
}
