import { ShellError } from "../../errors.ts";
import { Secret } from "../../std/secret.ts";
import type { ScriptEvents } from "../events.ts";
import { say, silent, type Command, type CommandCall } from "./command.ts";

async function* set(call: CommandCall): ScriptEvents {
  const { variables } = call.shell.state;
  const name = call.arguments.next();
  if (name === undefined) {
    for (const [each, value] of variables.entries()) yield say(call, `${each} = '${String(value)}'`);
    return;
  }
  variables.set(name, call.arguments.all().join(""));
}

function unset(call: CommandCall): ScriptEvents {
  return silent(() => call.shell.state.variables.unset(required(call, "a variable's name")));
}

function getenv(call: CommandCall): ScriptEvents {
  return silent(() => {
    const name = required(call, "a variable's name");
    const value = call.shell.host.environment[required(call, "the name of an environment variable")];
    if (value !== undefined) call.shell.state.variables.set(name, value);
  });
}

async function* echo(call: CommandCall): ScriptEvents {
  const words = call.arguments.all();
  const bare = words[0] === "-n";
  const text = (bare ? words.slice(1) : words).join(" ");
  const channel = call.name === "warn" ? "stderr" : call.name === "qecho" ? "output" : "stdout";
  yield { type: "text", channel, text: bare ? text : `${text}\n`, target: call.shell.state.output };
}

function secret(call: CommandCall): ScriptEvents {
  return silent(async () => {
    const name = required(call, "a variable's name");
    const source = call.arguments.nextLiteral() ?? "";
    call.shell.state.variables.set(name, await readSecret(call, name, source));
  });
}

async function readSecret({ shell }: CommandCall, name: string, source: string): Promise<Secret> {
  if (source === "prompt") return shell.host.promptSecret(`${name}: `);
  const [, scheme, rest = ""] = /^(env|file):(.+)$/s.exec(source) ?? [];
  if (scheme === "env") {
    const value = shell.host.environment[rest];
    if (value === undefined) {
      throw new ShellError("shell/variable", `environment variable ${rest} is not set`, {
        hint: "export it before starting, or use file: or prompt",
      });
    }
    return new Secret(value);
  }
  // One line end behind the secret is the editor's, not the secret's.
  if (scheme === "file") return new Secret((await shell.host.readText(rest)).replace(/\r?\n$/, ""));
  // What was given may be the secret itself, so it is not repeated.
  throw new ShellError("shell/command", `\\secret ${name} does not say where the secret is`, {
    hint: "write env:VAR, file:PATH or prompt; the secret itself never stands in a script",
  });
}

/** The next word. Throws `shell/command` when there is none. */
export function required(call: CommandCall, what: string): string {
  const word = call.arguments.next();
  if (word !== undefined) return word;
  throw new ShellError("shell/command", `\\${call.name} needs ${what}`);
}

export const VARIABLE_COMMANDS: readonly Command[] = [
  {
    names: ["set"],
    group: "variables",
    usage: "\\set [NAME [VALUE]]",
    summary: "set a variable, or list all",
    run: set,
  },
  { names: ["unset"], group: "variables", usage: "\\unset NAME", summary: "forget a variable", run: unset },
  {
    names: ["getenv"],
    group: "variables",
    usage: "\\getenv NAME VARIABLE",
    summary: "set a variable from the environment",
    run: getenv,
  },
  {
    names: ["secret"],
    group: "variables",
    usage: "\\secret NAME env:VAR|file:PATH|prompt",
    summary: "a variable for passphrases and keys; never shown",
    run: secret,
  },
  { names: ["echo"], group: "output", usage: "\\echo [-n] TEXT", summary: "write to standard output", run: echo },
  { names: ["warn"], group: "output", usage: "\\warn [-n] TEXT", summary: "write to standard error", run: echo },
  { names: ["qecho"], group: "output", usage: "\\qecho [-n] TEXT", summary: "write to the output of \\o", run: echo },
];
