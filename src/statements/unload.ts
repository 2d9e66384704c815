// UNLOAD: its plan. The exclusions are data, in plan/unload-rules.ts; the recipe is in unload/run.ts.
import type { UnloadOption, UnloadStatement } from "../../grammar/index.ts";
import { isDelegated, type Delegation, type DelegationContext } from "../delegation/delegation.ts";
import { unloadOnServer } from "../delegation/unload.ts";
import { requireCopyStreams } from "../engines/copy-streams.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Location } from "../location.ts";
import {
  planAuthorization,
  planLocation,
  type LocationClauses,
  type PlannedAuthorization,
} from "../plan/authorization.ts";
import { Clauses } from "../plan/clauses.ts";
import { checkExclusions, checkRequirements, type Present } from "../plan/exclusions.ts";
import { awsRegion, fileExtension, nonEmpty } from "../plan/option-values.ts";
import { planQuery } from "../plan/query.ts";
import type { Reading } from "../plan/reading.ts";
import { planClientSide } from "../plan/transfer-encryption.ts";
import { planCompression, planFileSize, planFormat, planPartition } from "../plan/unload-files.ts";
import type { UnloadEncryption, UnloadPlaces, UnloadPlan } from "../plan/unload-plan.ts";
import { KEY_IN_CREDENTIALS, OUTSIDE_S3, UNLOAD_EXCLUSIONS, UNLOAD_REQUIREMENTS } from "../plan/unload-rules.ts";
import { runUnload, type UnloadJob } from "../unload/run.ts";

export interface PlanUnloadOptions {
  /** Whether the engine lets a backslash escape in '…', as Redshift does. */
  readonly backslashEscapes?: boolean;
}

/**
 * Makes every complaint about the statement's text; touches nothing.
 * @throws ShellError `option/conflict`, `option/missing`, `option/value`, `location/*`, and `syntax/unexpected` for
 * the query, each with the span it is about.
 */
export function planUnload(
  statement: UnloadStatement,
  reading: Reading,
  { backslashEscapes = false }: PlanUnloadOptions = {},
): UnloadPlan {
  const { sql: query, place: queryPlace } = planQuery(statement.query, reading, backslashEscapes);
  const planned = planAuthorization(statement.options, reading);
  const present = presentClauses(statement, planned, reading);
  checkExclusions(present, UNLOAD_EXCLUSIONS);
  checkRequirements(present, UNLOAD_REQUIREMENTS);
  const options = new Clauses(statement.options, reading);
  const encryption = planEncryption(statement, planned, options);
  const target = planTarget(statement, planned, { options, encryption });
  const { bytes: fileBytesMax, warnings } = planFileSize(options);
  return {
    query,
    queryPlace,
    target,
    authorization: planned.authorization,
    format: planFormat(options),
    compression: planCompression(options),
    encryption,
    manifest: planManifest(options),
    existing: options.has("ALLOWOVERWRITE") ? "overwrite" : options.has("CLEANPATH") ? "delete-first" : "refuse",
    parallel: options.get("PARALLEL")?.setting !== "OFF",
    fileBytesMax,
    extension: options.value("EXTENSION", fileExtension),
    partition: planPartition(options),
    places: placesOf(statement, options),
    warnings,
  };
}

type UnloadOptions = Clauses<UnloadOption>;

function presentClauses(statement: UnloadStatement, planned: PlannedAuthorization, reading: Reading): Present {
  const present = new Map([...statement.options, ...statement.keys].map(({ name, span }) => [name as string, span]));
  for (const option of statement.options) {
    if (option.name === "ENCRYPTED" && option.auto) present.set("ENCRYPTED AUTO", option.span);
  }
  if (planned.masterKey !== undefined) present.set(KEY_IN_CREDENTIALS, planned.masterKey.span);
  if (!/^s3:/i.test(reading.text(statement.target))) present.set(OUTSIDE_S3, statement.target.span);
  return present;
}

interface TargetClauses {
  readonly options: UnloadOptions;
  readonly encryption: UnloadEncryption;
}

function planTarget(
  statement: UnloadStatement,
  planned: PlannedAuthorization,
  { options, encryption }: TargetClauses,
): Location {
  const region = options.get("REGION");
  const serverSide = serverSideOf(encryption, options);
  const regionName = options.value("REGION", awsRegion);
  const target = planLocation(
    statement.target,
    {
      planned,
      ...(region === undefined || regionName === undefined ? {} : { region: { value: regionName, span: region.span } }),
      ...(serverSide === undefined ? {} : { serverSide }),
    },
    options.reading,
  );
  if (target.scheme === "s3" && target.host.endsWith("-s3alias")) {
    throw new ShellError("location/invalid", "UNLOAD cannot write to an S3 access point alias", {
      hint: "name the bucket itself",
      note: "nothing was changed",
      span: statement.target.span,
    });
  }
  return target;
}

/** What S3 is asked for; nothing for the bucket's default, which it does unasked. */
function serverSideOf(encryption: UnloadEncryption, options: UnloadOptions): LocationClauses["serverSide"] {
  const option = options.get("KMS_KEY_ID") ?? options.get("ENCRYPTED");
  if (option === undefined) return undefined;
  const { name, span } = option;
  if (encryption.type === "sse-kms") return { name, keyId: encryption.keyId, span };
  return encryption.type === "sse-s3" ? { name, span } : undefined;
}

function planEncryption(
  statement: UnloadStatement,
  planned: PlannedAuthorization,
  options: UnloadOptions,
): UnloadEncryption {
  const clientSide = planClientSide(statement, planned, options.reading);
  if (clientSide !== undefined) return clientSide;
  const keyId = options.value("KMS_KEY_ID", nonEmpty);
  if (keyId !== undefined) return { type: "sse-kms", keyId };
  const encrypted = options.get("ENCRYPTED");
  if (encrypted === undefined) return { type: "none" };
  return { type: encrypted.auto ? "bucket-default" : "sse-s3" };
}

function placesOf({ target }: UnloadStatement, options: UnloadOptions): UnloadPlaces {
  const format = options.get("CSV") ?? options.get("JSON") ?? options.get("PARQUET") ?? options.get("FIXEDWIDTH");
  const partition = options.get("PARTITION BY");
  return {
    target: target.span,
    ...(format === undefined ? {} : { format: format.span }),
    ...(partition === undefined
      ? {}
      : { partition: partition.span, partitionColumns: partition.columns.map(({ span }) => span) }),
  };
}

function planManifest(options: UnloadOptions): UnloadPlan["manifest"] {
  const manifest = options.get("MANIFEST");
  if (manifest === undefined) return "none";
  return manifest.verbose ? "verbose" : "plain";
}

export type UnloadContext = UnloadJob & DelegationContext & { readonly delegation: Delegation<UnloadStatement> };

/**
 * Writes the query's rows to files, or has the server do it. On failure, and on abort, deletes what it wrote and says so.
 * Throws what the engine, the store and the keys throw, `option/*` where columns do not go with the clauses, and
 * `engine/retired` for what the server no longer does.
 */
export async function* performUnload(plan: UnloadPlan, environment: Environment, context: UnloadContext): Events {
  const engine = await environment.engine();
  if (isDelegated(engine, context.delegation)) {
    return yield* unloadOnServer(plan, engine, context.delegation, context);
  }
  requireCopyStreams(engine, "UNLOAD");
  yield* runUnload(plan, environment, context);
}
