import { ShellError } from "../errors.ts";
import type { Engine } from "./engine.ts";

const INSTEAD: Readonly<Record<string, string>> = {
  BACKUP: "UNLOAD the tables to S3; the cluster's own snapshots are taken with AWS's tools",
  RESTORE: "restore into PostgreSQL or the embedded database, UNLOAD there to S3 and COPY here",
  UNLOAD: "SET execution = auto has the cluster carry it out",
  COPY: "SET execution = auto has the cluster carry it out",
};

/** Throws `engine/unsupported` when the engine cannot send and take rows by COPY over the connection. */
export function requireCopyStreams(engine: Engine, verb: string): void {
  if (engine.capabilities.copyStreams) return;
  const hint = INSTEAD[verb];
  throw new ShellError(
    "engine/unsupported",
    `${verb} here needs COPY over the connection, which ${engine.description.name} does not have`,
    { note: "nothing was changed", ...(hint === undefined ? {} : { hint }) },
  );
}
