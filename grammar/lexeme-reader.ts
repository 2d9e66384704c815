import { decodeIdentifier, decodeString } from "./literal.ts";
import { Scanner, type LexemeKind } from "./scan.ts";
import { splitStatements, type SplitOptions } from "./script.ts";

/** A lexeme of a statement that is read by its words alone. */
export interface Lexeme {
  readonly kind: LexemeKind;
  /** Words in lower case, quoted names without their quotes, all else as it stands. */
  readonly text: string;
}

/** The lexemes of each statement of a text, comments left out. */
export function lexemesOf(source: string, options: SplitOptions = {}): readonly (readonly Lexeme[])[] {
  return splitStatements(source, options).map(({ span }) => {
    const scanner = new Scanner(source, { ...span, ...options });
    const lexemes: Lexeme[] = [];
    for (let kind = scanner.next(); kind !== "end"; kind = scanner.next()) {
      if (kind === "comment") continue;
      const image = source.slice(scanner.start, scanner.end);
      lexemes.push({ kind, text: textOf(kind, image) });
    }
    return lexemes;
  });
}

function textOf(kind: LexemeKind, image: string): string {
  if (kind === "word") return image.toLowerCase();
  return kind === "quoted-identifier" ? decodeIdentifier(image) : image;
}

/** Reads a list of lexemes from left to right. */
export class LexemeReader {
  readonly #lexemes: readonly Lexeme[];
  at = 0;

  constructor(lexemes: readonly Lexeme[]) {
    this.#lexemes = lexemes;
  }

  peek(ahead = 0): Lexeme | undefined {
    return this.#lexemes[this.at + ahead];
  }

  isAtEnd(): boolean {
    return this.at >= this.#lexemes.length;
  }

  /** Takes the words if they are next. */
  take(...words: readonly string[]): boolean {
    const isNext = words.every((word, ahead) => this.peek(ahead)?.text === word && isWord(this.peek(ahead)));
    if (isNext) this.at += words.length;
    return isNext;
  }

  takeSign(sign: string): boolean {
    const isNext = this.peek()?.kind === "sign" && this.peek()?.text === sign;
    if (isNext) this.at += 1;
    return isNext;
  }

  /** Whether the word stands ahead, outside of parentheses. */
  hasAhead(word: string): boolean {
    let depth = 0;
    for (const lexeme of this.#lexemes.slice(this.at)) {
      depth += depthChange(lexeme);
      if (depth === 0 && isWord(lexeme) && lexeme.text === word) return true;
    }
    return false;
  }

  /** Whether the word stands anywhere ahead. */
  hasWord(word: string): boolean {
    return this.#lexemes.slice(this.at).some((lexeme) => isWord(lexeme) && lexeme.text === word);
  }

  /** The text that an option has, wherever it stands ahead: `into_db = 'shop'`. */
  valueOf(option: string): string | undefined {
    const at = this.#lexemes.findIndex((lexeme) => isWord(lexeme) && lexeme.text === option);
    const value = this.#lexemes.slice(at + 1).find(({ text }) => text !== "=");
    const isText = at >= 0 && (value?.kind === "string" || value?.kind === "dollar-string");
    return isText ? decodeString(value.text, false) : undefined;
  }

  /** All that is left, for what has no name of its own: `(a as b)`, `+ (int, int)`. */
  takeRest(): string {
    const rest = this.#lexemes.slice(this.at).filter(({ text }) => text !== "cascade" && text !== "restrict");
    this.at = this.#lexemes.length;
    return rest.map(({ text }) => text).join(" ");
  }

  /** What stands between the parenthesis that is next and the one that closes it; reads past that one. */
  takeParenthesized(): LexemeReader | undefined {
    if (!this.takeSign("(")) return undefined;
    const start = this.at;
    for (let depth = 1; !this.isAtEnd(); this.at += 1) {
      depth += depthChange(this.#lexemes[this.at]);
      if (depth === 0) break;
    }
    const inner = new LexemeReader(this.#lexemes.slice(start, this.at));
    this.at += 1;
    return inner;
  }

  /** `t`, `s.t`, `"T"`; its parts in order. */
  takeName(): readonly string[] | undefined {
    const parts: string[] = [];
    do {
      const lexeme = this.peek();
      if (lexeme === undefined || !(isWord(lexeme) || lexeme.kind === "quoted-identifier")) break;
      parts.push(lexeme.text);
      this.at += 1;
    } while (this.takeSign("."));
    return parts.length === 0 ? undefined : parts;
  }
}

function isWord(lexeme: Lexeme | undefined): boolean {
  return lexeme?.kind === "word";
}

function depthChange(lexeme: Lexeme | undefined): number {
  if (lexeme?.kind !== "sign") return 0;
  return lexeme.text === "(" ? 1 : lexeme.text === ")" ? -1 : 0;
}
