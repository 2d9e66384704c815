// What people bring with them from other databases, and the command of ours that answers the same question.

const ANSWERS: readonly (readonly [words: RegExp, command: string, what: string])[] = [
  [/^show\s+(?:full\s+)?tables\b/i, "\\dt", "lists the tables"],
  [/^show\s+databases\b/i, "\\l", "lists the databases"],
  [/^show\s+schemas\b/i, "\\dn", "lists the schemas"],
  [/^show\s+views\b/i, "\\dv", "lists the views"],
  [/^show\s+(?:users|roles)\b/i, "\\du", "lists the roles"],
  [/^show\s+(?:columns|index(?:es)?|create\s+table)\b/i, "\\d NAME", "describes a table"],
  [/^(?:describe|desc)\b/i, "\\d NAME", "describes a table"],
  [/^use\b/i, "\\c NAME", "goes to another database"],
  [/^source\b/i, "\\i FILE", "runs a file"],
  [/^connect\b/i, "\\c", "connects: \\c postgres://USER@HOST/DATABASE"],
];

/** A hint for a statement that the server could not read; undefined when it is nobody's habit. */
export function habitHint(text: string): string | undefined {
  const own = text.trimStart();
  const found = ANSWERS.find(([words]) => words.test(own));
  return found === undefined ? undefined : `${found[1]} ${found[2]}`;
}
