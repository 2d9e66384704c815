import { asShellError, type Interpreter, type Session } from "../src/index.ts";

const GONE = "settings, temporary tables, prepared statements and an open transaction are gone";

/** At a prompt a connection that was lost is opened again, and what went with it is said. Scripts end instead. */
export class Reconnecting {
  readonly #note: (text: string) => Promise<void>;
  /** Was lost, and could not be opened at once. */
  #owed: Session | undefined;

  constructor(note: (text: string) => Promise<void>) {
    this.#note = note;
  }

  /** After every input. */
  async look({ state, session }: Interpreter): Promise<void> {
    const isOwed = this.#owed === session;
    if (session.describe() !== undefined) {
      this.#owed = undefined;
      if (isOwed) await this.#note(`warning: connected again; ${GONE}`);
    } else if (!isOwed && state.lastFailure?.error.code === "engine/lost") await this.#open(session);
  }

  async #open(session: Session): Promise<void> {
    await this.#note("warning: the connection was lost; opening another …");
    try {
      await session.connect();
      await this.#note(`warning: connected again; ${GONE}`);
    } catch (thrown) {
      this.#owed = session;
      await this.#note(`warning: ${asShellError(thrown).message}; the next statement tries again`);
    }
  }
}
