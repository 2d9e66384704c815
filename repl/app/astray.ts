// `quit`, `exit` and `help` mean something at an empty prompt alone. On a further line of a statement they are a part of
// it, and whoever typed them wants to know how to get away.
import type { Completeness } from "../../src/index.ts";

/** Marks behind which a backslash is a character like any other. */
const INSIDE = new Set(["'", '"', "$", "*", "/"]);

/** What to say below a text whose last line was just ended; undefined where it is a line like any other. */
export function astrayHint(text: string, { mark }: Completeness): string | undefined {
  const lines = text.split("\n");
  const word = /^\s*(quit|exit|help)\s*;?\s*$/i.exec(lines.at(-1) ?? "")?.[1]?.toLowerCase();
  if (word === undefined || lines.length < 2) return undefined;
  if (INSIDE.has(mark)) return `${word} is text in ${nameOf(mark)} that is open; Ctrl-C drops it all`;
  const what = word === "help" ? "\\? lists the commands" : "\\q leaves";
  return `${what}; Ctrl-C drops the statement`;
}

function nameOf(mark: string): string {
  return mark === "*" || mark === "/" ? "a comment" : `a quote (${mark})`;
}
