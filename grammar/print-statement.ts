import { hideAll, Printer, type Mask } from "./print.ts";
import { printWith, type Statement } from "./statements.ts";

export interface PrintOptions {
  /** What to show for strings in secret positions; by default three dots each. */
  readonly mask?: Mask;
}

/** A statement's canonical text on one line. Secrets are hidden unless the mask shows them. */
export function print(statement: Statement, options: PrintOptions = {}): string {
  return printWith(statement, new Printer(options.mask ?? hideAll));
}
