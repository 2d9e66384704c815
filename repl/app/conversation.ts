// Holds the state, passes what comes to the reducer, and carries out what it wishes.
import { setImmediate as yieldOnce, setTimeout as sleep } from "node:timers/promises";
import { asShellError, type Assistant, type Completions } from "../../src/index.ts";
import { READ_CHARACTERS_MAX } from "../editor/line-states.ts";
import type { HistoryEntry, SearchHistory } from "../history/history.ts";
import type { World } from "../world.ts";
import type { PromptDisplay } from "./display.ts";
import { editInEditor } from "./programs.ts";
import type { Question } from "./question.ts";
import { createState, reduce, type Action, type State, type Tools, type Wish } from "./state.ts";

/** Runs what was typed. */
export interface Runner {
  /** Comes when the prompt may be shown again. */
  readonly run: (text: string) => Promise<void>;
  readonly interrupt: () => void;
  readonly sendBack: () => void;
  /** Whether the shell may be left; asks when something would be lost. */
  readonly mayLeave: () => Promise<boolean>;
}

export interface ConversationParts {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly entries: () => readonly HistoryEntry[];
  readonly search: SearchHistory;
  readonly assistant: () => Assistant;
  readonly say: (text: string) => Promise<void>;
  readonly write: (text: string) => Promise<void>;
}

const PROPOSE_AFTER_MS = 15;
/** A pause between two keys of somebody who types. */
const TYPING_PAUSE_MS = 700;
const CLEAR = "\u001b[H\u001b[2J";

