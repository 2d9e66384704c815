import type { Secret } from "../std/secret.ts";

/** Where a password comes from that no setting has. */
export interface PasswordPrompt {
  /** Undefined where there is no terminal to ask on. Throws `job/interrupted` when whoever is asked gives up. */
  readonly ask: (label: string) => Promise<Secret | undefined>;
  /** Before the server is asked whether it wants one, and in place of what is set. */
  readonly isFirst: boolean;
}
