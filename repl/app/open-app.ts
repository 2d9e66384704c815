// The prompt on a terminal: opens what it needs, the slow part while a person reads the first prompt.
import { setTimeout as sleep } from "node:timers/promises";
import type { Key } from "ink";
import {
  displayForPrompt,
  type Assistant,
  type ConnectionSettings,
  type Doors,
  type EngineDescription,
  type ScriptHost,
  type Session,
} from "../../src/index.ts";
import type { StopSignal } from "../cancel.ts";
import { usesColour } from "../colour.ts";
import { greet } from "../greeting.ts";
import type { ShellOptions } from "../options.ts";
import { sayUnawaited } from "../output.ts";
import { createBlock, type Block } from "../progress/block.ts";
import { createProgress, openStage, type Stage } from "../run.ts";
import type { Profile } from "../guard/guard.ts";
import type { HistoryEntry, HistoryStore } from "../history/history.ts";
import type { World } from "../world.ts";
import { Conversation } from "./conversation.ts";
import { PromptDisplay } from "./display.ts";
import { strokesOf } from "./keys.ts";
import { createUnassisted } from "./unassisted.ts";
import { SessionNames } from "./session-names.ts";
import { questionOf } from "./leaving.ts";
import { searchHistory } from "../history/search.ts";
import { KEEP_TITLE, RESTORE_TITLE, titleSequence } from "./notify.ts";
import { hintsFor, Opening } from "./opening.ts";
import { promptStateOf, type PromptState } from "../prompt-state.ts";
import { createPager } from "./programs.ts";
import type { PromptFacts } from "./prompt-line.ts";
import { PromptRunner } from "./runner.ts";
import { createTerminalWriters, type TerminalWriters } from "./terminal-writers.ts";
import { keepYoungMemorySmall } from "./young-memory.ts";

/** Reads and runs until the user leaves. Returns the exit status. Throws ShellError when nothing can be connected. */
export async function runApp(options: ShellOptions, doors: Doors, world: World): Promise<number> {
  // What is typed from here on is not echoed by the terminal, and is read when the frame is there.
  world.stdin.setRawMode?.(true);
  try {
    const app = new App(options, doors, world);
    return await app.talk();
  } finally {
    world.stdin.setRawMode?.(false);
  }
}

const UNCONNECTED: PromptState = { database: "sealift", superuser: false, transaction: "idle" };

/** A server that hangs is not waited for by whoever leaves. */
const GOODBYE_MS = 300;

class App {
  readonly #options: ShellOptions;
  readonly #doors: Doors;
  readonly #world: World;
  readonly #writers: TerminalWriters;
  readonly #display: PromptDisplay;
  readonly #conversation: Conversation;
  readonly #block: Block;
  #runner: PromptRunner | undefined;
  #assistant: Assistant = createUnassisted();
  #assisted: ConnectionSettings | undefined;
  #opening: Opening | undefined;
  #title = "";
  #profile: Profile | undefined;
  #history: HistoryStore | undefined;
  readonly #names: SessionNames;

