import type { IToken } from "chevrotain";
import { t } from "./tokens.ts";

const TIGHT_BEFORE = new Set([",", ")", "]", ".", "::", ";"]);
const TIGHT_AFTER = new Set(["(", "[", ".", "::"]);

/** SQL from its tokens: the same text whatever white space and comments stood between them. */
export function joinTokens(tokens: readonly IToken[]): string {
  let text = "";
  let previous: IToken | undefined;
  let before: IToken | undefined;
  for (const token of tokens) {
    text += previous === undefined || isTight(before, previous, token) ? token.image : ` ${token.image}`;
    before = previous;
    previous = token;
  }
  return text;
}

function isTight(before: IToken | undefined, previous: IToken, token: IToken): boolean {
  if (TIGHT_BEFORE.has(token.image) || TIGHT_AFTER.has(previous.image)) return true;
  if (token.image === "(" || token.image === "[") return isCallable(previous);
  return isUnary(before, previous);
}

/** A function or column name; keywords such as IN keep their blank. */
function isCallable(token: IToken): boolean {
  return token.tokenType === t.Identifier || token.tokenType === t.QuotedIdentifier;
}

function isUnary(before: IToken | undefined, sign: IToken): boolean {
  if (sign.image !== "-" && sign.image !== "+") return false;
  if (before === undefined) return true;
  return before.tokenType === t.Sign || before.image === "(" || before.image === "," || before.image === "=";
}
