import { after, before, describe } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { registerCopiedQueries, registerCopyStatements, registerQueries } from "./engine-queries.ts";
import { registerCancelling, registerSnapshots } from "./engine-snapshots.ts";
import { registerTransfers } from "./engine-transfers.ts";

/** The cases every engine passes. `open` gives an engine on an empty database; it is opened once. */
export function engineContract(name: string, open: () => Promise<Engine>): void {
  void describe(`engine contract: ${name}`, () => {
    let engine: Engine;
    before(async () => {
      engine = await open();
    });
    after(async () => {
      await engine[Symbol.asyncDispose]();
    });
    registerQueries(() => engine);
    registerCopyStatements(() => engine);
    registerCopiedQueries(() => engine);
    registerTransfers(() => engine);
    registerSnapshots(() => engine);
    registerCancelling(() => engine);
  });
}
