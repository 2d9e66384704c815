import type { ByteStream } from "../../std/bytes.ts";
import type { Arguments } from "../arguments.ts";
import type { ScriptEvent, ScriptEvents } from "../events.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Place, ScriptSource } from "../source.ts";

/** What a meta-command is given. */
export interface CommandCall {
  readonly shell: Interpreter;
  /** As typed, without the backslash: `dt+`. */
  readonly name: string;
  readonly arguments: Arguments;
  readonly place: Place;
  readonly source: ScriptSource;
  /** The statement before it that is not ended, or the last one run. */
  readonly buffer: string;
  /** Rows that stand below `\copy … from stdin`. */
  readonly copyData: ByteStream | undefined;
  readonly signal: AbortSignal | undefined;
}

export type Group = "query" | "output" | "variables" | "files" | "conditions" | "describe" | "connection" | "general";

export interface Command {
  readonly names: readonly string[];
  readonly group: Group;
  /** As \? shows it: `\echo [-n] TEXT`. */
  readonly usage: string;
  readonly summary: string;
  /** Throws ShellError; words that are left over are an error of the caller's. */
  readonly run: (call: CommandCall) => ScriptEvents;
}

/** Text for the user as one event. */
export function say(call: CommandCall, text: string, channel: "stdout" | "stderr" | "output" = "stdout"): ScriptEvent {
  return { type: "text", channel, text: `${text}\n`, target: call.shell.state.output };
}

/** No events, for commands that only set something. */
export async function* silent(work: () => void | Promise<void>): ScriptEvents {
  await work();
  yield* [];
}
