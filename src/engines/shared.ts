// What another thread shared, opened again in this one. The only place that asks a shared thing whose it is.
import { ShellError } from "../errors.ts";
import type { Engine, SharedConnection, SharedSnapshot } from "./engine.ts";
import type { SnapshotReader } from "./postgres/snapshot.ts";

/** @throws ShellError `engine/connect`, `engine/unsupported` for an engine that shares nothing */
export async function joinSnapshot(share: SharedSnapshot): Promise<SnapshotReader> {
  if (share.engine !== "postgres") throw unshared(share.engine);
  const { joinPostgresSnapshot } = await import("./postgres/snapshot.ts");
  return joinPostgresSnapshot(share);
}

/** @throws ShellError `engine/connect`, `engine/unsupported` for an engine that shares nothing */
export async function joinConnection(share: SharedConnection): Promise<Engine> {
  if (share.engine !== "postgres") throw unshared(share.engine);
  const { joinPostgres } = await import("./postgres/engine.ts");
  return joinPostgres(share);
}

function unshared(engine: string): ShellError {
  return new ShellError("engine/unsupported", `the ${engine} engine cannot be used from several threads`);
}
