// --read-only: the server refuses what writes, and what it would not refuse is refused here. A rail against slips, not a
// permission: a function may still do what its owner may.
import { endsReadOnly, type Statement } from "../grammar/index.ts";
import { verbOf } from "./diagnostics.ts";
import type { Engine } from "./engines/engine.ts";
import { asShellError, ShellError } from "./errors.ts";
import type { World } from "./open-world.ts";

/** The world of a session that reads only: every connection begins so, and is closed when it cannot. */
export function readOnlyWorld(world: World): World {
  return {
    ...world,
    readOnly: true,
    openEngine: async (settings, signal) => {
      const engine = await world.openEngine(settings, signal);
      await makeReadOnly(engine);
      return engine;
    },
  };
}

async function makeReadOnly(engine: Engine): Promise<void> {
  try {
    for await (const event of engine.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")) {
      if (event.type === "failed") throw event.error;
    }
  } catch (thrown) {
    await engine[Symbol.asyncDispose]();
    throw asShellError(thrown).with({ note: "--read-only was asked for, so the connection was closed" });
  }
}

const HINT = "leave out --read-only, or readOnly in the profile, to write";

/** Complaints about statements that write to the database, or would let it be written to. */
export function writesAmong(statements: readonly Statement[]): readonly ShellError[] {
  return statements.flatMap((statement) => {
    const { kind, span } = statement;
    if (kind === "restore" || kind === "copy") {
      const message = `${verbOf(statement)} writes to the database, and this session is read-only`;
      return [new ShellError("statement/read-only", message, { hint: HINT, note: "nothing was changed", span })];
    }
    if (kind !== "passthrough" || !endsReadOnly(statement.text)) return [];
    const message = "this session is read-only, and the statement would end that";
    return [new ShellError("statement/read-only", message, { hint: HINT, span })];
  });
}

/** Throws the first of them. */
export function refuseWrites(statements: readonly Statement[]): void {
  const [first] = writesAmong(statements);
  if (first !== undefined) throw first;
}
