// What a terminal sends as strokes with emacs' names: `C-a`, `M-b`, `up`, `enter`.
import type { Key } from "ink";

export type Stroke = { readonly type: "text"; readonly text: string } | { readonly type: "key"; readonly name: string };

const NAMED: readonly (readonly [keyof Key, string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["delete", "delete"],
  ["backspace", "backspace"],
  ["tab", "tab"],
  ["escape", "escape"],
  ["return", "enter"],
];

const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\u007f": "backspace",
  "\u001b": "escape",
};

/** What a key gives with Shift where terminals tell it without; only what is bound. */
const SHIFTED: Readonly<Record<string, string>> = { ",": "<", ".": ">", "-": "_" };

// xterm's modifyOtherKeys: `CSI 27 ; modifiers ; character ~`.
const OTHER_KEY = /\u001b\[27;(\d+);(\d+)~/g;

// Strings that a terminal sends: of its colours, its name, its pictures.
const REPLY = /\u001b[\]P_X^][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const PASTE_START = "\u001b[200~";

/** An editor or a pager may have asked the terminal and ended before the answer came. Ink would take it for typing. */
export function withoutReplies(chunk: string): string {
  return chunk.includes(PASTE_START) ? chunk : chunk.replace(REPLY, "");
}

/** Modified keys as kitty's protocol writes them, `CSI character ; modifiers u`: ink reads that and drops xterm's. */
export function inOneEncoding(chunk: string): string {
  return chunk.replace(OTHER_KEY, "\u001b[$2;$1u");
}

/** Fast typing comes as one input of many characters: every control character in it is a stroke of its own. */
export function strokesOf(input: string, key: Key): readonly Stroke[] {
  if (key.eventType === "release") return [];
  const name = NAMED.find(([field]) => key[field] === true)?.[1];
  // Alt with a key may come as escape and the key.
  if (name !== undefined && !(name === "escape" && input !== "")) return [{ type: "key", name: modified(name, key) }];
  const typed = key.shift && (key.ctrl || key.meta) ? (SHIFTED[input] ?? input) : input;
  // Escape and then Ctrl-C may come as one: whoever wants to get away is not to be left there.
  if ((key.ctrl && typed.toLowerCase() === "c") || (key.meta && input === "\u0003"))
    return [{ type: "key", name: "C-c" }];
  if (key.ctrl) return [{ type: "key", name: `${key.meta ? "M-" : ""}C-${typed.toLowerCase()}` }];
  if (key.meta) return [{ type: "key", name: input === "\r" ? "M-enter" : `M-${typed}` }];
  return splitControls(input);
}

function modified(name: string, { ctrl, meta, shift }: Key): string {
  if (name === "enter") return meta || shift ? "M-enter" : "enter";
  return `${ctrl ? "C-" : ""}${meta && name !== "escape" ? "M-" : ""}${shift ? "S-" : ""}${name}`;
}

function splitControls(input: string): readonly Stroke[] {
  const strokes: Stroke[] = [];
  for (const [piece] of input.matchAll(/[^\u0000-\u001f\u007f]+|[\u0000-\u001f\u007f]/g)) {
    const named = CONTROLS[piece];
    if (named !== undefined) strokes.push({ type: "key", name: named });
    else if (piece < " ") {
      strokes.push({ type: "key", name: `C-${String.fromCharCode(piece.charCodeAt(0) + 0x40).toLowerCase()}` });
    } else strokes.push({ type: "text", text: piece });
  }
  return strokes;
}
