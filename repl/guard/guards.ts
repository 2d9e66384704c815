import { ShellError, type Session, type StatementGuard } from "../../src/index.ts";
import { confirmationFor, unconfirmed } from "./confirmation.ts";
import type { GuardQuestion, Profile } from "./guard.ts";

/** Shows a question and waits for its answer: true when the person means it. */
export type Ask = (question: GuardQuestion, signal: AbortSignal | undefined) => Promise<boolean>;

/** For a prompt: asks before what destroys much. */
export function askingGuard(profile: Profile | undefined, ask: Ask): StatementGuard {
  return {
    check: () => undefined,
    confirm: async (text: string, session: Session, signal) => {
      const question = await confirmationFor(text, profile, session);
      if (question === undefined || (await ask(question, signal))) return undefined;
      return new ShellError("statement/unconfirmed", "not confirmed", { note: "it was not run" });
    },
  };
}

/** For scripts, which are never asked: a profile for production refuses what a person would be asked about. */
export function scriptGuard(profile: Profile | undefined): StatementGuard | undefined {
  if (profile?.production !== true) return undefined;
  const check = (text: string): ShellError | undefined => unconfirmed(text, profile);
  return { check, confirm: async (text) => Promise.resolve(check(text)) };
}

/** Whether an answer that was typed means yes. */
export function isConfirmed({ answer }: GuardQuestion, typed: string): boolean {
  const word = typed.trim();
  return answer.kind === "word" ? word === answer.word : /^y(es)?$/i.test(word);
}

/** A question as a plain prompt asks it: lines, and the text in front of what is typed. */
export function printQuestion({ question, detail, answer }: GuardQuestion): string {
  const how = answer.kind === "word" ? `type ${answer.word} to go on: ` : "[y/N] ";
  return [question, ...detail.map((line) => `  ${line}`), how].join("\n");
}
