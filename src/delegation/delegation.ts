import type { CopyStatement, UnloadStatement } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import type { Event } from "../events.ts";
import type { LastLoadErrors } from "../loads/load-errors.ts";
import type { LogClock } from "./late-log.ts";
import type { PlanWarning } from "../plan/clauses.ts";
import type { Reading } from "../plan/reading.ts";

/** `SET execution`: who carries statements out that both sides could. */
export type Execution = "client" | "server" | "auto";

/** One statement that the server may carry out. */
export interface Delegation<Statement = UnloadStatement | CopyStatement> {
  readonly statement: Statement;
  /** The text that the statement's spans are offsets in. */
  readonly source: string;
  readonly reading: Reading;
  readonly execution: Execution;
}

export interface DelegationContext {
  readonly signal: AbortSignal;
  readonly loadErrors: LastLoadErrors;
  /** How long the server may take to answer a cancel before the user is told that it has not; milliseconds. */
  readonly patienceMs?: number;
  /** What waiting for the cluster's logs goes by; the real time where there is none. */
  readonly logClock?: LogClock;
}

/** Whether the server carries this kind of statement out, rather than we do. */
export function isDelegated(
  engine: Engine,
  { statement, execution }: Pick<Delegation<{ readonly kind: string }>, "statement" | "execution">,
): boolean {
  return execution !== "client" && engine.capabilities.delegates.has(statement.kind);
}

/** What a plan warns of, as the user is told it. */
export function warningNotices(warnings: readonly PlanWarning[]): readonly Event[] {
  return warnings.map(({ message, hint }) => ({
    type: "notice",
    severity: "WARNING",
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
}
