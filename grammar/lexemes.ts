import { remember } from "./remember.ts";
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

const readWhole = remember((source) => read(source, {}));

function read(source: string, options: ScanOptions): readonly Lexeme[] {
  const scanner = new Scanner(source, options);
  const found: Lexeme[] = [];
  for (let kind = scanner.next(); kind !== "end"; kind = scanner.next()) {
    found.push({ kind, start: scanner.start, end: scanner.end, closed: scanner.closed });
  }
  return found;
}
