// CHECK EXTERNAL CONNECTION, and the trial that CREATE and ALTER make before they keep a connection.
import type { CheckExternalConnectionStatement } from "../../grammar/index.ts";
import type { Environment } from "../environment.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Column, Event, Events } from "../events.ts";
import { findConnection, parseConnectionUri } from "../external/connections.ts";
import { probeKms, probeStorage, type KmsProbe, type StorageProbe } from "../external/probe.ts";
import { locationError, parseStorageLocation } from "../location-parse.ts";
import { Location } from "../location.ts";
import { parseDuration, parseSize, printSize } from "../plan/amounts.ts";
import type { Reading } from "../plan/reading.ts";

export interface CheckPlan {
  readonly kind: "check-external-connection";
  /** A URI, or a connection's name with what follows it. */
  readonly target: Location | { readonly name: string; readonly path: string };
  /** Of one object; `undefined` when not said. */
  readonly transferBytes: number | undefined;
  /** The trial is repeated until then. */
  readonly minMs: number;
  readonly concurrently: number;
}

const TRANSFER_BYTES = 32 * 1024 * 1024;
const CONCURRENTLY_MAX = 64;

export function planCheck(statement: CheckExternalConnectionStatement, reading: Reading): CheckPlan {
  let [transferBytes, minMs, concurrently]: [number | undefined, number, number] = [undefined, 0, 1];
  for (const option of statement.options) {
    switch (option.name) {
      case "transfer":
        transferBytes = parseSize(reading.text(option.text));
        if (transferBytes === undefined || transferBytes < 1 || !Number.isSafeInteger(transferBytes))
          throw wrongValue("transfer takes a size, such as '32MiB'", option);
        break;
      case "time":
        minMs = parseDuration(reading.text(option.text)) ?? Number.NaN;
        if (!Number.isFinite(minMs)) throw wrongValue("time takes a duration, such as '30s' or '1m30s'", option);
        break;
      case "concurrently":
        concurrently = Number(option.expression.literal ?? option.expression.text);
        if (!Number.isInteger(concurrently) || concurrently < 1 || concurrently > CONCURRENTLY_MAX)
          throw wrongValue(`concurrently takes a number from 1 to ${CONCURRENTLY_MAX}`, option);
        break;
    }
  }
  return { kind: statement.kind, target: planTarget(statement, reading), transferBytes, minMs, concurrently };
}

function wrongValue(
  message: string,
  { span }: { readonly span: CheckExternalConnectionStatement["span"] },
): ShellError {
  return new ShellError("option/value", message, { span, note: "nothing was written" });
}

function planTarget(statement: CheckExternalConnectionStatement, reading: Reading): CheckPlan["target"] {
  const text = reading.text(statement.target).trim();
  if (!text.includes("://")) return { name: text, path: "" };
  const isExternal = /^external:/iu.test(text);
  const parsed = isExternal ? parseStorageLocation(text) : parseConnectionUri(text);
  if (!parsed.ok) throw locationError(parsed.error, statement.target.span);
  return isExternal ? { name: parsed.value.host, path: parsed.value.path } : parsed.value;
}

/** The columns of CockroachDB, for the one node there is. */
const COLUMNS: readonly Column[] = [
  { name: "node", kind: "number" },
  { name: "locality", kind: "text" },
  { name: "ok", kind: "boolean" },
  { name: "error", kind: "text" },
  { name: "transferred", kind: "text" },
  { name: "read_speed", kind: "text" },
  { name: "write_speed", kind: "text" },
  { name: "can_delete", kind: "boolean" },
];

/** Gives the row also when the trial fails, and returns the failure. Throws what opening throws. */
export async function* checkConnection(
  plan: CheckPlan,
  environment: Environment,
  signal?: AbortSignal,
): AsyncGenerator<Event, ShellError | undefined> {
  const location = await locate(plan.target, environment);
  if (location.kind === "kms" && plan.transferBytes !== undefined)
    throw new ShellError("option/conflict", `transfer is for storage, and ${location.label} is a master key`);
  const trial = location.kind === "kms" ? kmsTrial : storageTrial;
  const { error, cells } = await trial(location, plan, { environment, signal });
  yield { type: "columns", columns: COLUMNS };
  const said = error === undefined ? null : [error.message, ...error.detail].join("; ");
  yield { type: "rows", rows: [["1", null, error === undefined ? "t" : "f", said, ...cells]] };
  return error;
}

async function locate(target: CheckPlan["target"], environment: Environment): Promise<Location> {
  if (target instanceof Location) return target;
  const { name, path } = target;
  const connection = await findConnection(environment.connections, name);
  const leadsTo = parseConnectionUri(connection.uri.reveal());
  if (!leadsTo.ok) throw locationError(leadsTo.error);
  const { kind } = leadsTo.value;
  return new Location({
    kind,
    scheme: "external",
    host: name,
    path,
    parameters: new Map(),
    label: `external://${name}${path}`,
  });
}

