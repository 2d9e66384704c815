// Rows that stand below a COPY … FROM STDIN in a script.

/** Data ends before a line that is `\.` alone, or with the source. */
export function dataEnd(source: string, start: number): { readonly end: number; readonly next: number } {
  for (let at = source.indexOf("\\.", start); at !== -1; at = source.indexOf("\\.", at + 2)) {
    if (at !== start && source[at - 1] !== "\n") continue;
    const after = source.startsWith("\r\n", at + 2) ? at + 3 : at + 2;
    if (after >= source.length) return { end: at, next: source.length };
    if (source[after] === "\n") return { end: at, next: after + 1 };
  }
  return { end: source.length, next: source.length };
}
