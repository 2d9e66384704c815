import type { ConnectionSettings } from "./connection/settings.ts";
import type { Engine } from "./engines/engine.ts";
import type { Environment } from "./environment.ts";
import type { PasswordPrompt } from "./connection/password-prompt.ts";
import type { SecretSource } from "./plan/reading.ts";

/** The outside world, but for the database that the session connects to itself. */
export interface World extends Omit<Environment, "engine"> {
  openEngine(settings: ConnectionSettings, signal?: AbortSignal): Promise<Engine>;
  readonly secrets: SecretSource;
  /** Absent where nobody is asked. */
  readonly passwordPrompt?: PasswordPrompt;
  /** Statements that would write to the database, or let it be written to, are refused; see `readOnlyWorld`. */
  readonly readOnly?: boolean;
}
