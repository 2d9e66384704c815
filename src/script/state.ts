import type { EngineDescription } from "../engines/engine.ts";
import type { ShellError } from "../errors.ts";
import { Conditions } from "./conditions.ts";
import { DEFAULT_DISPLAY, type Display } from "./display.ts";
import type { OutputTarget } from "./events.ts";
import { LastResult } from "./last-result.ts";
import type { Place } from "./source.ts";
import { Variables } from "./variables.ts";

export interface Failure {
  readonly error: ShellError;
  readonly place: Place;
}

/** What a script has set so far. */
export class ScriptState {
  readonly variables: Variables;
  readonly conditions = new Conditions();
  display: Display;
  output: OutputTarget = { kind: "stdout" };
  timing = false;
  lastQuery = "";
  readonly lastResult = new LastResult();
  lastFailure: Failure | undefined;
  /** The failure that decides the exit status: the first. */
  firstFailure: ShellError | undefined;
  /** Set by \q: nothing more is run. */
  leaving = false;
  /** Set by a failure: this source runs no further. */
  stopped = false;
  /** The word that \unrestrict must repeat. */
  restriction: string | undefined;
  statements = 0;
  /** Where the open transaction began. */
  transactionPlace: Place | undefined;

  constructor(variables: Variables, display: Display = DEFAULT_DISPLAY) {
    this.variables = variables;
    this.display = display;
  }

  /** What was set so far, for a second interpreter: what runs in one does not change the other. */
  fork(): ScriptState {
    const fork = new ScriptState(new Variables(this.variables.entries()), this.display);
    fork.output = this.output;
    fork.timing = this.timing;
    fork.lastQuery = this.lastQuery;
    fork.restriction = this.restriction;
    fork.statements = this.statements;
    return fork;
  }

  /** psql's variables about the connection. */
  showConnection(description: EngineDescription): void {
    const [host = "", port = ""] = splitLocation(description.location);
    const facts = {
      DBNAME: description.database,
      USER: description.user,
      HOST: host,
      PORT: port,
      ENCODING: "UTF8",
      SERVER_VERSION_NAME: description.version,
      SERVER_VERSION_NUM: String(description.versionNumber),
    };
    for (const [name, value] of Object.entries(facts)) this.variables.set(name, value);
  }

  /** psql's variables about the last statement. */
  showSuccess(rowCount: bigint): void {
    this.variables.set("ERROR", "false");
    this.variables.set("SQLSTATE", "00000");
    this.variables.set("ROW_COUNT", String(rowCount));
  }

  showFailure(failure: Failure): void {
    this.lastFailure = failure;
    this.variables.set("ERROR", "true");
    this.variables.set("SQLSTATE", failure.error.sqlState);
    this.variables.set("ROW_COUNT", "0");
    this.variables.set("LAST_ERROR_MESSAGE", failure.error.message);
    this.variables.set("LAST_ERROR_SQLSTATE", failure.error.sqlState);
  }
}

/** `host:port`, or the path of a socket, which psql calls by its folder and port. */
function splitLocation(location: string): readonly string[] {
  const socket = /^(\/.*)\/\.s\.PGSQL\.(\d+)$/.exec(location);
  if (socket !== null) return socket.slice(1);
  const colon = location.lastIndexOf(":");
  return colon < 0 ? [location] : [location.slice(0, colon), location.slice(colon + 1)];
}
