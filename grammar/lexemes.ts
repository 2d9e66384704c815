import { remember } from "./remember.ts";
import { resume } from "./resume.ts";
import { Scanner, type LexemeKind, type ScanOptions } from "./scan.ts";

export type { LexemeKind } from "./scan.ts";

/** One lexeme where it stands in the source. */
export interface Lexeme {
  readonly kind: Exclude<LexemeKind, "end">;
  readonly start: number;
  readonly end: number;
  /** False when the source ends inside it. */
  readonly closed: boolean;
}

/** Every lexeme of a stretch of the source, comments too. Shell commands are not known here: `splitScript` finds them. */
export function lexemes(source: string, options?: ScanOptions): readonly Lexeme[] {
  return options === undefined ? readWhole(source) : read(source, options);
}

const readWhole = remember(
  resume<Lexeme, undefined>((source, from, _state, found, note) => {
    const scanner = new Scanner(source, { start: from });
    while (scanner.next() !== "end") {
      note(scanner.lineStart, found.length, () => undefined);
      found.push(lexemeOf(scanner));
    }
  }),
);

function read(source: string, options: ScanOptions): readonly Lexeme[] {
  const scanner = new Scanner(source, options);
  const found: Lexeme[] = [];
  while (scanner.next() !== "end") found.push(lexemeOf(scanner));
  return found;
}

function lexemeOf({ kind, start, end, closed }: Scanner): Lexeme {
  return { kind: kind as Lexeme["kind"], start, end, closed };
}
