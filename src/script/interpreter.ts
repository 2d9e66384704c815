import { asShellError, ShellError } from "../errors.ts";
import type { Column, Event, Row } from "../events.ts";
import { dialectOf } from "../session-dialect.ts";
import type { Session } from "../session.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { Secret } from "../std/secret.ts";
import { AnswerClock } from "./answer-clock.ts";
import { Arguments } from "./arguments.ts";
import { silent } from "./commands/command.ts";
import { branch, isConditional } from "./commands/conditions.ts";
import { findCommand } from "./commands/index.ts";
import { endQuery } from "./commands/query.ts";
import { complaintOf } from "../diagnostics.ts";
import { copyLines, readsStandardInput } from "./copy-source.ts";
import type { Display } from "./display.ts";
import type { OutputTarget, PictureName, ScriptEvent, ScriptEvents } from "./events.ts";
import type { StatementGuard } from "./guard.ts";
import type { ScriptHost } from "./host.ts";
import { interpolate, type Interpolated } from "./interpolate.ts";
import { splitScript, type ScriptCommand, type ScriptItem, type ScriptStatement } from "../../grammar/index.ts";
import { isResult, located, rowCountOf } from "./outcome.ts";
import { fillPlaceholders, placeholdersIn, refusePlaceholders } from "./secret-placeholder.ts";
import { secretSpans } from "./secret-spans.ts";
import { Reading } from "./reading.ts";
import type { Place, ScriptSource } from "./source.ts";
import type { ScriptState } from "./state.ts";

export interface InterpreterParts {
  readonly session: Session;
  readonly host: ScriptHost;
  readonly state: ScriptState;
  /** At the prompt an error ends the input, not the session. */
  readonly interactive: boolean;
  readonly guard?: StatementGuard;
}

export interface StatementRun {
  readonly place: Place;
  readonly display: Display;
  readonly target: OutputTarget;
  readonly copySource?: ByteStream;
  readonly footers?: readonly string[];
  readonly picture?: PictureName;
  readonly signal: AbortSignal | undefined;
  /** An offset in the statement's text as one in the place's source; absent when the text is not from there. */
  readonly sourceOffset?: (offset: number) => number;
  /** Takes columns and rows instead of the outside. */
  readonly collect?: (event: Event) => void;
}

/** Failures after which nothing more can be run, whatever ON_ERROR_STOP says. */
const FATAL = new Set(["engine/lost", "job/interrupted", "shell/output"]);

/** Runs psql's language over a session. One interpreter lives as long as the shell: variables and settings stay. */
export class Interpreter {
  readonly session: Session;
  readonly host: ScriptHost;
  readonly state: ScriptState;
  readonly interactive: boolean;
  readonly guard: StatementGuard | undefined;
  #reading: Reading | undefined;

  constructor(parts: InterpreterParts) {
    this.session = parts.session;
    this.host = parts.host;
    this.state = parts.state;
    this.interactive = parts.interactive;
    this.guard = parts.guard;
  }

  /** What a source holds, in order. As in psql, only a script that comes from standard input has rows for PSTDIN below it. */
  split({ text, isCommand, directory }: ScriptSource): readonly ScriptItem[] {
    const inlineRows = isCommand === true ? "none" : directory === undefined ? "all" : "stdin";
    return splitScript(text, { backslashEscapes: dialectOf(this.session) === "redshift", inlineRows });
  }

  /** Runs a source to its end, to \q, or to the failure that stops it. */
  async *run(typed: ScriptSource, signal?: AbortSignal): ScriptEvents {
    const { state } = this;
    const depth = state.conditions.depth;
    let source = typed;
    yield* this.#guarded({ source, span: { start: 0, end: 0 } }, signal, () =>
      silent(async () => void (source = await this.#withSecrets(typed))),
    );
    if (state.stopped) return;
    for (const item of this.split(source)) {
      if (state.leaving || state.stopped) break;
      yield* this.#guarded({ source, span: item.span }, signal, () => this.#item(item, source, signal));
    }
    // At the prompt a block may go on in the next input.
    if (!this.interactive || source.directory !== undefined) state.conditions.cutTo(depth);
  }

  /** A statement that was recalled refers to secrets that nothing kept: whoever recalled it is asked for them. */
  async #withSecrets(source: ScriptSource): Promise<ScriptSource> {
    if (!this.interactive || source.directory !== undefined) {
      refusePlaceholders(source.text);
      return source;
    }
    const values = new Map<string, Secret>();
    for (const name of placeholdersIn(source.text)) values.set(name, await this.host.promptSecret(`${name}: `));
    return values.size === 0 ? source : { ...source, text: fillPlaceholders(source.text, values) };
  }

