import { LineEnds, readCommand } from "./command.ts";
import type { Span } from "./nodes.ts";
import { remember } from "./remember.ts";
import { resume, type NoteLine } from "./resume.ts";
import { Scanner } from "./scan.ts";
import type { SplitOptions } from "./script.ts";
import { isKeyword, tokenTypeOfWord } from "./tokens.ts";
import { SQL_WORDS } from "./words.ts";

export type TokenKind =
  | "keyword"
  | "identifier"
  | "string"
  | "number"
  | "operator"
  | "comment"
  | "variable"
  | "command"
  /** A string that is a password or a key and should not be shown as it is. */
  | "secret";

export interface ColouredToken {
  readonly kind: TokenKind;
  readonly span: Span;
}

/** Words before a string that is a secret, with at most = or AS between. */
const INTRODUCES_SECRET = new Set([
  "encryption_passphrase",
  "secret_access_key",
  "session_token",
  "token",
  "master_symmetric_key",
  "credentials",
  "new_passphrase",
  "password",
  "secret",
  "identified by",
  "encrypt value",
]);

/** Every lexeme of the text in order, also of one that is not finished. */
export function tokens(source: string, options: SplitOptions = {}): readonly ColouredToken[] {
  if (options.backslashEscapes !== true) return colourPlain(source);
  const coloured: ColouredToken[] = [];
  colour(new Scanner(source, options), source, "", coloured, () => {});
  return coloured;
}

const colourPlain = remember(
  resume<ColouredToken, string>((source, from, introducer, coloured, note) =>
    colour(new Scanner(source, { start: from }), source, introducer ?? "", coloured, note),
  ),
);

/** @param introducer the word that a string would belong to. */
function colour(
  scanner: Scanner,
  source: string,
  introducer: string,
  coloured: ColouredToken[],
  note: NoteLine<string>,
): void {
  const lines = new LineEnds(source);
  while (scanner.next() !== "end") {
    const before = introducer;
    note(scanner.lineStart, coloured.length, () => before);
    const span = { start: scanner.start, end: scanner.end };
    if (scanner.kind === "backslash" && !/[;:\\]/.test(source[span.end] ?? ";")) {
      const command = readCommand(source, span.start, lines.after(span.start));
      scanner.moveTo(command.resumeAt);
      coloured.push({ kind: "command", span: { start: span.start, end: span.start + 1 + command.name.length } });
      introducer = "";
      continue;
    }
    const text = scanner.kind === "word" ? source.slice(span.start, span.end).toLowerCase() : "";
    coloured.push({ kind: kindOf(scanner, text, introducer), span });
    introducer = nextIntroducer(source, scanner, text, introducer);
  }
}

function kindOf(scanner: Scanner, word: string, introducer: string): TokenKind {
  switch (scanner.kind) {
    case "word":
      return isKeyword(tokenTypeOfWord(word)) || SQL_WORDS.has(word.toUpperCase()) ? "keyword" : "identifier";
    case "quoted-identifier":
      return "identifier";
    case "string":
    case "dollar-string":
      return INTRODUCES_SECRET.has(introducer) ? "secret" : "string";
    case "number":
    case "comment":
    case "variable":
      return scanner.kind;
    case "placeholder":
      return "variable";
    case "sign":
    case "backslash":
    case "end":
      return "operator";
  }
  return "operator";
}

/** The word that the next string would belong to. */
function nextIntroducer(source: string, scanner: Scanner, word: string, introducer: string): string {
  if (scanner.kind === "comment") return introducer;
  if (scanner.kind === "word") {
    if (word === "as") return introducer;
    if (word === "by" && introducer === "identified") return "identified by";
    return word === "value" && introducer === "encrypt" ? "encrypt value" : word;
  }
  if (scanner.kind === "quoted-identifier") return source.slice(scanner.start + 1, scanner.end - 1).toLowerCase();
  // A string goes on in the next line's.
  if (scanner.kind === "string" && INTRODUCES_SECRET.has(introducer)) return introducer;
  return source[scanner.start] === "=" ? introducer : "";
}
