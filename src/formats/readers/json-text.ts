// Places in a JSON text that was parsed once, so that it is known to be JSON: values keep the digits they were written
// with, which JSON.parse would lose.

export interface JsonPlace {
  readonly type: "string" | "number" | "boolean" | "null" | "object" | "array";
  readonly start: number;
  readonly end: number;
}

const TYPES: Readonly<Record<string, JsonPlace["type"]>> = {
  '"': "string",
  "{": "object",
  "[": "array",
  t: "boolean",
  f: "boolean",
  n: "null",
};

const SPACE = /[ \t\r\n]*/y;
const ATOM = /[^\s,\]}]+/y;

/** A text that is JSON. */
export class JsonText {
  readonly text: string;

  /** Throws SyntaxError when it is none. */
  constructor(text: string) {
    JSON.parse(text);
    this.text = text;
  }

  get whole(): JsonPlace {
    return this.#valueAt(this.#skipSpace(0));
  }

  /** The members of an object in their order, with their names decoded. */
  *members(object: JsonPlace): Generator<readonly [name: string, value: JsonPlace]> {
    let at = this.#skipSpace(object.start + 1);
    while (this.text[at] !== "}") {
      const name = this.#valueAt(at);
      const value = this.#valueAt(this.#skipSpace(this.#skipSpace(name.end) + 1));
      yield [this.string(name), value];
      at = this.#next(value.end);
    }
  }

  *elements(array: JsonPlace): Generator<JsonPlace> {
    let at = this.#skipSpace(array.start + 1);
    while (this.text[at] !== "]") {
      const value = this.#valueAt(at);
      yield value;
      at = this.#next(value.end);
    }
  }

  /** A string without its quotes and escapes. */
  string(place: JsonPlace): string {
    const inner = this.text.slice(place.start + 1, place.end - 1);
    return inner.includes("\\") ? String(JSON.parse(this.raw(place))) : inner;
  }

  /** A value as it stands. */
  raw({ start, end }: JsonPlace): string {
    return this.text.slice(start, end);
  }

  #valueAt(start: number): JsonPlace {
    const type = TYPES[this.text[start] ?? ""] ?? "number";
    return { type, start, end: this.#endOf(type, start) };
  }

  #endOf(type: JsonPlace["type"], start: number): number {
    if (type === "string") return this.#endOfString(start);
    if (type !== "object" && type !== "array") {
      ATOM.lastIndex = start;
      ATOM.test(this.text);
      return ATOM.lastIndex;
    }
    let depth = 0;
    for (let at = start; ; at += 1) {
      const character = this.text[at];
      if (character === '"') at = this.#endOfString(at) - 1;
      else if (character === "{" || character === "[") depth += 1;
      else if (character === "}" || character === "]") {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
  }

  #endOfString(start: number): number {
    for (let at = start + 1; ; at += 1) {
      const character = this.text[at];
      if (character === '"') return at + 1;
      if (character === "\\") at += 1;
    }
  }

  /** Behind the comma after a value, or at the bracket that closes. */
  #next(end: number): number {
    const at = this.#skipSpace(end);
    return this.text[at] === "," ? this.#skipSpace(at + 1) : at;
  }

  #skipSpace(at: number): number {
    SPACE.lastIndex = at;
    SPACE.test(this.text);
    return SPACE.lastIndex;
  }
}
