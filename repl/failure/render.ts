import type { ShellError } from "../../src/index.ts";
import { anatomyLines, COLOURED, PLAIN, type FailureContext } from "./anatomy.ts";
import { annotation, jsonLine, oneLine } from "./one-line.ts";

export interface FailureStyle {
  /** `anatomy` for people at a terminal, `line` for logs and editors, `json` for programs. */
  readonly form: "anatomy" | "line" | "json";
  readonly colour: boolean;
  /** Also write GitHub Actions' annotation. */
  readonly annotate: boolean;
  /** Of the terminal that it is written to, now. */
  readonly columns?: () => number;
}

/** An error as text for stderr, with its line end. */
export function renderFailure(error: ShellError, context: FailureContext, style: FailureStyle): string {
  const lines =
    style.form === "json"
      ? [jsonLine(error, context)]
      : style.form === "line"
        ? oneLine(error, context)
        : anatomyLines(error, onScreen(context, style), style.colour ? COLOURED : PLAIN);
  if (style.annotate) lines.push(annotation(error, context));
  return `${lines.join("\n")}\n`;
}

function onScreen(context: FailureContext, { columns }: FailureStyle): FailureContext {
  return columns === undefined ? context : { ...context, columns: columns() };
}
