// What COPY says beside its rows, where it can in Redshift's words.
import type { Event } from "../events.ts";
import type { CopyPlan } from "../plan/copy-plan.ts";
import type { FileKeys } from "./file-keys.ts";
import type { LocatedFiles } from "./files.ts";
import type { LoadProgress } from "./rows.ts";

export function* firstNotices(plan: CopyPlan): Generator<Event> {
  for (const { message, hint } of plan.warnings) {
    yield { type: "notice", severity: "WARNING", message, ...(hint === undefined ? {} : { hint }) };
  }
  const idle = ["COMPROWS", "COMPUPDATE"].filter((name) => plan.stated.has(name));
  if (idle.length > 0) {
    yield notice("NOTICE", `${idle.join(" and ")} choose Redshift's column encodings and change nothing here`);
  }
}

export function* fileNotices(located: LocatedFiles, keys: FileKeys): Generator<Event> {
  const { skipped } = located;
  const missing = skipped.filter((file) => file.endsWith(" (missing)"));
  if (missing.length > 0) {
    yield { ...notice("WARNING", `${missing.length} files of the manifest are missing`), detail: missing.join("\n") };
  }
  if (skipped.length > missing.length) {
    yield { ...notice("NOTICE", "manifests among the files were not loaded"), detail: skipped.join("\n") };
  }
  yield* keys.notices;
}

type Notice = Extract<Event, { type: "notice" }>;

function notice(severity: string, message: string): Notice {
  return { type: "notice", severity, message };
}

export interface LoadDone extends Pick<LoadProgress, "carriageReturns" | "replacements"> {
  readonly rows: bigint;
  readonly refused: number;
  readonly dryRun: boolean;
}

/** Of a load that succeeded. */
export function* doneNotices(table: string, done: LoadDone): Generator<Event> {
  const { carriageReturns, replacements, rows, refused, dryRun } = done;
  if (carriageReturns > 0) {
    const message = `lines of ${carriageReturns} files end in CR LF: the CR was taken as part of the line's end`;
    yield notice("WARNING", message);
  }
  if (replacements > 0) {
    yield notice("INFO", `Load into table '${table}': invalid characters were replaced in ${replacements} values.`);
  }
  if (refused > 0) {
    const message = `Load into table '${table}' completed, ${refused} record(s) could not be loaded.  Check \\errors for details.`;
    yield notice("INFO", message);
  }
  if (dryRun) {
    const message = `Load into table '${table}' was checked, ${rows} record(s) could be loaded; NOLOAD loads none.`;
    yield notice("INFO", message);
  } else yield notice("INFO", `Load into table '${table}' completed, ${rows} record(s) loaded successfully.`);
}
