// Sequences for the terminal beside its text: window title, bell, notification.

/** Control characters would end the sequence, or begin another one. */
function harmless(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, 200);
}

/** xterm's window manipulation 22 and 23: the title that was there comes back at the end. */
export const KEEP_TITLE = "\u001b[22;2t";
export const RESTORE_TITLE = "\u001b[23;2t";

/** xterm's OSC 2. */
export function titleSequence(title: string): string {
  return `\u001b]2;${harmless(title)}\u0007`;
}

/** A bell, and iTerm2's OSC 9, which many terminals show as a notification. */
export function notification(text: string): string {
  return `\u0007\u001b]9;${harmless(text)}\u0007`;
}
