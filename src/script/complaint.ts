import type { Diagnostic } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";

/** The grammar's complaint as an error with the same span. */
export function complaintOf({ code, message, span, hint, expected }: Diagnostic): ShellError {
  return new ShellError(code, message, {
    span,
    ...(hint === undefined ? {} : { hint }),
    ...(expected.length === 0 ? {} : { detail: [`expected one of: ${expected.join(", ")}`] }),
  });
}
