import type { Session } from "../src/index.ts";

/** What every prompt tells of the connection. */
export interface PromptState {
  readonly database: string;
  readonly superuser: boolean;
  /** `lost` where no connection is open any more. */
  readonly transaction: "idle" | "open" | "failed" | "lost";
}

export function promptStateOf(session: Pick<Session, "describe" | "settings" | "transaction">): PromptState {
  const { settings } = session;
  const description = session.describe();
  if (description !== undefined) {
    const { database, superuser } = description;
    return { database, superuser, transaction: session.transaction };
  }
  return {
    database: settings.kind === "embedded" ? "embedded" : settings.database,
    superuser: false,
    transaction: "lost",
  };
}

/** psql's marks: nothing while no transaction is open. */
export const TRANSACTION_MARKS: Readonly<Record<PromptState["transaction"], string>> = {
  idle: "",
  open: "*",
  failed: "!",
  lost: "?",
};
