// What may have changed the names that completion knows, and what only the session itself can tell of them.
import type { Assistant, Session } from "../../src/index.ts";

/** A statement begins so, whatever stands before it in the text. */
const CHANGES =
  /(?:^|;)\s*(?:create|alter|drop|restore|begin|start|commit|end|rollback|import|comment|set|reset|discard|do|call|select\b[^;]*\binto|\\c|\\i|\\e|.*\\gexec)\b/im;

/** May change the search path, the role, or make tables that no other session sees. */
const CHANGES_SESSION =
  /\b(?:search_path|schema|role|authorization|temp|temporary|pg_temp|discard|reset|do|call|gexec)\b|\\i/i;

type Rows = Awaited<ReturnType<Session["rows"]>>;

/** What to say of a text in a branch that is not taken; nothing of one that was run, or that ends the branch. */
export function skippedNotes(text: string, { active }: { readonly active: boolean }): readonly string[] {
  if (active || /^\s*\\(?:if|elif|else|endif)\b/.test(text)) return [];
  return ["note: not run, as the \\if around it is false; \\endif ends that"];
}

/** Asks the session in front for what is its own. It runs one statement at a time, so whoever uses it waits for that. */
export class SessionNames {
  readonly #front: () => Session | undefined;
  readonly #isIdle: () => boolean;
  #differs = false;
  #asking: Promise<unknown> = Promise.resolve();

  constructor(front: () => Session | undefined, isIdle: () => boolean) {
    this.#front = front;
    this.#isIdle = isIdle;
  }

  /** A text was run, or one that went to the background has ended. */
  note(text: string, assistant: Assistant): void {
    this.#differs ||= CHANGES_SESSION.test(text);
    if (CHANGES.test(text)) assistant.noteSchemaChanged();
  }

  /** Undefined while the session is busy, in a transaction or not connected, and where nothing is its own. */
  async ask(sql: string): Promise<Rows | undefined> {
    const session = this.#front();
    if (!this.#differs || !this.#isIdle() || session?.describe() === undefined) return undefined;
    const asking = session.rows(sql);
    this.#asking = asking.catch(() => undefined);
    return asking;
  }

  /** Comes when nothing is asked. */
  async quiet(): Promise<void> {
    await this.#asking;
  }
}
