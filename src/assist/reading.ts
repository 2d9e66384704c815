// Which statement or shell command of a text the cursor is in.
import { splitScript, type ScriptItem } from "../../grammar/index.ts";

export type Piece =
  | { readonly kind: "statement"; readonly start: number; readonly end: number }
  /** `name` without the backslash; what is after it begins at `argumentsAt`. */
  | { readonly kind: "command"; readonly name: string; readonly start: number; readonly argumentsAt: number };

export function pieceAt(text: string, cursor: number): Piece {
  let start = 0;
  for (const item of splitScript(text)) {
    const command = commandOf(item);
    if (item.kind === "statement") {
      const end = command?.span.start ?? endOf(text, item);
      if (cursor <= end) return { kind: "statement", start, end };
    }
    if (command !== undefined) {
      const { span, name } = command;
      const lineEnd = text.indexOf("\n", span.start);
      if (span.start < cursor && (cursor <= span.end || lineEnd === -1 || cursor <= lineEnd)) {
        return { kind: "command", name, start: span.start, argumentsAt: span.start + 1 + name.length };
      }
      // A command inside a statement does not end it.
      if (item.kind === "statement" || item.buffer === "") start = span.end;
      if (cursor <= span.start) return { kind: "statement", start: Math.min(start, cursor), end: cursor };
    } else if (item.kind === "statement") start = endOf(text, item) + 1;
  }
  const open = /\\(\S*)$/.exec(text.slice(0, cursor));
  if (open !== null && open.index >= start) {
    const name = open[1] ?? "";
    return { kind: "command", name, start: open.index, argumentsAt: open.index + 1 + name.length };
  }
  return { kind: "statement", start: Math.min(start, cursor), end: text.length };
}

function commandOf(
  item: ScriptItem,
): { readonly name: string; readonly span: { start: number; end: number } } | undefined {
  if (item.kind === "command") return item;
  return item.terminator.kind === "command" ? item.terminator : undefined;
}

/** Where the statement's semicolon stands, else the end of the text. */
function endOf(text: string, item: Extract<ScriptItem, { kind: "statement" }>): number {
  if (item.terminator.kind !== "semicolon") return text.length;
  const at = text.indexOf(";", item.span.end);
  return at === -1 ? text.length : at;
}
