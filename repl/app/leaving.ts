// What is asked before the shell is left, and how a guard's question looks here.
import type { Interpreter } from "../../src/index.ts";
import type { GuardQuestion } from "../guard/guard.ts";
import type { Screen } from "../screen.ts";
import type { Choice, Question } from "./question.ts";
import type { Run } from "./run.ts";

export interface LeavingParts {
  readonly screen: Screen;
  readonly ask: (question: Question) => Promise<string>;
}

const STAY: Choice = { key: "s", label: "stay", value: "stay" };

/** Whether the shell may be left; commits or stops what the user says. */
export async function mayLeave(shell: Interpreter, running: readonly Run[], parts: LeavingParts): Promise<boolean> {
  const { session } = shell;
  if (session.transaction !== "idle") {
    const answer = await parts.ask(transactionQuestion(session.transaction));
    if (answer === "stay") return false;
    for await (const event of session.execute(answer)) {
      if (event.type !== "failed") continue;
      await parts.screen.note(`error: ${event.error.message}`);
      return false;
    }
  }
  if (running.length === 0) return true;
  const answer = await parts.ask(jobsQuestion(running));
  if (answer === "stay") return false;
  if (answer === "stop") for (const run of running) run.cancellation.take("SIGINT");
  await Promise.allSettled(running.map((run) => run.ended));
  return true;
}

/** The question of a guard. */
export function questionOf({ question, detail, answer }: GuardQuestion): Question {
  const yes: Choice = { key: "y", label: "yes", value: "yes" };
  const no: Choice = { key: "n", label: "no", value: "no" };
  return {
    text: question,
    detail,
    refusal: "no",
    answer: answer.kind === "yes" ? { kind: "choice", choices: [yes, no] } : { ...answer, typed: "" },
  };
}

function transactionQuestion(transaction: "open" | "failed"): Question {
  const commit: Choice = { key: "c", label: "commit and leave", value: "COMMIT" };
  const rollback: Choice = { key: "r", label: "roll back and leave", value: "ROLLBACK" };
  return {
    text: transaction === "open" ? "a transaction is open" : "a transaction is open, and failed",
    detail: [],
    refusal: "stay",
    answer: { kind: "choice", choices: transaction === "open" ? [commit, rollback, STAY] : [rollback, STAY] },
  };
}

function jobsQuestion(running: readonly Run[]): Question {
  const choices: Choice[] = [
    { key: "w", label: "wait for it and leave", value: "wait" },
    { key: "c", label: "cancel it and leave", value: "stop" },
    STAY,
  ];
  return {
    text: running.length === 1 ? "a job is running" : `${running.length} jobs are running`,
    detail: running.map((run) => run.statement),
    refusal: "stay",
    answer: { kind: "choice", choices },
  };
}