interface Trial {
  readonly error: ShellError | undefined;
  /** Transferred, speeds, whether it can delete. */
  readonly cells: readonly (string | null)[];
}

interface TrialContext {
  readonly environment: Environment;
  readonly signal: AbortSignal | undefined;
}

async function kmsTrial(location: Location, plan: CheckPlan, { environment, signal }: TrialContext): Promise<Trial> {
  await using service = await environment.openKms(location);
  const until = performance.now() + plan.minMs;
  const attempt = async (): Promise<readonly KmsProbe[]> => {
    const probes: KmsProbe[] = [];
    do probes.push(await probeKms(service, signal));
    while (performance.now() < until);
    return probes;
  };
  const ends = await Promise.allSettled(Array.from({ length: plan.concurrently }, attempt));
  signal?.throwIfAborted();
  const failed = ends.find((end) => end.status === "rejected");
  const workers = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  const cells = [null, keyRate(workers, ({ unwrapMs }) => unwrapMs), keyRate(workers, ({ wrapMs }) => wrapMs), null];
  return { error: failed === undefined ? undefined : asShellError(failed.reason), cells };
}

/** Keys a second of all workers together; `null` when none was done. */
function keyRate(workers: readonly (readonly KmsProbe[])[], msOf: (probe: KmsProbe) => number): string | null {
  const total = sum(workers.map((probes) => (probes.length / Math.max(sum(probes.map(msOf)), 0.001)) * 1000));
  return total === 0 ? null : `${total >= 10 ? Math.round(total) : total.toFixed(1)} keys/s`;
}

async function storageTrial(location: Location, plan: CheckPlan, context: TrialContext): Promise<Trial> {
  const { environment, signal } = context;
  await using store = await environment.openStore(location);
  const bytes = plan.transferBytes ?? TRANSFER_BYTES;
  const until = performance.now() + plan.minMs;
  const attempt = async (): Promise<readonly StorageProbe[]> => {
    const probes: StorageProbe[] = [];
    do probes.push(await probeStorage(store, { bytes, id: environment.newJobId(), signal }));
    while (performance.now() < until && probes.at(-1)?.error === undefined);
    return probes;
  };
  const workers = await Promise.all(Array.from({ length: plan.concurrently }, attempt));
  const probes = workers.flat();
  const error = probes.find((probe) => probe.error !== undefined)?.error;
  const transferred = sum(probes.map(({ writtenBytes }) => writtenBytes));
  const cells = [
    printSize(transferred),
    speed(workers, ({ readBytes, readMs }) => [readBytes, readMs]),
    speed(workers, ({ writtenBytes, writeMs }) => [writtenBytes, writeMs]),
    probes.every(({ canDelete }) => canDelete) ? "t" : "f",
  ];
  return { error, cells };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Of all workers together: each one's own speed, added up. `null` when nothing was moved. */
function speed(
  workers: readonly (readonly StorageProbe[])[],
  measure: (probe: StorageProbe) => readonly [bytes: number, ms: number],
): string | null {
  const perSecond = workers.map((probes) => {
    const bytes = sum(probes.map((probe) => measure(probe)[0]));
    const ms = sum(probes.map((probe) => measure(probe)[1]));
    return bytes === 0 ? 0 : (bytes / Math.max(ms, 1)) * 1000;
  });
  const total = sum(perSecond);
  return total === 0 ? null : `${printSize(total)}/s`;
}

/**
 * Tries out what a connection is to lead to: a master key wraps and unwraps, storage takes, gives and deletes a small
 * object. Storage that can only be read will do, with a warning: backups are restored from such.
 */
export async function* validate(target: Location, environment: Environment, signal?: AbortSignal): Events {
  if (target.kind === "kms") {
    await using service = await environment.openKms(target);
    await probeKms(service, signal);
    return;
  }
  await using store = await environment.openStore(target);
  const probe = await probeStorage(store, { bytes: 1, id: environment.newJobId(), signal });
  if (probe.error === undefined) {
    if (!probe.canDelete) yield warning(`${target.label} can be written and read, but nothing can be deleted there`);
    return;
  }
  if (probe.failed !== "write" || probe.error.code !== "storage/denied") throw probe.error;
  for await (const _ of store.list("", signal)) break;
  yield warning(`${target.label} can be read, but not written`);
}

function warning(message: string): { readonly type: "notice"; readonly severity: string; readonly message: string } {
  return { type: "notice", severity: "WARNING", message };
}