export class Conversation {
  readonly #parts: ConversationParts;
  readonly #tools: Tools;
  readonly #over = Promise.withResolvers<void>();
  #state: State;
  #display: PromptDisplay | undefined;
  #runner: Runner | undefined;
  #asking: AbortController | undefined;
  #asked = "";
  /** How often something was learned, and whether the last proposals were made while more was. */
  #learnings = 0;
  #isPartial = false;
  #answer: ((value: string) => void) | undefined;
  /** When a key came that is taken up after the statement that runs. */
  #typedAheadMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.#state = createState([]);
    this.#tools = { completeness: (text) => parts.assistant().completeness(text), search: parts.search };
  }

  get state(): State {
    return this.#state;
  }

  /** Talks until it is over; rejects with what made going on impossible. */
  begin(display: PromptDisplay, runner: Runner): Promise<void> {
    [this.#display, this.#runner] = [display, runner];
    display.show();
    return this.#over.promise;
  }

  end(): void {
    this.#over.resolve();
  }

  dispatch(action: Action): void {
    const before = this.#state;
    this.#state = reduce(before, action, this.#tools);
    if (this.#state.ahead.length > before.ahead.length) this.#typedAheadMs = performance.now();
    for (const wish of this.#state.wishes) this.#carryOut(wish);
    if (this.#state.editor.buffer.text !== before.editor.buffer.text) this.#proposeSoon();
    this.#display?.redrawSoon();
  }

  /** Comes when nobody is typing ahead. */
  async untilKeysRest(): Promise<void> {
    for (;;) {
      const left = this.#typedAheadMs + TYPING_PAUSE_MS - performance.now();
      if (left <= 0 || this.#state.phase !== "running") return;
      await sleep(left);
    }
  }

  /** Something beside the state has changed. */
  refresh(): void {
    this.#display?.redrawSoon();
  }

  /** Draws a question and waits for its answer. */
  ask(question: Question): Promise<string> {
    this.dispatch({ type: "ask", question });
    this.#display?.show();
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#answer = (value) => {
      if (this.#state.phase === "running") this.#display?.hide();
      resolve(value);
    };
    return promise;
  }

  /** Answers a question that waits, as Ctrl-C would. */
  refuse(): void {
    if (this.#state.question !== undefined) this.dispatch({ type: "stroke", stroke: { type: "key", name: "C-c" } });
  }

  /** Writes above the live frame. */
  async above(work: () => Promise<void>): Promise<void> {
    this.#display?.hide();
    await work();
    if (this.#state.phase === "editing" || this.#state.question !== undefined) this.#display?.show();
  }

  /** More is known of the database: proposals for what still stands there may be others. */
  learned(): void {
    this.#learnings += 1;
    const { phase, search, popup, editor } = this.#state;
    if (!this.#isPartial || phase !== "editing" || search !== undefined || popup?.selected !== undefined) return;
    if (editor.buffer.text === this.#asked) this.#propose();
  }

  #carryOut(wish: Wish): void {
    switch (wish.type) {
      case "run":
        this.#begun(this.#run(wish.text));
        return;
      case "abandon":
        this.#begun(this.above(() => this.#parts.write(this.#display?.echo(wish.text, "^C") ?? "")));
        return;
      case "answer":
        this.#answer?.(wish.value);
        this.#answer = undefined;
        return;
      case "edit":
        this.#begun(this.#edit(wish.text));
        return;
      case "complete":
        this.#propose();
        return;
      case "leave":
        this.#begun(this.#leave());
        return;
      case "suspend":
        this.#begun(this.#suspend());
        return;
      case "clear":
        this.#begun(this.above(() => this.#parts.write(CLEAR)));
        return;
      case "interrupt":
        this.#runner?.interrupt();
        return;
      case "background":
        this.#runner?.sendBack();
        return;
      case "bell":
        this.#parts.world.stdout.write("\u0007");
    }
  }

  /** Work that nobody waits for: what goes wrong in it ends the conversation. */
  #begun(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#over.reject(thrown));
  }

  async #run(text: string): Promise<void> {
    this.#display?.hide();
    await this.#parts.write(this.#display?.echo(text) ?? "");
    if (text.trim() !== "") await this.#runner?.run(text);
    this.dispatch({ type: "remembered", history: this.#parts.entries() });
    this.dispatch({ type: "rested" });
    if (this.#state.phase === "editing") this.#display?.show();
  }

  async #leave(): Promise<void> {
    if (await this.#runner?.mayLeave()) {
      this.#display?.hide();
      await this.#parts.write(this.#display?.echo("") ?? "");
      this.end();
    } else this.#display?.show();
  }

  async #suspend(): Promise<void> {
    await this.#display?.lend(async () => {
      this.#parts.world.suspend();
      await yieldOnce();
    });
    this.#display?.show();
  }

  async #edit(text: string): Promise<void> {
    await this.edit(text);
    this.#display?.show();
  }

  /** Opens the user's editor; its text becomes the next input. */
  async edit(text: string): Promise<void> {
    const { environment, say } = this.#parts;
    try {
      const edited = await this.#display?.lend(() => editInEditor(text, environment));
      if (edited !== undefined) this.dispatch({ type: "filled", text: edited });
    } catch (thrown) {
      const { message, hint } = asShellError(thrown);
      this.#display?.hide();
      await say(`error: ${message}${hint === undefined ? "" : ` (${hint})`}`);
    }
  }

  #proposeSoon(): void {
    const { phase, search, popup, editor } = this.#state;
    this.#asking?.abort();
    if (phase !== "editing" || search !== undefined || popup?.selected !== undefined) return;
    if (editor.last !== "type") return;
    const asking = new AbortController();
    this.#asking = asking;
    // The key is drawn first, and who goes on typing waits for nothing.
    setTimeout(() => {
      if (!asking.signal.aborted) this.#propose();
    }, PROPOSE_AFTER_MS);
  }

  /** Asks for proposals; they come when they come. */
  #propose(): void {
    const { text, cursor } = this.#state.editor.buffer;
    if (text.length > READ_CHARACTERS_MAX) return;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#asked = text;
    const { assistant } = this.#parts;
    const { signal } = asking;
    const learnings = this.#learnings;
    const arrive = (found: Completions): void => {
      if (signal.aborted || this.#asked !== text) return;
      this.#isPartial = found.isPartial === true;
      this.dispatch({ type: "completions", text, cursor, found });
      if (learnings !== this.#learnings) this.learned();
    };
    this.#begun(assistant().complete(text, cursor, signal).then(arrive));
  }
}
