// CREATE KMS KEY, CHECK KMS, ENCRYPT VALUE, DECRYPT VALUE: master keys by hand.
import type { KeyStatement } from "../../grammar/index.ts";
import { failedAttempt, okAttempt, type KeyAttempt } from "../backups/key-table.ts";
import { keyNotices, OpenServices } from "../backups/unlocking.ts";
import { openValue, sealValue } from "../backups/sealed-value.ts";
import type { Environment } from "../environment.ts";
import { ShellError, unreachable } from "../errors.ts";
import type { Column, Event, Events } from "../events.ts";
import { probeKms } from "../external/probe.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import type { Location } from "../location.ts";
import type { Reading } from "../plan/reading.ts";
import type { Secret } from "../std/secret.ts";

export type KmsKeysPlan =
  | { readonly kind: "create-kms-key"; readonly key: Location; readonly ifNotExists: boolean }
  | { readonly kind: "check-kms"; readonly keys: readonly Location[] }
  | { readonly kind: "encrypt-value" | "decrypt-value"; readonly value: Secret; readonly keys: readonly Location[] };

/** Makes every complaint about the statement's text. */
export function planKmsKeys(statement: KeyStatement, reading: Reading): KmsKeysPlan {
  switch (statement.kind) {
    case "create-kms-key":
      return { kind: statement.kind, key: reading.newKms(statement.uri), ifNotExists: statement.ifNotExists };
    case "check-kms":
      return { kind: statement.kind, keys: reading.kms(statement.uris) };
    case "encrypt-value":
    case "decrypt-value":
      return { kind: statement.kind, value: reading.secret(statement.value), keys: reading.kms(statement.kms) };
  }
}

export async function* performKmsKeys(plan: KmsKeysPlan, environment: Environment, signal?: AbortSignal): Events {
  const started = performance.now();
  switch (plan.kind) {
    case "create-kms-key":
      yield* createKey(plan, environment, signal);
      yield { type: "finished", tag: "CREATE KMS KEY", elapsedMs: performance.now() - started };
      return;
    case "check-kms": {
      const failure = yield* checkKeys(plan.keys, environment, signal);
      // The table is whole, so it is finished before the statement fails: else it would be shown nowhere.
      yield { type: "finished", tag: "CHECK KMS", elapsedMs: performance.now() - started };
      if (failure !== undefined) throw failure;
      return;
    }
    case "encrypt-value":
    case "decrypt-value":
      yield* convertValue(plan.kind, plan.value, plan.keys, { environment, signal });
      yield {
        type: "finished",
        tag: plan.kind === "encrypt-value" ? "ENCRYPT VALUE" : "DECRYPT VALUE",
        elapsedMs: performance.now() - started,
      };
      return;
    default:
      unreachable(plan);
  }
}

const CREATED_COLUMNS: readonly Column[] = [
  { name: "kms", kind: "text" },
  { name: "key", kind: "text" },
];

interface Creation {
  readonly key: Location;
  readonly ifNotExists: boolean;
}

async function* createKey({ key, ifNotExists }: Creation, environment: Environment, signal?: AbortSignal): Events {
  try {
    const { uri, name } = await environment.createKmsKey(key, signal);
    yield { type: "columns", columns: CREATED_COLUMNS };
    yield { type: "rows", rows: [[uri, name]] };
  } catch (thrown) {
    if (!ifNotExists || !(thrown instanceof ShellError) || thrown.code !== "key/exists") throw thrown;
    // Of a key file the URI is what was typed; another service may tell more of its own.
    const hint = thrown.hint === undefined || key.scheme === "local-kms" ? {} : { hint: thrown.hint };
    yield { type: "notice", severity: "NOTICE", message: `${key.label} is there already, skipping`, ...hint };
  }
}

const CHECK_COLUMNS: readonly Column[] = [
  { name: "kms", kind: "text" },
  { name: "ok", kind: "boolean" },
  { name: "outcome", kind: "text" },
  { name: "reason", kind: "text" },
];

/** Wraps and unwraps a probe with every key; all are tried. Returns the first failure. */
async function* checkKeys(
  keys: readonly Location[],
  environment: Environment,
  signal?: AbortSignal,
): AsyncGenerator<Event, ShellError | undefined> {
  await using services = await OpenServices.open(keys, environment);
  const attempts = await Promise.all(services.all.map(async (service, index) => probe(service, index + 1, signal)));
  signal?.throwIfAborted();
  yield { type: "columns", columns: CHECK_COLUMNS };
  yield {
    type: "rows",
    rows: attempts.map(({ label, outcome, reason }) => [
      label,
      outcome === "ok" ? "t" : "f",
      outcome,
      reason === "" ? null : reason,
    ]),
  };
  return attempts.find(({ error }) => error !== undefined)?.error;
}

async function probe(service: KeyManagementService, position: number, signal?: AbortSignal): Promise<KeyAttempt> {
  try {
    await probeKms(service, signal);
    return okAttempt(position, service);
  } catch (thrown) {
    return failedAttempt(position, service, thrown);
  }
}

interface Conversion {
  readonly environment: Environment;
  readonly signal: AbortSignal | undefined;
}

async function* convertValue(
  kind: "encrypt-value" | "decrypt-value",
  value: Secret,
  keys: readonly Location[],
  { environment, signal }: Conversion,
): Events {
  await using services = await OpenServices.open(keys, environment);
  if (kind === "encrypt-value") {
    const sealed = await sealValue(value, services.all, signal);
    yield { type: "columns", columns: [{ name: "encrypted", kind: "text" }] };
    yield { type: "rows", rows: [[sealed]] };
    return;
  }
  const opened = await openValue(value.reveal(), services.all, signal);
  yield* keyNotices(opened.attempts, "the value");
  yield { type: "columns", columns: [{ name: "value", kind: "text" }] };
  yield { type: "rows", rows: [[opened.value.reveal()]] };
}
