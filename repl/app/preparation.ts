// What is asked before something runs or the shell is left.
import { asShellError, type Interpreter } from "../../src/index.ts";
import type { GuardQuestion } from "../guard/guard.ts";
import type { Screen } from "../screen.ts";
import type { Conversation } from "./conversation.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Choice, Question } from "./question.ts";
import type { Run } from "./run.ts";

export interface PreparationParts {
  readonly neighbours: Neighbours;
  readonly screen: Screen;
  readonly conversation: () => Conversation;
}

const STAY: Choice = { key: "s", label: "stay", value: "stay" };

export class Preparation {
  readonly #parts: PreparationParts;

  constructor(parts: PreparationParts) {
    this.#parts = parts;
  }

  /** The text to run, secrets put in; undefined when the user would rather not. */
  async prepare(text: string, shell: Interpreter): Promise<string | undefined> {
    const { neighbours, screen, conversation } = this.#parts;
    const question = await neighbours.confirmationFor(text, neighbours.profile, shell.session);
    if (question !== undefined && (await conversation().ask(questionOf(question))) !== "yes") {
      await screen.note("note: nothing was run");
      return undefined;
    }
    return this.#withSecrets(text, shell);
  }

  /** Asks for the secrets that a recalled statement only names. */
  async #withSecrets(text: string, shell: Interpreter): Promise<string | undefined> {
    const { neighbours, screen } = this.#parts;
    let filled = "";
    let from = 0;
    try {
      for (const { name, start, end } of neighbours.findSecretReferences(text)) {
        const secret = await shell.host.promptSecret(`${name}: `);
        filled += `${text.slice(from, start)}'${secret.reveal().replaceAll("'", "''")}'`;
        from = end;
      }
      return filled + text.slice(from);
    } catch (thrown) {
      await screen.note(`error: ${asShellError(thrown).message}`);
      return undefined;
    }
  }

  /** Whether the shell may be left; commits or stops what the user says. */
  async mayLeave(shell: Interpreter, running: readonly Run[]): Promise<boolean> {
    const { session } = shell;
    if (session.transaction !== "idle") {
      const answer = await this.#parts.conversation().ask(transactionQuestion(session.transaction));
      if (answer === "stay") return false;
      for await (const event of session.execute(answer)) {
        if (event.type !== "failed") continue;
        await this.#parts.screen.note(`error: ${event.error.message}`);
        return false;
      }
    }
    if (running.length === 0) return true;
    const answer = await this.#parts.conversation().ask(jobsQuestion(running));
    if (answer === "stay") return false;
    if (answer === "stop") for (const run of running) run.cancellation.take("SIGINT");
    await Promise.allSettled(running.map((run) => run.ended));
    return true;
  }
}

function questionOf({ question, detail, answer }: GuardQuestion): Question {
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
