// Arguments of meta-commands: words, '…' with C escapes, "…", `commands`, and :variables outside of quotes.
import { ShellError } from "../errors.ts";
import { Secret } from "../std/secret.ts";
import { valueOf } from "./interpolate.ts";
import type { Variables } from "./variables.ts";

export interface ArgumentWorld {
  readonly variables: Variables;
  /** What a command in backquotes prints. */
  readonly capture: (command: string) => string;
}

interface WordOptions {
  readonly keepDoubleQuotes?: boolean;
  readonly literal?: boolean;
  /** Semicolons at its end are taken for the end of a statement, out of habit, as by psql. */
  readonly isName?: boolean;
}

const REFERENCE = /:(?:\{\?([\w\u0080-\uffff]+)\}|'([\w\u0080-\uffff]+)'|"([\w\u0080-\uffff]+)"|([\w\u0080-\uffff]+))/y;

/** Reads the text after a command's name word by word. */
export class Arguments {
  readonly #text: string;
  readonly #world: ArgumentWorld;
  #at = 0;

  constructor(text: string, world: ArgumentWorld) {
    this.#text = text;
    this.#world = world;
  }

  /** The next word with its quotes taken off; undefined at the end. A secret variable gives ‹redacted›. */
  next(): string | undefined {
    return this.#word({});
  }

  /** The next word with its quotes taken off and no variables put in: `env:NAME` is not about a variable. */
  nextLiteral(): string | undefined {
    return this.#word({ literal: true });
  }

  /** The next word with double quotes kept, for names and patterns of objects. */
  nextName(): string | undefined {
    return this.#word({ keepDoubleQuotes: true, isName: true });
  }

  /** The next word as the name of a file, a database, a role. */
  nextFile(): string | undefined {
    return this.#word({ isName: true });
  }

  /** A file name; or, when the first character is `|`, a command that takes the rest of the line. */
  nextFileOrPipe(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at] === "|" ? this.rest() : this.nextFile();
  }

  /** What stands between parentheses, when the next thing is an opening one. */
  parenthesized(): Arguments | undefined {
    this.#skipSpace();
    if (this.#text[this.#at] !== "(") return undefined;
    const close = this.#text.indexOf(")", this.#at);
    if (close < 0) throw new ShellError("syntax/unterminated", "( opened in the arguments is never closed");
    const inner = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    return new Arguments(inner, this.#world);
  }

  /** All words that are left. */
  all(): string[] {
    const words: string[] = [];
    for (let word = this.next(); word !== undefined; word = this.next()) words.push(word);
    return words;
  }

  /** All words that are left, as names of things outside of the shell. */
  names(): string[] {
    const words: string[] = [];
    for (let word = this.nextFile(); word !== undefined; word = this.nextFile()) words.push(word);
    return words;
  }

  /** The rest of the line as it stands. */
  rest(): string {
    const rest = this.#text.slice(this.#at).trim();
    this.#at = this.#text.length;
    return rest;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #word({ keepDoubleQuotes = false, literal = false, isName = false }: WordOptions): string | undefined {
    this.#skipSpace();
    if (this.#at >= this.#text.length) return undefined;
    let word = "";
    let semicolons = 0;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || /\s/.test(character)) {
        const whole = isName ? word.slice(0, word.length - semicolons) : word;
        return whole === "" && word !== "" ? undefined : whole;
      }
      semicolons = character === ";" ? semicolons + 1 : 0;
      if (character === "'") word += unescape(this.#quoted("'"));
      else if (character === "`") word += this.#world.capture(this.#quoted("`")).replace(/\r?\n$/, "");
      else if (character === '"') {
        const inner = this.#quoted('"');
        word += keepDoubleQuotes ? `"${inner}"` : inner;
      } else word += (literal ? undefined : this.#reference(word)) ?? this.#single(character);
    }
  }

  #single(character: string): string {
    this.#at += 1;
    return character;
  }

  /** The text between two quotes, which may hold doubled ones, and for '…' escaped ones. */
  #quoted(quote: string): string {
    const start = this.#at + 1;
    for (let at = start; at < this.#text.length; at++) {
      if (this.#text[at] === "\\" && quote === "'") at += 1;
      else if (this.#text[at] === quote) {
        if (quote !== "`" && this.#text[at + 1] === quote) at += 1;
        else {
          this.#at = at + 1;
          return quote === "'" ? this.#text.slice(start, at).replaceAll("''", "'") : this.#text.slice(start, at);
        }
      }
    }
    throw new ShellError("syntax/unterminated", `${quote} opened in the arguments is never closed`, {
      hint: `close it with ${quote} on the same line`,
    });
  }

  #reference(before: string): string | undefined {
    REFERENCE.lastIndex = this.#at;
    const match = REFERENCE.exec(this.#text);
    if (match === null) return undefined;
    this.#at = REFERENCE.lastIndex;
    const [, test, literal, identifier, plain] = match;
    const name = test ?? literal ?? identifier ?? plain ?? "";
    const { variables } = this.#world;
    if (test === undefined && variables.get(name) instanceof Secret) return String(variables.get(name));
    // 12:30 and host:port are text unless somebody named a variable so.
    if (plain !== undefined && (before !== "" || /^\d/.test(name)) && !variables.has(name)) return match[0];
    const form =
      test !== undefined
        ? "test"
        : literal !== undefined
          ? "literal"
          : identifier !== undefined
            ? "identifier"
            : "plain";
    return valueOf({ form, name }, variables);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", r: "\r", f: "\f" };

function unescape(text: string): string {
  return text.replace(/\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, escape: string) => {
    if (/^x./.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
    return ESCAPES[escape] ?? escape;
  });
}
