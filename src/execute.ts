// From a statement of ours to what carries it out: the one switch over statement kinds, once for planning (pure, all
// complaints about the text) and once for performing.
import { print, type CopyJobStatement, type OurStatement, type TemplateStatement } from "../grammar/index.ts";
import { isDelegated, type Execution } from "./delegation/delegation.ts";
import { refuseOnServer } from "./delegation/refusals.ts";
import { movedBy, verbOf } from "./diagnostics.ts";
import type { Environment } from "./environment.ts";
import { asShellError, ShellError, unreachable } from "./errors.ts";
import type { Events } from "./events.ts";
import type { JobRegistry } from "./jobs/registry.ts";
import type { LastLoadErrors } from "./loads/load-errors.ts";
import { maskStatement } from "./mask.ts";
import { needsRedshift } from "./plan/copy-refusals.ts";
import type { Reading } from "./plan/reading.ts";
import { performAlterBackup, planAlterBackup } from "./statements/alter-backup.ts";
import { performBackup, planBackup } from "./statements/backup.ts";
import { performCopy, planCopy } from "./statements/copy.ts";
import { performExternalConnection, planExternalConnection } from "./statements/external-connections.ts";
import { performJobs, planJobs } from "./statements/jobs.ts";
import { performKmsKeys, planKmsKeys } from "./statements/kms-keys.ts";
import { performRestore, planRestoreStatement } from "./statements/restore.ts";
import { performShowBackup, planShowBackup } from "./statements/show-backup.ts";
import { performShowBackupKeys, planShowBackupKeys } from "./statements/show-backup-keys.ts";
import { performShowBackups, planShowBackups } from "./statements/show-backups.ts";
import { performUnload, planUnload } from "./statements/unload.ts";
import { performVerifyBackup, planVerifyBackup } from "./statements/verify-backup.ts";

/** What a planned statement does when it runs. */
export interface Planned {
  /** Present for BACKUP and RESTORE … WITH detached: the type of the job. */
  readonly detached: "BACKUP" | "RESTORE" | undefined;
  /** Present for what is made of COPY over the connection: the verb, for whoever has to refuse it. */
  readonly needsCopyStreams?: "BACKUP" | "RESTORE";
  /** Every complaint of a server that carries the statement out itself. Throws `engine/retired`, `engine/unsupported`. */
  readonly checkOnServer?: (execution: Execution) => void;
  perform(context: PerformContext): Events;
}

export interface PerformContext {
  readonly environment: Environment;
  readonly jobs: JobRegistry;
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** Where a COPY leaves the rows that it refused. */
  readonly loadErrors: LastLoadErrors;
  readonly execution: Execution;
  /** The text that the statement's spans are offsets in. */
  readonly source: string;
}

export interface PlanOptions {
  /** Whether the engine lets a backslash escape in '…'. */
  readonly backslashEscapes: boolean;
}

/**
 * Makes every complaint about a statement's text; touches nothing.
 * @throws ShellError `option/*`, `location/*`, `engine/unsupported` with the span it is about.
 */
export function planStatement(statement: OurStatement, reading: Reading, options: PlanOptions): Planned {
  const planned = planKind(statement, reading, options);
  // What fails in the background is told when another text is on the screen.
  if (planned.detached !== undefined) return planned;
  return { ...planned, perform: (context) => placed(planned.perform(context), reading) };
}

/** What a statement of ours fails on when it runs points at the string of the text that it is about. */
async function* placed(events: Events, { places }: Reading): Events {
  try {
    yield* events;
  } catch (thrown) {
    throw places.mark(asShellError(thrown));
  }
}

function planKind(statement: OurStatement, reading: Reading, options: PlanOptions): Planned {
  switch (statement.kind) {
    case "backup": {
      const plan = planBackup(statement, reading);
      return {
        detached: plan.detached ? "BACKUP" : undefined,
        needsCopyStreams: "BACKUP",
        perform: (c) => performBackup(plan, c.environment, c),
      };
    }
    case "restore": {
      const plan = planRestoreStatement(statement, reading);
      return {
        detached: plan.detached ? "RESTORE" : undefined,
        needsCopyStreams: "RESTORE",
        perform: (c) => performRestore(plan, c.environment, c),
      };
    }
    case "show-backups": {
      const plan = planShowBackups(statement, reading);
      return attached((c) => performShowBackups(plan, c.environment, c.signal));
    }
    case "show-backup": {
      const plan = planShowBackup(statement, reading);
      return attached((c) => performShowBackup(plan, c.environment, c.signal));
    }
    case "show-backup-keys": {
      const plan = planShowBackupKeys(statement, reading);
      return attached((c) => performShowBackupKeys(plan, c.environment, c.signal));
    }
    case "verify-backup": {
      const plan = planVerifyBackup(statement, reading);
      return attached((c) => performVerifyBackup(plan, c.environment, c));
    }
    case "alter-backup": {
      const plan = planAlterBackup(statement, reading);
      return attached((c) => performAlterBackup(plan, c.environment, c.signal));
    }
    case "create-kms-key":
    case "check-kms":
    case "encrypt-value":
    case "decrypt-value": {
      const plan = planKmsKeys(statement, reading);
      return attached((c) => performKmsKeys(plan, c.environment, c.signal));
    }
    case "show-jobs":
    case "control-jobs":
    case "alter-job-owner": {
      const plan = planJobs(statement);
      return attached((c) => performJobs(plan, c.jobs));
    }
    case "unload": {
      const plan = planUnload(statement, reading, options);
      return {
        ...attached((c) => performUnload(plan, c.environment, { ...c, delegation: { ...c, statement, reading } })),
        checkOnServer: (execution) => refuseOnServer({ statement, reading, execution }),
      };
    }
    case "copy": {
      const plan = planCopy(statement, reading);
      return {
        ...attached((c) => performCopy(plan, c.environment, { ...c, delegation: { ...c, statement, reading } })),
        checkOnServer: (execution) => refuseOnServer({ statement, reading, execution }),
      };
    }
    case "set-execution":
    case "show-execution":
      throw new ShellError("bug/invariant", "the session keeps this setting itself");
    case "create-external-connection":
    case "alter-external-connection":
    case "drop-external-connection":
    case "show-external-connections":
    case "check-external-connection": {
      const plan = planExternalConnection(statement, reading);
      return attached((c) => performExternalConnection(plan, c.environment, c.signal));
    }
    case "copy-job":
    case "template":
      return attached((c) => performOnServer(statement, c));
    case "create-schedule":
    case "alter-schedule":
    case "show-schedules":
    case "show-create-schedule":
    case "control-schedules":
      throw notYet(statement);
    default:
      return unreachable(statement);
  }
}

function attached(perform: Planned["perform"]): Planned {
  return { detached: undefined, perform };
}

/** What only a server can carry out. */
async function* performOnServer(statement: CopyJobStatement | TemplateStatement, context: PerformContext): Events {
  const engine = await context.environment.engine();
  if (!isDelegated(engine, { ...context, statement })) throw needsRedshift(statement);
  const { start, end } = statement.span;
  try {
    yield* engine.run(context.source.slice(start, end), context);
  } catch (thrown) {
    throw movedBy(asShellError(thrown), start);
  }
}

function notYet(statement: OurStatement): ShellError {
  return new ShellError("engine/unsupported", `${verbOf(statement)} is not supported on this engine yet`, {
    note: "nothing was changed",
    span: statement.span,
  });
}

/** The statement as it may be shown: URIs without their secrets, no passphrase. */
export function describeStatement(statement: OurStatement): string {
  return print(statement, { mask: maskStatement });
}
