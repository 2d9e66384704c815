// From a token that does not fit to a complaint a person can act on.
import type { IToken, TokenType } from "chevrotain";
import { syntaxError, type Diagnostic } from "./diagnostic.ts";
import { spanOfToken } from "./create-nodes.ts";
import { editDistance } from "./edit-distance.ts";
import type { Unterminated } from "./lexer.ts";
import type { Span } from "./nodes.ts";
import { isKeyword, t } from "./tokens.ts";
import type { Walked } from "./walk.ts";
import { DROPPED } from "./words.ts";

/** More words than these are only counted in the message. */
export const NAMED_MAX = 6;
/** Of more than these, the first few would say nothing. */
const SAMPLED_MAX = 12;

/** Words in whose place a name may stand, so that one letter wrong makes them a name. */
const MISTAKEN_FOR_TARGETS = ["DATABASE", "TABLE"];
const MISTAKEN_FOR_FOLDERS = ["SCHEMAS", "FILES"];

/** What people write for our words: other dialects' names, and names from memory. */
const SYNONYMS: Readonly<Record<string, string>> = {
  password: "encryption_passphrase",
  passphrase: "encryption_passphrase",
  encryption_password: "encryption_passphrase",
  kms_key: "kms",
  kms_key_id: "kms",
  kms_uri: "kms",
  master_symmetric_key: "kms",
  encrypted: "kms",
  to: "INTO",
  into: "TO",
  from: "IN",
  in: "FROM",
  snapshot: "BACKUP",
  revision: "revision_history",
  async: "detached",
  background: "detached",
  every: "RECURRING",
  old_key: "OLD_KMS",
  new_key: "NEW_KMS",
  gzip: "GZIP",
  before: "OLDER",
  after: "NEWER",
};

/** Words that go on with none of our statements, and begin one of somebody's. */
const BEGINNINGS = new Set(
  `ALTER ANALYZE BACKUP BEGIN CALL CHECK COMMIT COPY CREATE DELETE DROP ENCRYPT EXPLAIN GRANT INSERT MERGE RESTORE REVOKE
  ROLLBACK SELECT SHOW TRUNCATE UNLOAD UPDATE VACUUM VERIFY`.split(/\s+/),
);
const NO_END = "if another statement begins here, end the one before it with ;";

