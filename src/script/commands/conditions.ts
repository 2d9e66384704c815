import { ShellError } from "../../errors.ts";
import type { Arguments } from "../arguments.ts";
import type { Conditions } from "../conditions.ts";
import type { Place } from "../source.ts";
import { parseBoolean } from "../variables.ts";

const NAMES = new Set(["if", "elif", "else", "endif"]);

/** The commands that are read even where nothing runs. */
export function isConditional(name: string): boolean {
  return NAMES.has(name);
}

/** Carries out \if, \elif, \else or \endif. Throws `shell/command` for wrong nesting or a condition that is no boolean. */
export function branch(name: string, place: Place, conditions: Conditions, words: Arguments): void {
  const truth = (): boolean => {
    const text = words.all().join(" ");
    const value = parseBoolean(text);
    if (value !== undefined) return value;
    throw new ShellError("shell/command", `\\${name} takes a boolean, not ${JSON.stringify(text)}`, {
      hint: "use true, false, on, off, 1, 0, or :{?NAME} to ask whether a variable is set",
    });
  };
  if (name === "if") conditions.open(place, truth);
  else if (name === "elif") conditions.elseIf(truth);
  else if (name === "else") conditions.otherwise();
  else conditions.close();
}
