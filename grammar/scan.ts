// Where one lexeme ends and the next begins: strings, dollar quotes, nested comments, variables. The splitter, the
// lexer and the colouring all read through this one scanner, so they cannot disagree.

export type LexemeKind =
  | "word"
  | "quoted-identifier"
  | "string"
  | "dollar-string"
  | "number"
  | "placeholder"
  | "variable"
  | "sign"
  | "backslash"
  | "comment"
  | "end";

export interface ScanOptions {
  readonly start?: number;
  readonly end?: number;
  /** Whether a backslash escapes the next character in '…' too, as in Redshift. */
  readonly backslashEscapes?: boolean;
}

const SPACE = 1;
const DIGIT = 2;
const LETTER = 4;
const OPERATOR = 8;
/** Signs that let an operator end in + or -, as PostgreSQL's lexer has it. */
const UNUSUAL = /[~!@#%^&|`?]/;

/** PostgreSQL allows no longer operator. */
const OPERATOR_MAX = 63;

const BYTE_ORDER_MARK = 0xfeff;
const LINE_FEED = 10;

const CLASSES = new Uint8Array(128);
for (const character of " \t\n\r\f\v") CLASSES[character.charCodeAt(0)] = SPACE;
for (const character of "0123456789") CLASSES[character.charCodeAt(0)] = DIGIT;
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") {
  CLASSES[character.charCodeAt(0)] = LETTER;
}
for (const character of "+-*/<>=~!@#%^&|`?") CLASSES[character.charCodeAt(0)] = OPERATOR;

function classAt(text: string, at: number, end: number): number {
  if (at >= end) return 0;
  const code = text.charCodeAt(at);
  if (code < 128) return CLASSES[code] ?? 0;
  return code === BYTE_ORDER_MARK ? SPACE : LETTER;
}

/** Reads lexemes one after the other; white space is passed over, comments are lexemes. */
export class Scanner {
  kind: LexemeKind = "end";
  start: number;
  /** One past the lexeme's last character. */
  end: number;
  /** False when the source ended inside the lexeme. */
  closed = true;
  /** Where the last line begins that began between two lexemes; -1 before the first. */
  lineStart = -1;
  backslashEscapes: boolean;
  readonly #text: string;
  #limit: number;

  constructor(text: string, options: ScanOptions = {}) {
    this.#text = text;
    this.start = options.start ?? 0;
    this.end = this.start;
    this.#limit = options.end ?? text.length;
    this.backslashEscapes = options.backslashEscapes ?? false;
  }

  /** Where the scanner stops. */
  get limit(): number {
    return this.#limit;
  }

  /** Continues at another place, up to another end. */
  moveTo(at: number, limit: number = this.#limit): void {
    this.end = at;
    this.#limit = limit;
  }

