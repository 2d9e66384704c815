// \copy: the statement the server gets reads or writes its client; the file, program or stream is on this side.
import { ShellError } from "../errors.ts";

/** `stdin` stands for STDIN and STDOUT, `pstdin` for psql's PSTDIN and PSTDOUT: the process's own streams. */
export type CopyEnd =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "program"; readonly command: string }
  | { readonly kind: "stdin" | "pstdin" };

export interface CopyCommand {
  readonly direction: "from" | "to";
  readonly end: CopyEnd;
  readonly statement: string;
}

const PLACE = /^(from|to)\s+(?:(program)\s+)?('(?:[^']|'')*'|[^\s;]+)\s*/i;

/** Throws `shell/command` when the words are not those of \copy. */
export function parseCopy(text: string): CopyCommand {
  const at = directionAt(text);
  const match = at < 0 ? null : PLACE.exec(text.slice(at));
  const [whole = "", direction = "", program, place = ""] = match ?? [];
  const what = text.slice(0, Math.max(at, 0)).trim();
  if (match === null || what === "") {
    throw new ShellError("shell/command", "\\copy needs a table or query, FROM or TO, and a file", {
      hint: "\\copy orders from 'orders.csv' with (format csv)",
    });
  }
  const from = direction.toLowerCase() === "from";
  const rest = text
    .slice(at + whole.length)
    .replace(/;\s*$/, "")
    .trim();
  const statement = `COPY ${what} ${from ? "FROM STDIN" : "TO STDOUT"}${rest === "" ? "" : ` ${rest}`}`;
  return { direction: from ? "from" : "to", end: endOf(place, program !== undefined, from), statement };
}

function endOf(place: string, program: boolean, from: boolean): CopyEnd {
  const quoted = place.startsWith("'");
  const text = quoted ? place.slice(1, -1).replaceAll("''", "'") : place;
  if (program) return { kind: "program", command: text };
  const word = quoted ? "" : place.toLowerCase();
  if (word === (from ? "stdin" : "stdout")) return { kind: "stdin" };
  if (word === (from ? "pstdin" : "pstdout")) return { kind: "pstdin" };
  return { kind: "file", path: text };
}

/** Where FROM or TO stands outside of parentheses and quotes; -1 without one. */
function directionAt(text: string): number {
  let depth = 0;
  const part = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\w+/g;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    if (match[0] === "(") depth += 1;
    else if (match[0] === ")") depth -= 1;
    else if (depth === 0 && /^(from|to)$/i.test(match[0])) return match.index;
  }
  return -1;
}