/** The complaint about the first token that has no reading, or about the end of the statement. */
export function unexpected(walked: Walked, tokens: readonly IToken[]): Diagnostic {
  const found = tokens[walked.read];
  const previous = tokens[walked.read - 1];
  const expected = namesOf(walked);
  const after = previous === undefined ? "" : ` after ${describe(previous, walked.lastReadAs)}`;
  const isOther = walked.mayEnd && found !== undefined && BEGINNINGS.has(found.image.toUpperCase());
  const hint = found === undefined ? undefined : (hintFor(found, previous, expected) ?? (isOther ? NO_END : undefined));
  return {
    span: found === undefined ? endOf(previous) : spanOfToken(found),
    code: "syntax/unexpected",
    severity: "error",
    message: `expected ${listed(expected, walked.mayEnd ? ["the end of the statement"] : [])}${after}`,
    expected,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The complaint about a token that the parser refused although it has a reading. */
export function refused(token: IToken, previous: IToken | undefined): Diagnostic {
  const isEnd = Number.isNaN(token.startOffset) || token.startOffset < 0;
  const what = isEnd ? "end of the statement" : describe(token);
  return syntaxError(isEnd ? endOf(previous) : spanOfToken(token), `unexpected ${what}`);
}

const OPENINGS: Partial<Record<Unterminated["kind"], { readonly what: string; readonly hint: string }>> = {
  string: { what: "string", hint: "close it with '; a quote inside is written ''" },
  "dollar-string": { what: "dollar quote", hint: "close it with the same mark it was opened with" },
  comment: { what: "comment", hint: "close it with */; comments nest" },
  "quoted-identifier": { what: "quoted name", hint: 'close it with "' },
};

export function unterminated({ kind, span }: Unterminated): Diagnostic {
  const opening = OPENINGS[kind] ?? { what: "quote", hint: "close it" };
  return {
    span,
    code: "syntax/unterminated",
    severity: "error",
    message: `${opening.what} is not closed`,
    expected: [],
    hint: opening.hint,
  };
}

function endOf(token: IToken | undefined): Span {
  const end = token === undefined ? 0 : spanOfToken(token).end;
  return { start: end, end };
}

/** Labels without repeats: words as they are written, then kinds of word. */
function namesOf(walked: Walked): readonly string[] {
  const continues = walked.lastReadAs.some((type) => type === t.Operand || type === t.CloseParenthesis);
  const current = walked.expected.filter(
    (type) => !isVariable(type) && !DROPPED.has(type.name) && !(continues && isExpression(type)),
  );
  const labels = new Set(current.map((type) => type.LABEL ?? type.name));
  if (labels.has("a string")) {
    // A string may be written as a name, and secret() stands wherever one may.
    labels.delete("a name");
    labels.delete("SECRET");
  }
  return [...labels].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function rank(label: string): number {
  return label.startsWith("a ") || label.startsWith("an ") ? 1 : /^\w/.test(label) ? 0 : 2;
}

/** Any expression can go on, so that this is no news in the middle of one. */
function isExpression(type: TokenType): boolean {
  return type === t.Operand || type === t.OpenParenthesis;
}

function isVariable(type: TokenType): boolean {
  return type === t.PlainVariable || type === t.LiteralVariable || type === t.IdentifierVariable;
}

/** A bare comma or dot would be lost in a sentence. */
export function labelInSentence(label: string): string {
  return label === "," || label === "." ? `"${label}"` : label;
}

function listed(labels: readonly string[], ends: readonly string[]): string {
  const names = labels.length > SAMPLED_MAX ? [`one of ${labels.length} words`] : labels.map(labelInSentence);
  const shown = names.length > NAMED_MAX ? names.slice(0, NAMED_MAX - 1) : names;
  const rest = names.length - shown.length;
  const all = [...shown, ...(rest > 0 ? [`${rest} more`] : []), ...ends];
  return all.length === 1 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} or ${all.at(-1) ?? ""}`;
}

/** A token as a message may show it: strings may be secrets, so only what kind they are. */
function describe(token: IToken, readAs: readonly TokenType[] = []): string {
  if (readAs.includes(t.Bare) && !readAs.includes(token.tokenType)) return "the string";
  if (isKeyword(token.tokenType)) return token.tokenType.LABEL ?? token.image;
  if (token.tokenType === t.String || token.tokenType === t.DollarString) return "the string";
  if (token.tokenType === t.QuotedIdentifier) return "the quoted name";
  return token.image;
}

function hintFor(found: IToken, previous: IToken | undefined, expected: readonly string[]): string | undefined {
  if (found.image.startsWith("$") && found.tokenType === t.Sign) {
    return "placeholders have no value in a shell: use a variable, :'name'";
  }
  if (found.tokenType === t.Equals && previous !== undefined && isKeyword(previous.tokenType)) {
    return `${describe(previous)} takes no value here`;
  }
  if (found.image.startsWith(":") && previous?.endOffset === found.startOffset - 1)
    return "write the location in quotes";
  if (found.tokenType !== t.Identifier && !isKeyword(found.tokenType)) return undefined;
  const mistaken = expected.includes(",") ? MISTAKEN_FOR_TARGETS : MISTAKEN_FOR_FOLDERS;
  const intended = previous?.tokenType === t.Identifier ? nearest(previous.image, mistaken) : undefined;
  if (intended !== undefined) return `did you mean ${intended} instead of ${previous?.image ?? ""}?`;
  const meant = nearest(found.image, expected);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** The expected word that `typed` most resembles: a synonym, a shared beginning, or at most two edits away. */
function nearest(typed: string, expected: readonly string[]): string | undefined {
  const lower = typed.toLowerCase();
  const words = expected.filter((word) => /^\w+$/.test(word));
  const synonym = SYNONYMS[lower];
  if (synonym !== undefined && words.includes(synonym)) return synonym;
  const scored = words
    .map((word) => ({ word, distance: resemblance(lower, word.toLowerCase()) }))
    .filter(({ distance }) => distance <= 2)
    .toSorted((a, b) => a.distance - b.distance);
  return scored[0]?.word;
}

function resemblance(typed: string, word: string): number {
  const isPrefix = typed.length >= 3 && (word.startsWith(typed) || (typed.startsWith(word) && word.length >= 3));
  const distance = editDistance(typed, word);
  return isPrefix ? Math.min(distance, 2) : distance * 2 > typed.length + 1 ? Number.POSITIVE_INFINITY : distance;
}
