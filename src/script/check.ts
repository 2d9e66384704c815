// Reads a whole script before its first statement runs and collects every complaint that reading allows.
import { dirname, isAbsolute, join } from "node:path";
import { asShellError, ShellError } from "../errors.ts";
import type { Session } from "../session.ts";
import { nearest } from "../std/nearest.ts";
import { findCommand } from "./commands/index.ts";
import { branch, isConditional } from "./commands/conditions.ts";
import { Conditions } from "./conditions.ts";
import { Arguments } from "./arguments.ts";
import type { StatementGuard } from "./guard.ts";
import type { ScriptHost } from "./host.ts";
import { complaintOf } from "../diagnostics.ts";
import type { ScriptCommand, ScriptItem, ScriptStatement } from "../../grammar/index.ts";
import { refusePlaceholders } from "./secret-placeholder.ts";
import type { Place, ScriptSource } from "./source.ts";
import type { Failure } from "./state.ts";
import { Variables } from "./variables.ts";

export interface CheckParts {
  readonly session: Session;
  readonly host: ScriptHost;
  readonly variables: Variables;
  readonly guard: StatementGuard | undefined;
  readonly split: (source: ScriptSource) => readonly ScriptItem[];
}

/** Names of variables that may be set when a place is reached. */
class Known {
  readonly names: Set<string>;
  /** After \gset, or a file whose name only the run tells, any name may be set. */
  anything = false;

  constructor(variables: Variables) {
    this.names = new Set(variables.entries().map(([name]) => name));
  }
}

/** Set by the shell itself while a script runs. */
const BUILT_IN = [
  ..."DBNAME USER HOST PORT ENCODING SERVER_VERSION_NAME SERVER_VERSION_NUM ERROR SQLSTATE ROW_COUNT".split(" "),
  ..."LAST_ERROR_MESSAGE LAST_ERROR_SQLSTATE SHELL_ERROR SHELL_EXIT_CODE".split(" "),
];

/** Every complaint about the sources, in order. Nothing is run and the variables are left as they are. */
export async function checkSources(sources: readonly ScriptSource[], parts: CheckParts): Promise<readonly Failure[]> {
  const checker = new Checker(parts);
  for (const source of sources) await checker.check(source);
  // An \if that is never closed is known last and stands first.
  return checker.failures.toSorted((a, b) =>
    a.place.source === b.place.source ? a.place.span.start - b.place.span.start : 0,
  );
}

class Checker {
  readonly failures: Failure[] = [];
  readonly #parts: CheckParts;
  readonly #known: Known;
  readonly #visited = new Set<string>();
  #restricted = false;

  constructor(parts: CheckParts) {
    this.#parts = parts;
    this.#known = new Known(parts.variables);
    for (const name of BUILT_IN) this.#known.names.add(name);
  }

  async check(source: ScriptSource): Promise<void> {
    const conditions = new Conditions();
    try {
      refusePlaceholders(source.text);
    } catch (thrown) {
      this.#complain(asShellError(thrown), { source, span: { start: 0, end: 0 } });
    }
    for (const item of this.#parts.split(source)) {
      const place: Place = { source, span: item.span };
      if (item.kind === "statement") await this.#statement(item, place, conditions);
      else await this.#command(item, place, conditions);
    }
    const open = conditions.openAt;
    if (open !== undefined) this.#complain(new ShellError("shell/command", "\\if without \\endif"), open);
  }

  #complain(error: ShellError, place: Place): void {
    this.failures.push({ error: error.span === undefined ? error.with({ span: place.span }) : error, place });
  }

  async #statement(item: ScriptStatement, place: Place, conditions: Conditions): Promise<void> {
    if (item.diagnostic !== undefined) {
      this.#complain(complaintOf(item.diagnostic), place);
      return;
    }
    const { terminator } = item;
    if (terminator.kind === "command" && terminator.name === "gset") this.#known.anything = true;
    // What stands in a branch may be there because the variable is not always set.
    if (conditions.depth === 0) this.#references(item, place);
    const refusal = this.#parts.guard?.check(item.text);
    if (refusal !== undefined) this.#complain(refusal, place);
    for (const error of await this.#parts.session.check(item.text)) {
      const span = error.span ?? { start: 0, end: item.text.length };
      this.#complain(
        error.with({ span: { start: span.start + item.span.start, end: span.end + item.span.start } }),
        place,
      );
    }
  }

  #references(item: ScriptStatement, place: Place): void {
    if (this.#known.anything) return;
    for (const { form, name, span } of item.variables) {
      const before = item.text.slice(0, span.start - item.span.start);
      const inSlice = form === "plain" && before.lastIndexOf("[") > before.lastIndexOf("]");
      if (form === "test" || this.#known.names.has(name) || inSlice) continue;
      const near = nearest(name, this.#known.names);
      const hint =
        near === undefined ? `set it with \\set ${name} VALUE or -v ${name}=VALUE` : `did you mean :${near}?`;
      this.#complain(new ShellError("shell/variable", `variable ${name} is not set`, { hint, span }), place);
    }
  }

  async #command(item: ScriptCommand, place: Place, conditions: Conditions): Promise<void> {
    try {
      if (isConditional(item.name)) this.#conditional(item, place, conditions);
      else {
        findCommand(item.name);
        this.#restriction(item);
        this.#remember(item);
        if (conditions.depth === 0) await this.#included(item, place);
      }
    } catch (thrown) {
      this.#complain(asShellError(thrown), place);
    }
  }

  #conditional(item: ScriptCommand, place: Place, conditions: Conditions): void {
    if (item.buffer.trim() !== "") {
      throw new ShellError("shell/command", `\\${item.name} inside a statement is not supported`, {
        hint: "end the statement before it, or choose its text with \\set",
      });
    }
    // Only nesting counts here: the condition is read when the script runs.
    const yes = new Arguments("true", { variables: new Variables(), capture: () => "" });
    branch(item.name, place, conditions, yes);
  }

  #restriction(item: ScriptCommand): void {
    if (item.name === "restrict") this.#restricted = true;
    else if (item.name === "unrestrict") this.#restricted = false;
    else if (this.#restricted) {
      throw new ShellError("shell/command", `\\${item.name} is not allowed after \\restrict`);
    }
  }

  #remember(item: ScriptCommand): void {
    if (item.name === "gset") this.#known.anything = true;
    if (!["set", "getenv", "secret"].includes(item.name)) return;
    const name = /^[\w\u0080-\uffff]+/.exec(item.args)?.[0];
    if (name === undefined) this.#known.anything ||= item.args !== "";
    else this.#known.names.add(name);
  }

  /** A file named by a literal that is there is read as well; what else \i runs, only the run can tell. */
  async #included(item: ScriptCommand, { source }: Place): Promise<void> {
    if (!["i", "include", "ir", "include_relative"].includes(item.name)) return;
    const { host } = this.#parts;
    const literal = /^(?:'([^'\\]*)'|([^\s'"`:\\]+))$/.exec(item.args);
    const named = literal?.[1] ?? literal?.[2];
    if (named === undefined) {
      this.#known.anything = true;
      return;
    }
    const relative = item.name.endsWith("r") || item.name.endsWith("relative");
    const path = relative && !isAbsolute(named) ? join(source.directory ?? host.workingDirectory(), named) : named;
    if (this.#visited.has(path)) return;
    this.#visited.add(path);
    const text = await host.readText(path).catch(() => undefined);
    if (text === undefined) this.#known.anything = true;
    else await this.check({ name: path, text, directory: dirname(path) });
  }
}
