import type { Interface } from "node:readline";
import type { GuardQuestion } from "./guard.ts";
import { isConfirmed, printQuestion } from "./guards.ts";

/** Asks on a line editor. Whatever is no yes, and Ctrl-C, means no. */
export function askLine(editor: Interface, question: GuardQuestion, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve(false), { once: true });
    editor.question(printQuestion(question), signal === undefined ? {} : { signal }, (typed) =>
      resolve(isConfirmed(question, typed)),
    );
  });
}
