import type { Environment } from "../environment.ts";
import type { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import type { Location } from "../location.ts";
import type { Secret } from "../std/secret.ts";
import { Collection } from "./collection.ts";
import { printAttempts, type KeyAttempt } from "./key-table.ts";
import { openBackup, type OpenBackup, type Unlock } from "./open-backup.ts";

/** The keys a statement names; both empty means a backup in the clear. */
export interface KeyChoice {
  readonly kms: readonly Location[];
  readonly passphrase: Secret | undefined;
}

/** Which backup a statement reads, and with what. */
export interface BackupReference extends KeyChoice {
  readonly collection: Location;
  /** `LATEST` or a folder. */
  readonly subdirectory: string;
}

/** Master keys opened together and closed together. */
export class OpenServices implements AsyncDisposable {
  readonly all: readonly KeyManagementService[];

  private constructor(all: readonly KeyManagementService[]) {
    this.all = all;
  }

  static async open(locations: readonly Location[], environment: Pick<Environment, "openKms">): Promise<OpenServices> {
    const all: KeyManagementService[] = [];
    try {
      for (const location of locations) all.push(await environment.openKms(location));
    } catch (thrown) {
      await new OpenServices(all)[Symbol.asyncDispose]();
      throw thrown;
    }
    return new OpenServices(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.all) await service[Symbol.asyncDispose]();
  }
}

/** An open backup with the collection it lies in. */
export interface LocatedBackup extends AsyncDisposable {
  readonly collection: Collection;
  readonly backup: OpenBackup;
  /** What the user should know: keys that failed although another opened the backup. */
  readonly notices: readonly Event[];
}

/** Finds and opens the backup a statement names. Throws what resolving and opening throw. */
export async function locateBackup(
  reference: BackupReference,
  environment: Environment,
  signal?: AbortSignal,
): Promise<LocatedBackup> {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await environment.openStore(reference.collection));
  const collection = new Collection(store);
  const folder = await collection.resolve(reference.subdirectory, signal);
  const services = stack.use(await OpenServices.open(reference.kms, environment));
  const backup = stack.use(await openBackup(store, folder, unlockOf(reference, services), signal));
  const kept = stack.move();
  return {
    collection,
    backup,
    notices: [...keyNotices(backup.keys, "this backup"), ...damageNotices(backup.damage)],
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  };
}

function unlockOf(choice: KeyChoice, services: OpenServices): Unlock {
  if (choice.passphrase !== undefined) return { kind: "passphrase", passphrase: choice.passphrase };
  return services.all.length > 0 ? { kind: "kms", services: services.all } : { kind: "none" };
}

/** One for each damaged ENCRYPTION_INFO file: its keys are lost until it is brought back. */
export function damageNotices(damage: readonly ShellError[]): readonly Event[] {
  return damage.map(({ message, hint = "" }) => ({ type: "notice", severity: "WARNING", message, hint }));
}

/**
 * Of keys of which one opened and others did not; none when all did.
 * @param what was opened.
 */
export function keyNotices(attempts: readonly KeyAttempt[], what: string): readonly Event[] {
  const failed = attempts.filter(({ outcome }) => outcome !== "ok");
  const opened = attempts.find(({ outcome }) => outcome === "ok")?.label;
  if (failed.length === 0) return [];
  return [
    {
      type: "notice",
      severity: "WARNING",
      message: `${failed.length} of ${attempts.length} keys could not open ${what}; ${opened} did`,
      detail: printAttempts(attempts).join("\n"),
      hint: "repair or replace these keys before the last one goes",
    },
  ];
}
