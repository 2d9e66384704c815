import type { ConnectionSettings } from "./connection/settings.ts";
import type { OpenAssistant } from "./assist/assistant.ts";
import type { PasswordPrompt } from "./connection/password-prompt.ts";
import type { EngineDescription } from "./engines/engine.ts";
import type { Event } from "./events.ts";
import type { Session } from "./session.ts";
import type { ByteStream } from "./std/bytes.ts";
import type { DecryptRequest, InspectRequest } from "./tools/requests.ts";

export type { DecryptRequest, InspectRequest, KeySource } from "./tools/requests.ts";

export interface SessionOptions {
  /** Asked for a password that the server wants and no setting has. */
  readonly passwordPrompt?: PasswordPrompt;
  /** An installed pg_dump that reads definitions instead of the built-in one. */
  readonly pgDump?: string;
  /** The database is not written to. */
  readonly readOnly?: boolean;
}

/** All that a front end needs of the outside world. */
export interface Doors {
  readonly version: string;
  /** Variables of the process, read once. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens nothing yet: the session connects when a statement needs a database. */
  readonly openSession: (settings: ConnectionSettings, options?: SessionOptions) => Session;
  /** What a killed process of this machine has left in a database, as notices; each is told once. */
  readonly leftIn?: (description: EngineDescription) => Promise<readonly Event[]>;
  /** Help with what is being typed; absent where nothing helps. Connects by itself when it first needs to. */
  readonly openAssistant?: OpenAssistant;
  /** The clear bytes of one sealed file. Throws ShellError, before the first byte where the key is wrong. */
  readonly decrypt: (request: DecryptRequest) => ByteStream;
  /** What a file is, as lines for people. Needs no key. */
  readonly inspect: (request: InspectRequest) => AsyncIterable<string>;
}
