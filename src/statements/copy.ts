// COPY from storage: its plan and how it runs. The exclusions are data, in plan/copy-rules.ts.
import type { CopyOption, CopyStatement } from "../../grammar/index.ts";
import { copyOnServer } from "../delegation/copy.ts";
import { isDelegated, type Delegation, type DelegationContext } from "../delegation/delegation.ts";
import { requireCopyStreams } from "../engines/copy-streams.ts";
import type { Environment } from "../environment.ts";
import type { Events } from "../events.ts";
import { performLoad, type CopyContext } from "../loads/perform-copy.ts";
import { planAuthorization, type PlannedAuthorization } from "../plan/authorization.ts";
import { Clauses, type PlanWarning } from "../plan/clauses.ts";
import { COMPROWS_RAISED, planConversion, planLoad } from "../plan/copy-conversion.ts";
import type { CopyPlan } from "../plan/copy-plan.ts";
import { COPY_EXCLUSIONS, COPY_REQUIREMENTS } from "../plan/copy-rules.ts";
import { refuseServerOnly } from "../plan/copy-refusals.ts";
import { planCopyFormat, planSource, sourceKind } from "../plan/copy-source.ts";
import { checkExclusions, checkRequirements, type Present } from "../plan/exclusions.ts";
import { badValue } from "../plan/option-values.ts";
import type { Reading } from "../plan/reading.ts";
import { planClientSide } from "../plan/transfer-encryption.ts";
import { KEY_IN_CREDENTIALS } from "../plan/unload-rules.ts";

/**
 * Makes every complaint about the statement's text; touches nothing.
 * @throws ShellError `option/conflict`, `option/missing`, `option/value`, `location/*`, each with the span it is about.
 */
export function planCopy(statement: CopyStatement, reading: Reading): CopyPlan {
  const planned = planAuthorization(statement.options, reading);
  const present = presentClauses(statement, planned, reading);
  checkExclusions(present, COPY_EXCLUSIONS);
  checkRequirements(present, COPY_REQUIREMENTS);
  const options = new Clauses(statement.options, reading);
  const source = planSource(statement, planned, options);
  return {
    table: options.names(statement.table.path),
    columns: planColumns(statement, options),
    source,
    authorization: planned.authorization,
    format: planCopyFormat(source, planned, options),
    compression: planCompression(options),
    encryption: planClientSide(statement, planned, reading) ?? { type: "none" },
    conversion: planConversion(options),
    load: planLoad(options),
    job: planJob(options),
    template: planTemplate(options),
    stated: new Set([...statement.options, ...statement.keys].map(({ name }) => name)),
    warnings: warningsOf(present, options),
  };
}

export type CopyRun = CopyContext & DelegationContext & { readonly delegation: Delegation<CopyStatement> };

/**
 * Loads the files into the table in one transaction, or has the server do it.
 * @throws ShellError `engine/unsupported` for what only Redshift does, `engine/retired` for what it no longer does,
 * and what {@link performLoad} throws.
 */
export async function* performCopy(plan: CopyPlan, environment: Environment, context: CopyRun): Events {
  const engine = await environment.engine();
  if (isDelegated(engine, context.delegation)) {
    return yield* copyOnServer(plan, engine, context.delegation, context);
  }
  refuseServerOnly(plan);
  requireCopyStreams(engine, "COPY");
  yield* performLoad(plan, environment, context);
}

type CopyOptions = Clauses<CopyOption>;

function presentClauses(statement: CopyStatement, planned: PlannedAuthorization, reading: Reading): Present {
  const present = new Map([...statement.options, ...statement.keys].map(({ name, span }) => [name as string, span]));
  present.set(sourceKind(statement, reading), statement.source.span);
  for (const option of statement.options) {
    if (option.name === "IAM_ROLE" && option.role === "default") present.set("IAM_ROLE DEFAULT", option.span);
  }
  if (planned.masterKey !== undefined) present.set(KEY_IN_CREDENTIALS, planned.masterKey.span);
  return present;
}

function planColumns(statement: CopyStatement, options: CopyOptions): readonly string[] | undefined {
  if (statement.columns.length === 0) return undefined;
  const seen = new Set<string>();
  for (const [at, column] of options.names(statement.columns).entries()) {
    const span = statement.columns[at]?.span ?? statement.span;
    if (seen.has(column)) throw badValue({ name: "the column list", span }, `names ${column} twice`);
    seen.add(column);
  }
  return [...seen];
}

const COMPRESSIONS = { BZIP2: "bzip2", GZIP: "gzip", LZOP: "lzop", ZSTD: "zstd" } as const;

function planCompression(options: CopyOptions): CopyPlan["compression"] {
  for (const name of ["BZIP2", "GZIP", "LZOP", "ZSTD"] as const) if (options.has(name)) return COMPRESSIONS[name];
  return "none";
}

function planJob(options: CopyOptions): CopyPlan["job"] {
  const option = options.get("JOB CREATE");
  if (option === undefined) return undefined;
  const [name = ""] = options.names([option.job]);
  if (name.includes("-")) throw badValue({ name: "JOB CREATE", span: option.job.span }, "takes a name without -");
  return { name, auto: option.auto };
}

function planTemplate(options: CopyOptions): CopyPlan["template"] {
  const option = options.get("USING TEMPLATE");
  return option === undefined ? undefined : options.names(option.template.path);
}

/** What Redshift's documentation advises against and accepts. */
function warningsOf(present: Present, options: CopyOptions): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (present.has(KEY_IN_CREDENTIALS) && !options.has("ENCRYPTED")) {
    warnings.push({
      message: "CREDENTIALS has a master_symmetric_key, so the files are read as ENCRYPTED",
      hint: "add ENCRYPTED",
    });
  }
  if (options.has("ACCEPTANYDATE") && !options.has("DATEFORMAT")) {
    warnings.push({
      message: "ACCEPTANYDATE without DATEFORMAT",
      hint: "say which dates are expected: DATEFORMAT 'auto'",
    });
  }
  if (options.has("REGION") && (options.has("PARQUET") || options.has("ORC"))) {
    warnings.push({ message: "Redshift reads PARQUET and ORC from the cluster's own region only" });
  }
  const rows = options.number("COMPROWS", { min: 0 });
  if (rows !== undefined && rows < COMPROWS_RAISED) {
    warnings.push({ message: `COMPROWS ${rows} is raised to ${COMPROWS_RAISED}` });
  }
  return warnings;
}
