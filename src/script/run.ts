// A whole run without a prompt: files, standard input and -c arguments, in the order given.
import { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import { checkSources } from "./check.ts";
import type { ScriptEvent, ScriptEvents } from "./events.ts";
import type { Interpreter } from "./interpreter.ts";
import type { ScriptItem, ScriptStatement } from "../../grammar/index.ts";
import { printPlace, type Place, type ScriptSource } from "./source.ts";

export interface RunInput extends ScriptSource {
  /** Several statements of the database in a -c argument are one transaction, as in psql. */
  readonly isCommand: boolean;
}

export interface RunOptions {
  /** -1: all of it or nothing. */
  readonly singleTransaction: boolean;
  /** --check: complaints and plans, nothing is run. */
  readonly checkOnly: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Checks everything, then runs it. The exit status is that of `state.firstFailure`, 0 without one.
 */
export async function* runScripts(shell: Interpreter, inputs: readonly RunInput[], options: RunOptions): ScriptEvents {
  const { session, host, state } = shell;
  const complaints = await checkSources(inputs, {
    session,
    host,
    variables: state.variables,
    guard: shell.guard,
    split: (source) => shell.split(source),
  });
  for (const { error, place } of complaints) {
    state.firstFailure ??= error;
    yield { type: "failed", error, place };
  }
  if (complaints.length > 0) {
    if (!options.checkOnly) yield { type: "note", message: "nothing was run" };
    return;
  }
  if (options.checkOnly) yield* planAll(shell, inputs, options);
  else if (options.singleTransaction)
    yield* inTransaction(shell, whole(inputs), () => runAll(shell, inputs, options), options);
  else yield* runAll(shell, inputs, options);
  if (options.checkOnly) return;
  yield* closeTransaction(shell, inputs, options);
  yield* settleJobs(shell, inputs);
}

/** Detached jobs end before the process does. */
async function* settleJobs(shell: Interpreter, inputs: readonly RunInput[]): ScriptEvents {
  const { session, state } = shell;
  const place = whole(inputs);
  for await (const event of session.settle()) {
    if (event.type === "failed") yield* shell.fail(event.error, place);
    else
      yield { type: "statement", event, display: state.display, target: state.output, place, number: state.statements };
  }
}

async function* runAll(shell: Interpreter, inputs: readonly RunInput[], options: RunOptions): ScriptEvents {
  for (const input of inputs) {
    if (shell.state.leaving || shell.state.stopped) return;
    const run = (): ScriptEvents => shell.run(input, options.signal);
    const place: Place = { source: input, span: { start: 0, end: input.text.length } };
    if (!options.singleTransaction && input.isCommand && isOneTransaction(shell, input)) {
      yield* inTransaction(shell, place, run, options);
    } else yield* run();
  }
}

const CONTROL = /^(begin|start|commit|end|rollback|abort|savepoint|release|prepare)\b/i;

/** Several statements, all the database's, none of which controls transactions, no command among them. */
function isOneTransaction(shell: Interpreter, input: RunInput): boolean {
  const items = shell.split(input).filter((item) => item.kind === "command" || item.text.trim() !== "");
  return items.length > 1 && items.every((item) => isPlain(item) && !shell.session.classify(item.text).ours);
}

function isPlain(item: ScriptItem): item is ScriptStatement {
  return item.kind === "statement" && item.terminator.kind !== "command" && !CONTROL.test(item.text.trim());
}

function whole(inputs: readonly RunInput[]): Place {
  const [source = { name: "<command>", text: "" }] = inputs;
  return { source, span: { start: 0, end: 0 } };
}

async function* inTransaction(
  shell: Interpreter,
  place: Place,
  work: () => ScriptEvents,
  options: RunOptions,
): ScriptEvents {
  const { session, state } = shell;
  yield* quietly(shell, "BEGIN", place, options.signal);
  if (!state.stopped) yield* work();
  if (session.transaction === "idle") return;
  const failed = state.firstFailure !== undefined || session.transaction === "failed";
  yield* quietly(shell, failed ? "ROLLBACK" : "COMMIT", place, failed ? undefined : options.signal);
  state.transactionPlace = undefined;
  if (failed) yield { type: "note", message: "everything was rolled back" };
}

/** Runs a statement of our own; only a failure is told. */
async function* quietly(shell: Interpreter, text: string, place: Place, signal: AbortSignal | undefined): ScriptEvents {
  let failure: ShellError | undefined;
  for await (const event of shell.session.execute(text, signal === undefined ? {} : { signal })) {
    failure = failureOf(event) ?? failure;
  }
  if (failure !== undefined) yield* shell.fail(failure, place);
}

function failureOf(event: Event): ShellError | undefined {
  return event.type === "failed" ? event.error : undefined;
}

/** A transaction that nobody ended is rolled back, and that is a failure. */
async function* closeTransaction(shell: Interpreter, inputs: readonly RunInput[], options: RunOptions): ScriptEvents {
  const { session, state } = shell;
  if (session.transaction === "idle") return;
  const place = state.transactionPlace ?? whole(inputs);
  const began = state.transactionPlace;
  yield* quietly(shell, "ROLLBACK", place, undefined);
  const where = began === undefined ? "" : ` (BEGIN at ${printPlace(began)})`;
  yield { type: "note", message: `script ended inside a transaction${where}; rolled back` };
  if (options.signal?.aborted === true) return;
  state.firstFailure ??= new ShellError("statement/transaction", "script ended inside a transaction");
}

/** What every statement would do, as far as it can be told without running those before it. */
async function* planAll(shell: Interpreter, inputs: readonly RunInput[], options: RunOptions): ScriptEvents {
  for (const input of inputs) {
    for (const item of shell.split(input)) {
      if (item.kind === "statement" && item.text.trim() !== "") yield* planOne(shell, item, input, options);
    }
  }
}

async function* planOne(
  shell: Interpreter,
  item: ScriptStatement,
  source: ScriptSource,
  options: RunOptions,
): ScriptEvents {
  const { session, state } = shell;
  const place: Place = { source, span: item.span };
  const references = item.variables.filter(({ form, name }) => form !== "test" && !state.variables.has(name));
  if (references.length > 0) {
    const names = references.map(({ name }) => `:${name}`).join(", ");
    yield { type: "note", message: `${printPlace(place)}: not planned, ${names} is known only when the script runs` };
    return;
  }
  const number = ++state.statements;
  const { display, output: target } = state;
  const { text } = shell.fill(item);
  for await (const event of session.plan(text, options.signal)) {
    if (event.type === "failed") {
      state.firstFailure ??= event.error;
      yield {
        type: "failed",
        error: event.error.with({ span: event.error.span ?? place.span }),
        place,
      } satisfies ScriptEvent;
    } else yield { type: "statement", event, display, target, place, number };
  }
}
