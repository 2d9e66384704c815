// The argument of CREDENTIALS: `name=value` pairs between semicolons, in any order, without blanks. Facts: Redshift's
// "Authorization parameters"; the complaint is Redshift's own.

export const CREDENTIAL_NAMES = [
  "aws_iam_role",
  "aws_access_key_id",
  "aws_secret_access_key",
  "token",
  "master_symmetric_key",
] as const;
export type CredentialName = (typeof CREDENTIAL_NAMES)[number];

/** One pair; offsets are those of the value in the decoded text. */
export interface CredentialPair {
  readonly name: CredentialName;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface CredentialProblem {
  readonly message: string;
  readonly hint: string;
  readonly start: number;
  readonly end: number;
}

export type ParsedCredentials =
  | { readonly ok: true; readonly pairs: readonly CredentialPair[] }
  | { readonly ok: false; readonly problem: CredentialProblem };

const SHAPE =
  "Invalid credentials. Must be of the format: " +
  "credentials 'aws_access_key_id=<...>;aws_secret_access_key=<...>[;token=<...>]'";

/** Splits at every `;`, and each piece at its first `=`: keys in base64 have more of those. */
export function parseCredentials(text: string): ParsedCredentials {
  const pairs: CredentialPair[] = [];
  let at = 0;
  for (const piece of text.split(";")) {
    const [start, end] = [at, at + piece.length];
    at = end + 1;
    // A semicolon at the end closes the last pair.
    if (piece === "" && end === text.length && pairs.length > 0) continue;
    const refuse = (hint: string) => refused(hint, start, end);
    if (/\s/.test(piece)) return refuse("leave out blanks and line breaks");
    const equals = piece.indexOf("=");
    const name = CREDENTIAL_NAMES.find((known) => known === piece.slice(0, equals));
    if (name === undefined) return refuse(`the names are ${CREDENTIAL_NAMES.join(", ")}, in lower case`);
    if (equals === piece.length - 1) return refuse(`give ${name} a value`);
    if (pairs.some((pair) => pair.name === name)) return refuse(`give ${name} once`);
    pairs.push({ name, value: piece.slice(equals + 1), start: start + equals + 1, end });
  }
  const hint = incomplete(new Set(pairs.map((pair) => pair.name)));
  return hint === undefined ? { ok: true, pairs } : refused(hint, 0, text.length);
}

function incomplete(names: ReadonlySet<CredentialName>): string | undefined {
  const hasKeys = names.has("aws_access_key_id") || names.has("aws_secret_access_key");
  if (names.has("aws_iam_role")) {
    return hasKeys || names.has("token") ? "give either aws_iam_role or a pair of keys" : undefined;
  }
  if (!hasKeys) return "give aws_iam_role, or aws_access_key_id and aws_secret_access_key";
  if (!names.has("aws_access_key_id")) return "add aws_access_key_id";
  return names.has("aws_secret_access_key") ? undefined : "add aws_secret_access_key";
}

function refused(hint: string, start: number, end: number): ParsedCredentials {
  return { ok: false, problem: { message: SHAPE, hint, start, end } };
}