  constructor(options: ShellOptions, doors: Doors, world: World) {
    [this.#options, this.#doors, this.#world] = [options, doors, world];
    this.#writers = createTerminalWriters(world);
    this.#display = new PromptDisplay({
      stdout: world.stdout,
      colour: usesColour(options.colour, doors.environment, true),
      assistant: () => this.#assistant,
      facts: () => this.#facts(),
      state: () => this.#conversation.state,
    });
    this.#names = new SessionNames(
      () => this.#runner?.shell.session,
      () => this.#isIdle(),
    );
    this.#conversation = new Conversation({
      world,
      environment: doors.environment,
      search: (entries, query) => searchHistory(entries, query),
      assistant: () => this.#assistant,
      say: (text) => this.#writers.stderr.write(`${text}\n`),
      write: (text) => this.#writers.stdout.write(text),
      entries: () => this.#entries,
    });
    this.#block = createBlock({
      now: world.now,
      columns: () => this.#display.columns,
      statement: () => this.#runner?.statement ?? "",
      show: (lines) => this.#display.showProgress(lines),
      hide: () => this.#display.hideProgress(),
      say: (line) => sayUnawaited(this.#writers.stderr, line),
    });
  }

  async talk(): Promise<number> {
    const stage = await this.#openStage();
    const runner = this.#createRunner(stage);
    try {
      return await this.#talkOn(stage, runner);
    } finally {
      if (!runner.hasDropped(stage.shell)) await stage[Symbol.asyncDispose]();
    }
  }

  async #talkOn(stage: Stage, runner: PromptRunner): Promise<number> {
    await this.#greet(stage);
    this.#world.stdout.write(KEEP_TITLE);
    this.#connected();
    this.#display.drawEarly();
    // Ink takes longer to load than the database to answer: the first prompt does not wait for it.
    const { LiveFrame } = await import("./live-frame.tsx");
    await using frame = new LiveFrame({
      stdin: this.#world.stdin,
      stdout: this.#world.stdout,
      onInput: (input: string, key: Key) => {
        for (const stroke of strokesOf(input, key)) this.#conversation.dispatch({ type: "stroke", stroke });
      },
      onPaste: (text: string) => this.#conversation.dispatch({ type: "paste", text }),
      onResize: () => {
        this.#block.tellSoon();
        this.#display.redrawSoon();
      },
    });
    this.#display.attach(frame);
    keepYoungMemorySmall();
    const release = this.#onEnd((signal) => runner.stop(signal));
    try {
      await this.#conversation.begin(this.#display, runner);
      await stage.screen.close();
    } finally {
      release();
      this.#display.hide();
      this.#world.stdout.write(RESTORE_TITLE);
      await runner.jobs.end();
      if (runner.shell !== stage.shell) await runner.shell.session[Symbol.asyncDispose]();
      await Promise.race([this.#assistant[Symbol.asyncDispose](), sleep(GOODBYE_MS)]);
    }
    return runner.status ?? 0;
  }

  /** Signals, and a terminal that is gone without one. */
  #onEnd(stop: (signal: StopSignal) => void): () => void {
    const { stdin, onStop } = this.#world;
    const release = onStop(stop);
    let isOver = false;
    // Stays there: setting a terminal back that is gone is an error as well.
    for (const event of ["end", "close", "error"]) stdin.on(event, () => isOver || stop("SIGHUP"));
    return () => {
      isOver = true;
      release();
    };
  }

  async #openStage(): Promise<Stage & AsyncDisposable> {
    const { environment } = this.#doors;
    const options = this.#options;
    return openStage(options, this.#doors, this.#world, {
      ask: async (question) => (await this.#conversation.ask(questionOf(question))) === "yes",
      display: displayForPrompt(options.display),
      progress: createProgress(options, environment, this.#world, () => this.#block),
      writers: this.#writers,
      openPager: async (left) => {
        // Who is typing the next statement would type it into the pager.
        await this.#conversation.untilKeysRest();
        return createPager(environment, { borrow: () => this.#display.borrow(), left });
      },
      borrow: () => this.#display.borrow(),
      left: () => this.#runner?.leaveResult(),
      state: () => this.#runner?.shell.state,
      hostFor: (host) => this.#hostFor(host),
    });
  }

  /** The host of the stage, which lends the terminal to what needs it whole. */
  #hostFor(host: ScriptHost): ScriptHost {
    const runnerOf = (): PromptRunner | undefined => this.#runner;
    return {
      ...host,
      runShell: (command, signal) => this.#display.lend(() => host.runShell(command, signal)),
      promptSecret: (label) => this.#lend(() => host.promptSecret(label)),
      get prompt() {
        return runnerOf()?.promptHost;
      },
    };
  }

  /** The terminal, from whatever reads it at the time. */
  #lend<T>(work: () => Promise<T>): Promise<T> {
    return this.#opening === undefined ? this.#display.lend(work) : this.#opening.lend(work);
  }

  async #open(session: Session): Promise<EngineDescription> {
    const opening = new Opening(session.settings, this.#world);
    this.#opening = opening;
    try {
      return await opening.during(() => session.connect());
    } finally {
      this.#opening = undefined;
    }
  }

  #createRunner({ shell, screen, history, profile, openSession }: Stage): PromptRunner {
    shell.state.timing = true;
    this.#profile = profile;
    this.#history = history;
    this.#conversation.dispatch({ type: "remembered", history: history.entries });
    this.#runner = new PromptRunner({
      openSession,
      world: this.#world,
      shell,
      screen,
      block: this.#block,
      history,
      profile,
      assistant: () => this.#assistant,
      conversation: () => this.#conversation,
      write: (text) => this.#writers.stdout.write(text),
      names: this.#names,
      isLent: () => this.#display.isLent,
      connected: () => this.#connected(),
      endLine: this.#writers.endLine,
    });
    return this.#runner;
  }

  async #greet({ shell, screen, history }: Stage): Promise<void> {
    const { session } = shell;
    const hints = hintsFor(session.settings);
    const description = await this.#open(session);
    shell.state.showConnection(description);
    await greet(screen, this.#doors, description);
    for (const hint of hints) await screen.note(hint);
    if (history.problem !== undefined) await screen.note(`warning: ${history.problem}`);
  }

  /** The prompt may be on another database than before: its helper and the window's title follow. */
  #connected(): void {
    const runner = this.#runner;
    if (runner === undefined) return;
    const { session } = runner.shell;
    const description = session.describe();
    const title = description === undefined ? "sealift" : `${description.database}@${description.location}`;
    if (title !== this.#title) this.#world.stdout.write(titleSequence(title));
    this.#title = title;
    if (this.#assisted === session.settings || this.#doors.openAssistant === undefined) return;
    this.#assisted = session.settings;
    void this.#assistant[Symbol.asyncDispose]();
    this.#assistant = this.#doors.openAssistant(session.settings, {
      variables: () => runner.shell.state.variables.entries().map(([name]) => name),
      recent: () => this.#entries.map(({ text }) => text).toReversed(),
      jobs: () => runner.jobs.list().map(({ number, description }) => ({ name: String(number), detail: description })),
      detached: () =>
        runner.shell.session.detached.records.map(({ id, type, status }) => ({
          name: id,
          detail: `${type}, ${status}`,
        })),
      learned: () => this.#conversation.learned(),
      // The session in front: one that was dropped would open its embedded directory again.
      rows: (sql) => runner.shell.session.rows(sql),
      own: (sql) => this.#names.ask(sql),
      isIdle: () => this.#isIdle(),
    });
  }

  #isIdle(): boolean {
    return this.#conversation.state.phase === "editing" && this.#runner?.shell.session.transaction === "idle";
  }

  get #entries(): readonly HistoryEntry[] {
    return this.#history?.entries ?? [];
  }

  #facts(): PromptFacts {
    const session = this.#runner?.shell.session;
    return {
      ...(session === undefined ? UNCONNECTED : promptStateOf(session)),
      profile: this.#profile,
      badge: this.#runner?.jobs.badge ?? "",
      isSkipping: this.#runner?.shell.state.conditions.active === false,
    };
  }
}
