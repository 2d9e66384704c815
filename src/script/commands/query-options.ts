import { ShellError } from "../../errors.ts";
import type { Arguments } from "../arguments.ts";
import type { Display } from "../display.ts";
import { changeDisplay } from "./output.ts";

/** `\g (format=csv null='-')`: \pset for one query. Without parentheses nothing is read. */
export function interpretOptions(words: Arguments, display: Display): Display {
  const text = words.parenthesized();
  if (text === undefined) return display;
  let changed = display;
  for (let pair = text.next(); pair !== undefined; pair = text.next()) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new ShellError("shell/command", `${JSON.stringify(pair)} is not option=value`);
    changed = changeDisplay(changed, pair.slice(0, equals), pair.slice(equals + 1));
  }
  return changed;
}
