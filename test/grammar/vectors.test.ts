import { complete, parse, print, splitScript, type Diagnostic, type ScriptItem } from "../../grammar/index.ts";
import { runVectors } from "../harness/vectors.ts";

/** Line and column, counted from 1, the line itself, and a mark under the span. */
function showDiagnostic(source: string, diagnostic: Diagnostic): string {
  const { start, end } = diagnostic.span;
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = source.indexOf("\n", start);
  const text = source.slice(lineStart, lineEnd === -1 ? source.length : lineEnd);
  const line = source.slice(0, start).split("\n").length;
  const column = start - lineStart;
  const width = Math.max(1, Math.min(end, lineStart + text.length) - start);
  const severity = diagnostic.severity === "warning" ? "warning: " : "";
  const hint = diagnostic.hint === undefined ? [] : [`  hint: ${diagnostic.hint}`];
  return [
    `${line}:${column + 1}: ${severity}${diagnostic.message}`,
    `  ${text}`,
    `  ${" ".repeat(column)}${"^".repeat(width)}`,
    ...hint,
  ].join("\n");
}

function showPrinted(source: string): string {
  const { statements, diagnostics } = parse(source);
  const lines = statements.map((statement) =>
    statement.kind === "passthrough" ? `passthrough: ${statement.text}` : print(statement),
  );
  const complaints = diagnostics.map((diagnostic) => showDiagnostic(source, diagnostic));
  return [...lines, ...complaints].join("\n") || "nothing";
}

function showComplaints(source: string): string {
  const complaints = parse(source).diagnostics.map((diagnostic) => showDiagnostic(source, diagnostic));
  return complaints.length === 0 ? "no complaint" : complaints.join("\n");
}

function showItem(source: string, item: ScriptItem): string {
  const data =
    item.copyData === undefined ? "" : ` data=${JSON.stringify(source.slice(item.copyData.start, item.copyData.end))}`;
  if (item.kind === "command") {
    const buffer = item.buffer === "" ? "" : ` buffer=${JSON.stringify(item.buffer)}`;
    return `command ${item.name} ${JSON.stringify(item.args)}${buffer}${data}`;
  }
  const { terminator } = item;
  const end =
    terminator.kind === "command" ? `\\${terminator.name} ${JSON.stringify(terminator.args)}` : terminator.kind;
  const variables = item.variables.map((variable) => ` ${variable.form}:${variable.name}`).join("");
  const problem = item.diagnostic === undefined ? "" : `\n${showDiagnostic(source, item.diagnostic)}`;
  return `statement ${JSON.stringify(item.text)} ${end}${variables}${data}${problem}`;
}

runVectors("grammar", {
  print: showPrinted,
  complain: showComplaints,
  complete: (source) => {
    const cursor = source.indexOf("|");
    const text = source.replace("|", "");
    const words = complete(text, cursor).map((completion) => `${completion.text} (${completion.kind})`);
    return words.join("\n") || "nothing";
  },
  split: (source) =>
    splitScript(source)
      .map((item) => showItem(source, item))
      .join("\n") || "nothing",
});
