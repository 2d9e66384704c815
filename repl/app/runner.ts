// Runs inputs: asks before, follows the one in front, and sees to what is left when it is done.
import {
  type Assistant,
  type ConnectionSettings,
  Interpreter,
  type PromptHost,
  type ScriptEvent,
  type ScriptSource,
  type Session,
} from "../../src/index.ts";
import { commandOfWord } from "../bare-words.ts";
import { Cancellation, SAME_SIGNAL_MS, STATUS_OF, type StopSignal } from "../cancel.ts";
import type { Block } from "../progress/block.ts";
import { Reconnecting } from "../reconnecting.ts";
import type { Screen } from "../screen.ts";
import type { World } from "../world.ts";
import type { Conversation, Runner } from "./conversation.ts";
import { BackgroundJobs } from "./jobs.ts";
import { remember } from "../history/remember.ts";
import type { HistoryStore } from "../history/history.ts";
import type { Profile } from "../guard/guard.ts";
import { notification } from "./notify.ts";
import { mayLeave } from "./leaving.ts";
import { endOf, Run } from "./run.ts";
import { skippedNotes, type SessionNames } from "./session-names.ts";

export interface RunnerParts {
  /** A session as the first one was opened. */
  readonly openSession: (settings: ConnectionSettings) => Session;
  readonly world: World;
  readonly shell: Interpreter;
  readonly screen: Screen;
  readonly block: Block;
  readonly history: HistoryStore;
  readonly profile: Profile | undefined;
  readonly assistant: () => Assistant;
  readonly conversation: () => Conversation;
  readonly names: SessionNames;
  readonly write: (text: string) => Promise<void>;
  /** Another program has the terminal. */
  readonly isLent: () => boolean;
  /** The prompt has another connection or database. */
  readonly connected: () => void;
  readonly endLine: () => Promise<void>;
}

const NOTIFY_AFTER_SECONDS = 10;
const BADGE_MS = 1000;

