// Scripts as what there is to do in them, in order.
import { remember } from "./remember.ts";
import { resume } from "./resume.ts";
import type { ScriptItem, ScriptStatement, SplitOptions } from "./script-items.ts";
import { Splitter, type Between } from "./splitter.ts";

export type { ScriptCommand, ScriptItem, ScriptStatement, SplitOptions, Terminator } from "./script-items.ts";

/** Splits a script into what is to be done, in order. Never throws. */
export function splitScript(source: string, options: SplitOptions = {}): readonly ScriptItem[] {
  const isPlain = options.backslashEscapes !== true && (options.inlineRows ?? "all") === "all";
  return isPlain ? splitPlain(source) : splitWith(source, options);
}

function splitWith(source: string, options: SplitOptions): readonly ScriptItem[] {
  return new Splitter(source, true, options).split();
}

const splitPlain = remember(
  resume<ScriptItem, Between>((source, from, between, items, note) =>
    new Splitter(source, true, {}, items).splitOn(from, between, note),
  ),
);

/** Whether nothing is left open, so that Enter may submit: every statement ended, every quote and COPY's data closed. */
export function isComplete(source: string, options: SplitOptions = {}): boolean {
  const last = splitScript(source, options).at(-1);
  if (last === undefined) return true;
  if (last.kind === "statement" && last.terminator.kind === "end") return false;
  return last.copyData === undefined || source.startsWith("\\.", last.copyData.end);
}

/** Splits SQL without shell commands and without inline data. */
export function splitStatements(source: string, options: SplitOptions = {}): readonly ScriptStatement[] {
  return new Splitter(source, false, options).split().filter((item) => item.kind === "statement");
}