  /** Runs one piece of work; what it throws becomes the failure of its place. */
  async *#guarded(place: Place, signal: AbortSignal | undefined, work: () => ScriptEvents): ScriptEvents {
    try {
      if (signal?.aborted === true) throw new ShellError("job/interrupted", "interrupted");
      yield* work();
    } catch (thrown) {
      yield* this.fail(asShellError(thrown), place);
    }
  }

  async *#item(item: ScriptItem, source: ScriptSource, signal: AbortSignal | undefined): ScriptEvents {
    const { conditions } = this.state;
    if (item.kind === "command" && isConditional(item.name)) {
      branch(item.name, { source, span: item.span }, conditions, new Arguments(item.args, this.#world()));
    } else if (!conditions.active) {
      return;
    } else if (item.kind === "command") {
      yield* this.#command(item, source, signal);
    } else {
      if (item.diagnostic !== undefined) throw complaintOf(item.diagnostic);
      yield* this.#statementItem(item, source, signal);
    }
  }

  #world(): { variables: ScriptState["variables"]; capture: ScriptHost["capture"] } {
    return { variables: this.state.variables, capture: (command) => this.host.capture(command) };
  }

  async *#command(item: ScriptCommand, source: ScriptSource, signal: AbortSignal | undefined): ScriptEvents {
    const { restriction } = this.state;
    if (restriction !== undefined && item.name !== "unrestrict") {
      throw new ShellError("shell/command", `\\${item.name} is not allowed after \\restrict`, {
        hint: "\\unrestrict with the same key ends the restriction",
      });
    }
    const command = findCommand(item.name);
    const words = new Arguments(item.args, this.#world());
    const place: Place = { source, span: item.span };
    const buffer = item.buffer.trim() === "" ? this.state.lastQuery : item.buffer;
    const copyData = item.copyData === undefined ? undefined : copyLines(source.text, item.copyData);
    yield* command.run({ shell: this, name: item.name, arguments: words, place, source, buffer, copyData, signal });
    const left = words.rest();
    if (left !== "")
      yield { type: "warning", message: `\\${item.name}: extra argument ${JSON.stringify(left)} ignored` };
  }

  async *#statementItem(item: ScriptStatement, source: ScriptSource, signal: AbortSignal | undefined): ScriptEvents {
    if (item.text.trim() === "") return;
    const { state, host } = this;
    const filled = this.fill(item);
    state.lastQuery = filled.text;
    const copySource =
      item.copyData !== undefined
        ? copyLines(source.text, item.copyData)
        : readsStandardInput(filled.text)
          ? host.standardInput()
          : undefined;
    const run: StatementRun = {
      place: { source, span: item.span },
      display: state.display,
      target: state.output,
      signal,
      sourceOffset: (offset) => item.span.start + filled.sourceOffset(offset),
      ...(copySource === undefined ? {} : { copySource }),
    };
    const { terminator } = item;
    if (terminator.kind !== "command") yield* this.execute(filled.text, run);
    else {
      const words = new Arguments(terminator.args, this.#world());
      const common = { shell: this, source, buffer: filled.text, copyData: copySource, signal };
      yield* endQuery({ ...common, name: terminator.name, arguments: words, place: run.place }, run);
    }
  }

  /** Puts variables in. Throws `shell/variable` for one that is not set, or a secret where none belongs. */
  fill(item: ScriptStatement): Interpolated {
    const offset = item.span.start;
    const references = item.variables.map((one) => ({
      ...one,
      span: { start: one.span.start - offset, end: one.span.end - offset },
    }));
    try {
      const filled = interpolate(item.text, references, this.state.variables);
      this.#refuseMisplacedSecrets(filled);
      return filled;
    } catch (thrown) {
      const error = asShellError(thrown);
      if (error.span === undefined) throw error;
      throw error.with({ span: { start: error.span.start + offset, end: error.span.end + offset } });
    }
  }

  #refuseMisplacedSecrets({ text, secrets }: Interpolated): void {
    if (secrets.length === 0) return;
    const allowed = secretSpans(text);
    for (const { name, span, reference } of secrets) {
      if (allowed.some((place) => place.start <= span.start && span.end <= place.end)) continue;
      throw new ShellError("shell/variable", `secret ${name} may not stand here`, {
        hint: `write it as :'${name}' where a passphrase, password, key or credential belongs`,
        span: reference,
      });
    }
  }

  /** Runs one statement's text and passes on what it says. A failure is told, not thrown. */
  async *execute(text: string, run: StatementRun): ScriptEvents {
    const { session, state } = this;
    const refusal = await this.guard?.confirm(text, session, run.signal);
    if (refusal !== undefined) {
      yield* this.fail(refusal.with({ span: run.place.span }), run.place);
      return;
    }
    const idle = session.transaction === "idle";
    const number = ++state.statements;
    let rowCount = 0n;
    let failure: ShellError | undefined;
    let { picture } = run;
    const clock = new AnswerClock(text);
    const { copySource, footers } = run;
    // The embedded engine is ended by what stops its statement.
    const isAlone = idle && session.settings.kind !== "embedded";
    const mayBeLeft = this.interactive;
    const reading = new Reading(text, { mayBeLeft, isAlone, signal: run.signal, dialect: dialectOf(session) });
    this.#reading = reading;
    const { signal } = reading;
    const options = {
      ...(signal === undefined ? {} : { signal }),
      ...(copySource === undefined ? {} : { copySource }),
    };
    for await (const told of session.execute(text, options)) {
      const event = reading.observe(told);
      if (reading.note !== undefined) yield reading.note;
      if (event.type === "started" && event.verb === "SHOW BACKUP KEYS") picture = "keys";
      if (event.type === "failed") failure = event.error;
      const timing = clock.observe(event);
      if (event.type === "columns" && run.collect === undefined) state.lastResult.begin(event.columns);
      if (event.type === "rows") {
        rowCount += BigInt(event.rows.length);
        if (run.collect === undefined) state.lastResult.add(event.rows);
      }
      if (event.type === "finished") rowCount = rowCountOf(event.tag) ?? rowCount;
      if (event.type === "failed") continue;
      if (run.collect !== undefined && isResult(event)) run.collect(event);
      else {
        const { display, target, place } = run;
        yield {
          type: "statement",
          event,
          display,
          target,
          place,
          number,
          ...(footers === undefined ? {} : { footers }),
          ...(picture === undefined ? {} : { picture }),
        };
      }
      if (timing !== undefined && state.timing) yield timing;
    }
    if (session.transaction === "idle") state.transactionPlace = undefined;
    else if (idle) state.transactionPlace = run.place;
    const description = session.describe();
    if (description !== undefined && !state.variables.has("SERVER_VERSION_NUM")) state.showConnection(description);
    if (failure === undefined) state.showSuccess(rowCount);
    else yield* this.fail(located(failure, run), run.place);
  }

  /** Nobody reads the rest of the result that comes: its statement is stopped where that undoes nothing. */
  leaveResult(): void {
    this.#reading?.leave();
  }

  /** All rows of a query, for commands that work on them; undefined when it failed, which is told. */
  async *collect(text: string, run: StatementRun, result: { columns: Column[]; rows: Row[] }): ScriptEvents {
    yield* this.execute(text, {
      ...run,
      collect: (event) => {
        if (event.type === "columns") result.columns = [...event.columns];
        if (event.type === "rows") result.rows.push(...event.rows);
      },
    });
  }

  /** Tells a failure, and stops the source unless ON_ERROR_STOP is off. */
  async *fail(error: ShellError, place: Place): AsyncGenerator<ScriptEvent> {
    const { state } = this;
    state.showFailure({ error, place });
    state.firstFailure ??= error;
    if (FATAL.has(error.code) || this.interactive || state.variables.isOn("ON_ERROR_STOP")) state.stopped = true;
    yield { type: "failed", error, place };
  }
}