  next(): LexemeKind {
    const text = this.#text;
    let at = this.end;
    while (classAt(text, at, this.#limit) === SPACE) if (text.charCodeAt(at++) === LINE_FEED) this.lineStart = at;
    this.start = at;
    this.closed = true;
    this.kind = at >= this.#limit ? "end" : this.#read(at);
    return this.kind;
  }

  #read(at: number): LexemeKind {
    const text = this.#text;
    const kind = classAt(text, at, this.#limit);
    if (kind === LETTER) return this.#readWord(at);
    const following = text[at + 1];
    switch (text[at]) {
      case "'":
        return this.#readString(at + 1, this.backslashEscapes);
      case '"':
        this.#endAt(quoteEnd(text, at + 1, '"'));
        return "quoted-identifier";
      case "$":
        return this.#readDollar(at);
      case ":":
        return this.#readColon(at);
      case "\\":
        this.end = at + 1;
        return "backslash";
      case ".":
        if (classAt(text, at + 1, this.#limit) === DIGIT) return this.#readNumber(at);
        break;
      case "-":
        if (following === "-") return this.#readLineComment(at);
        break;
      case "/":
        if (following === "*") return this.#readBlockComment(at);
        break;
      case undefined:
      default:
    }
    if (kind === DIGIT) return this.#readNumber(at);
    this.end = kind === OPERATOR ? this.#operatorEnd(at) : at + 1;
    return "sign";
  }

  /** `found` is -1 when the closing mark is missing. */
  #endAt(found: number): void {
    this.closed = found !== -1 && found <= this.#limit;
    this.end = this.closed ? found : this.#limit;
  }

  #wordEnd(from: number): number {
    let at = from;
    while ((classAt(this.#text, at, this.#limit) & (LETTER | DIGIT)) !== 0 || this.#text[at] === "$") {
      if (at >= this.#limit) break;
      at++;
    }
    return at;
  }

  #readWord(from: number): LexemeKind {
    const text = this.#text;
    const end = this.#wordEnd(from);
    this.end = end;
    if (end - from === 1 && text[end] === "'" && end < this.#limit && "eEbBxXnN".includes(text[from] ?? "?")) {
      return this.#readString(end + 1, this.backslashEscapes || "eE".includes(text[from] ?? "?"));
    }
    if (end - from === 1 && "uU".includes(text[from] ?? "?") && text[end] === "&") {
      if (text[end + 1] === "'") return this.#readString(end + 2, false);
      if (text[end + 1] === '"') {
        this.#endAt(quoteEnd(text, end + 2, '"'));
        return "quoted-identifier";
      }
    }
    return "word";
  }

  #readString(from: number, escapes: boolean): LexemeKind {
    this.#endAt(escapes ? escapedEnd(this.#text, from, this.#limit) : quoteEnd(this.#text, from, "'"));
    return "string";
  }

  #readDollar(from: number): LexemeKind {
    const text = this.#text;
    let at = from + 1;
    if (classAt(text, at, this.#limit) === DIGIT) {
      while (classAt(text, at, this.#limit) === DIGIT) at++;
      this.end = at;
      return "placeholder";
    }
    while ((classAt(text, at, this.#limit) & (LETTER | DIGIT)) !== 0) at++;
    if (text[at] !== "$" || at >= this.#limit) {
      this.end = from + 1;
      return "sign";
    }
    const tag = text.slice(from, at + 1);
    const closing = text.indexOf(tag, at + 1);
    this.#endAt(closing === -1 ? -1 : closing + tag.length);
    return "dollar-string";
  }

  #readColon(from: number): LexemeKind {
    const text = this.#text;
    const next = text[from + 1];
    this.end = from + 1;
    if (next === ":" || next === "=") {
      this.end = from + 2;
      return "sign";
    }
    const opening = next === "'" || next === '"' ? 1 : next === "{" && text[from + 2] === "?" ? 2 : 0;
    let at = from + 1 + opening;
    const nameStart = at;
    while ((classAt(text, at, this.#limit) & (LETTER | DIGIT)) !== 0) at++;
    if (at === nameStart) return "sign";
    if (opening > 0) {
      if (at >= this.#limit || text[at] !== (opening === 2 ? "}" : next)) return "sign";
      at++;
    }
    this.end = at;
    return "variable";
  }

  #readNumber(from: number): LexemeKind {
    const text = this.#text;
    let at = from;
    while (classAt(text, at, this.#limit) === DIGIT) at++;
    if (text[at] === "." && text[at + 1] !== "." && at < this.#limit) {
      at++;
      while (classAt(text, at, this.#limit) === DIGIT) at++;
    }
    const exponent = /[eE][+-]?\d/y;
    exponent.lastIndex = at;
    if (exponent.test(text)) {
      at = exponent.lastIndex;
      while (classAt(text, at, this.#limit) === DIGIT) at++;
    }
    this.end = Math.min(at, this.#limit);
    return "number";
  }

  #readLineComment(from: number): LexemeKind {
    const lineEnd = this.#text.indexOf("\n", from);
    this.end = lineEnd === -1 || lineEnd > this.#limit ? this.#limit : lineEnd;
    return "comment";
  }

  #readBlockComment(from: number): LexemeKind {
    const marks = /\/\*|\*\//g;
    marks.lastIndex = from;
    let depth = 0;
    for (let mark = marks.exec(this.#text); mark !== null; mark = marks.exec(this.#text)) {
      depth += mark[0] === "/*" ? 1 : -1;
      if (depth === 0) break;
    }
    this.#endAt(depth === 0 ? marks.lastIndex : -1);
    return "comment";
  }

  #operatorEnd(from: number): number {
    const text = this.#text;
    const limit = Math.min(this.#limit, from + OPERATOR_MAX);
    let at = from + 1;
    while (classAt(text, at, limit) === OPERATOR) {
      const pair = text.slice(at, at + 2);
      if (pair === "--" || pair === "/*") break;
      at++;
    }
    if (UNUSUAL.test(text.slice(from, at))) return at;
    while (at - from > 1 && "+-".includes(text[at - 1] ?? "?")) at--;
    return at;
  }
}

function quoteEnd(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at + 1;
  }
  return -1;
}

function escapedEnd(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "'") {
      if (text[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  return -1;
}
