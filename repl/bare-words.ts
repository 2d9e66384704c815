const COMMANDS: Readonly<Record<string, string>> = { quit: "\\q", exit: "\\q", help: "\\?" };

/** The command that a bare word stands for, as in psql; undefined for everything else. A semicolon is no matter. */
export function commandOfWord(text: string): string | undefined {
  return COMMANDS[text.trim().replace(/\s*;$/, "").toLowerCase()];
}
