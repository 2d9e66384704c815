// What the tables of describe commands are made with.
import { ShellError } from "../../errors.ts";
import type { Command, CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { list, type Asked, type Query, type Taking } from "./listing.ts";

const MODIFIERS = ["", "+", "S", "S+", "+S"];

export function withModifiers(...names: readonly string[]): string[] {
  return names.flatMap((name) => MODIFIERS.map((modifier) => name + modifier));
}

export type Build = (asked: Asked, texts: readonly string[]) => Query;

export function onServers(postgres: Build, onRedshift: Build): Build {
  return (asked, texts) => (asked.isRedshift ? onRedshift(asked, texts) : postgres(asked, texts));
}

/** What Redshift knows nothing of; the hint says what it has instead. */
export function notOnRedshift(what: string, hint?: string): () => never {
  return () => {
    throw new ShellError("engine/unsupported", `Redshift has no ${what}`, hint === undefined ? {} : { hint });
  };
}

export function listing(names: readonly string[], usage: string, summary: string, build: Build): Command {
  return { names: withModifiers(...names), group: "describe", usage, summary, run: (call) => list(call, build) };
}

interface Described {
  readonly what: string;
  readonly run: (call: CommandCall) => ScriptEvents;
}

/** A command whose `+` describes one after the other. */
export async function* describeEach(call: CommandCall, { what, run }: Described): ScriptEvents {
  const { name: engine } = await call.shell.session.connect(call.signal);
  if (engine === "redshift") notOnRedshift(what)();
  yield* run(call);
}

/** As `listing`, for what takes other patterns or other letters than most. */
export function listingOf(
  names: readonly string[],
  usage: string,
  summary: string,
  { build, taking = {} }: { readonly build: Build; readonly taking?: Taking },
): Command {
  return { names, group: "describe", usage, summary, run: (call) => list(call, build, taking) };
}
