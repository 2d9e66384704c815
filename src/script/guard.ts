import type { ShellError } from "../errors.ts";
import type { Session } from "../session.ts";

/** Stands before every statement. Who asks, and whether anybody is asked, is the front end's to say. */
export interface StatementGuard {
  /** What reading the text alone tells: a complaint before anything of a script is run. */
  readonly check: (text: string) => ShellError | undefined;
  /** Before a statement runs; a complaint when it must not. */
  readonly confirm: (
    text: string,
    session: Session,
    signal: AbortSignal | undefined,
  ) => Promise<ShellError | undefined>;
}
