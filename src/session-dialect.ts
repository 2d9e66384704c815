import type { Dialect } from "../grammar/index.ts";
import type { Session } from "./session.ts";

/** How the session's texts are to be read: as its server says, or as its settings let expect before it is connected. */
export function dialectOf(session: Pick<Session, "settings" | "describe">): Dialect {
  const { settings } = session;
  const name = session.describe()?.name;
  if (name !== undefined) return name === "redshift" ? "redshift" : "postgres";
  return settings.kind === "postgres" && settings.expectsRedshift === true ? "redshift" : "postgres";
}