export class PromptRunner implements Runner {
  readonly #parts: RunnerParts;
  readonly jobs = new BackgroundJobs();
  #shell: Interpreter;
  #front: Run | undefined;
  #wanted: Run | undefined;
  #text = "";
  readonly #reconnecting: Reconnecting;
  readonly #dropped = new WeakSet<Interpreter>();
  /** Comes when the embedded database that was dropped has let go of its directory. */
  #letGo: Promise<void> = Promise.resolve();
  #stoppedMs = 0;
  /** The status that a stop signal asks the process to end with. */
  status: number | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#shell = parts.shell;
    this.#reconnecting = new Reconnecting((text) => parts.screen.note(text));
  }

  get shell(): Interpreter {
    return this.#shell;
  }

  /** The statement that runs in front, its secrets hidden. */
  get statement(): string {
    return this.#front?.statement ?? "";
  }

  get promptHost(): PromptHost {
    return {
      editText: async (text) => this.#parts.conversation().edit(text),
      jobs: () => this.jobs.list(),
      bringToFront: (number) => {
        this.#wanted = this.jobs.find(number);
      },
    };
  }

  async run(text: string): Promise<void> {
    this.#text = commandOfWord(text) ?? text;
    const shell = this.#shell;
    const { history, profile, world } = this.#parts;
    shell.state.stopped = false;
    await this.#parts.names.quiet();
    await remember({ shell, history, profile }, this.#text, world.now, async () => this.#follow(this.#begin()));
    await this.#afterwards();
  }

  #begin(): Run {
    const { world } = this.#parts;
    const source: ScriptSource = { name: "<prompt>", text: this.#text };
    const say = (note: string): void => {
      if (run.isAtWork) this.#say(note);
    };
    const cancellation = new Cancellation({ now: world.now, exit: () => this.#drop(), say });
    const run = new Run({ shell: this.#shell, source, cancellation, now: world.now }, this.#show);
    return run;
  }

  /** A terminal that is gone must not keep a statement from taking back what it did. */
  #say(note: string): void {
    this.#parts.screen.note(note).catch(() => undefined);
  }

  readonly #show = (event: ScriptEvent): Promise<void> => this.#parts.screen.show(event);

  /** Stays with a run until it ends, or goes to the background. */
  async #follow(run: Run): Promise<void> {
    const { world, block } = this.#parts;
    this.#front = run;
    const release = world.onStop((signal) => {
      // The program that has the terminal hears of it as well; when it ends, so does what it was given.
      if (signal !== "SIGINT" || !this.#parts.isLent()) run.cancellation.take(signal);
    });
    const ticking = setInterval(() => block.tick(), 250);
    try {
      const how = await run.inFront(this.#show);
      if (how === "ended") this.#left(run);
      else await this.#connectAgain();
    } finally {
      clearInterval(ticking);
      release();
      this.#front = undefined;
    }
  }

  /** The session that the prompt got instead. What is wrong with it, the next statement says. */
  async #connectAgain(): Promise<void> {
    await this.#letGo;
    await this.#shell.session.connect().catch(() => undefined);
  }

  /** A run that is over, wherever it was. */
  #left(run: Run): void {
    this.jobs.forget(run);
    const { status } = run.cancellation;
    if (status !== undefined && status !== STATUS_OF.SIGINT) this.status ??= status;
    if (run.shell !== this.#shell) void close(run.shell);
    const seconds = Number(this.#shell.state.variables.shown("NOTIFY_SECONDS") ?? NOTIFY_AFTER_SECONDS);
    // Who stopped it knows.
    if (run.elapsedMs >= seconds * 1000 && status === undefined) {
      this.#parts.world.stdout.write(notification(`${run.verb || "statement"} ${run.failed ? "failed" : "done"}`));
    }
  }

  async #afterwards(): Promise<void> {
    const { conversation, assistant, endLine, connected } = this.#parts;
    await endLine();
    await this.#reconnecting.look(this.#shell);
    connected();
    for (const note of skippedNotes(this.#text, this.#shell.state.conditions)) await this.#parts.screen.note(note);
    this.#parts.names.note(this.#text, assistant());
    while (this.#wanted !== undefined) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      await this.#parts.write(`${wanted.statement}\n`);
      await this.#follow(wanted);
    }
    await this.tellEnded();
    if (this.status !== undefined) await this.#settleAndEnd();
    else if (this.#shell.state.leaving) {
      if (await this.mayLeave()) conversation().end();
      else this.#shell.state.leaving = false;
    }
  }

  /** A signal that ends the shell: jobs are stopped as by Ctrl-C, and waited for; the second one waits for nothing. */
  stop(signal: StopSignal): void {
    if (signal === "SIGINT") return;
    const { world, conversation } = this.#parts;
    const isAgain = this.status !== undefined && world.now() - this.#stoppedMs > SAME_SIGNAL_MS;
    if (isAgain) world.exit(STATUS_OF[signal]);
    this.status ??= STATUS_OF[signal];
    this.#stoppedMs = world.now();
    this.jobs.stop(signal);
    conversation().refuse();
    if (this.#front === undefined) void this.#settleAndEnd();
  }

  async #settleAndEnd(): Promise<void> {
    await this.jobs.settled();
    this.#parts.conversation().end();
  }

  /** Whoever read the result in front wants no more of it. */
  leaveResult(): void {
    this.#front?.shell.leaveResult();
  }

  interrupt(): void {
    this.#front?.cancellation.take("SIGINT");
  }

  /** The job goes on by itself; the prompt gets another session. */
  sendBack(): void {
    const run = this.#front;
    const { block } = this.#parts;
    const refusal = this.#refusal(run);
    if (run === undefined || refusal !== undefined) {
      this.#say(`note: ${refusal ?? "nothing runs"}`);
      return;
    }
    const number = this.jobs.add(run);
    block.leave();
    if (run.shell === this.#shell) this.#shell = this.#anotherShell();
    run.sendBack();
    // The badge moves although nobody types.
    const ticking = setInterval(() => this.#parts.conversation().refresh(), BADGE_MS);
    void run.ended
      .catch(() => undefined)
      .then(() => {
        clearInterval(ticking);
        this.#endedBehind(run);
      });
    this.#say(`[${number}] ${run.verb} goes on in the background; the prompt has a new session (\\jobs, \\fg)`);
  }

  #refusal(run: Run | undefined): string | undefined {
    if (run === undefined) return "nothing runs";
    if (!run.mayGoBack)
      return "only BACKUP, RESTORE, UNLOAD, COPY and VERIFY outside a transaction go to the background";
    if (this.#shell.session.settings.kind === "embedded")
      return "the embedded database has one session: the job stays in front";
    return undefined;
  }

  #anotherShell(): Interpreter {
    const { session, host, state, interactive, guard } = this.#shell;
    const another = this.#parts.openSession(session.settings);
    const parts = { session: another, host, state: state.fork(), interactive };
    return new Interpreter(guard === undefined ? parts : { ...parts, guard });
  }

  /** Whether nobody is to wait for what this one still does. */
  hasDropped(shell: Interpreter): boolean {
    return this.#dropped.has(shell);
  }

  /** The second Ctrl-C: what does not stop is left behind. */
  #drop(): void {
    const run = this.#front;
    if (run === undefined) return;
    this.#shell = this.#anotherShell();
    run.sendBack();
    run.ended.catch(() => undefined);
    this.#parts.block.leave();
    this.#dropped.add(run.shell);
    const closed = close(run.shell);
    const isEmbedded = run.shell.session.settings.kind === "embedded";
    if (isEmbedded) this.#letGo = closed;
    const what = isEmbedded
      ? "the embedded database starts again from its last commit"
      : "the server may still be at it; the prompt has a new session";
    this.#say(`warning: left behind without waiting: ${what}`);
  }

  #endedBehind(run: Run): void {
    if (this.#front !== undefined || this.jobs.numberOf(run) === undefined) return;
    const conversation = this.#parts.conversation();
    if (conversation.state.phase === "editing") conversation.above(() => this.tellEnded()).catch(() => undefined);
  }

  /** What jobs said that ended in the background. */
  async tellEnded(): Promise<void> {
    const { screen } = this.#parts;
    for (const { number, run } of this.jobs.takeEnded()) {
      this.#parts.names.note(run.verb, this.#parts.assistant());
      await screen.note(`[${number}] ${run.verb} ${endOf(run)}`);
      const { events, dropped } = run.takeKept();
      for (const event of events) await screen.show(event);
      if (dropped > 0) await screen.note(`note: ${dropped} more events of it were not kept`);
      this.#left(run);
    }
  }

  async mayLeave(): Promise<boolean> {
    const { screen, conversation } = this.#parts;
    return mayLeave(this.#shell, this.jobs.running, { screen, ask: (question) => conversation().ask(question) });
  }
}

/** Ends a session that the prompt has left; what is wrong with its connection interests nobody any more. */
async function close({ session }: Interpreter): Promise<void> {
  try {
    await session[Symbol.asyncDispose]();
  } catch {
    // Said already, by the statement that was left.
  }
}
