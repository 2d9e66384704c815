import { asShellError, ShellError } from "./errors.ts";
import type { Event, Events } from "./events.ts";
import type { JobRecord } from "./jobs/registry.ts";

/** Whatever a statement threw when it was asked to stop, it was stopped; what it had to say of its state is kept. */
export function interrupted(thrown: unknown): ShellError {
  const error = asShellError(thrown);
  if (error.code === "job/interrupted") return error;
  return new ShellError("job/interrupted", "interrupted", {
    detail: error.detail,
    cause: error,
    ...(error.note === undefined ? {} : { note: error.note }),
  });
}

/** Before a detached job of an engine that has one session. */
export const JOB_WAITED_FOR: Event = {
  type: "notice",
  severity: "NOTICE",
  message: "the embedded engine has one session: the job runs to its end before it answers",
};

/** The narration of a statement whose answer is another one. */
export async function* withoutResult(events: Events): Events {
  for await (const event of events) {
    if (event.type !== "columns" && event.type !== "rows" && event.type !== "finished") yield event;
  }
}

/** Whether the connection is gone, or of no use any more, whatever else went wrong. */
export function isLost(error: ShellError): boolean {
  for (let at: unknown = error; at instanceof ShellError; at = at.cause) if (at.code === "engine/lost") return true;
  return false;
}

/** A job that ended in the background, told before the next statement. */
export function endedJob({ id, type, status, error }: JobRecord): Event {
  const failed = error === undefined ? "" : `: ${error.message}`;
  const severity = error === undefined ? "INFO" : "WARNING";
  return { type: "notice", severity, message: `job ${id} (${type}) ${status}${failed}` };
}

/** The same when it was waited for: its failure counts. */
export function* settledJob({ id, type, status, error }: JobRecord): Generator<Event> {
  yield { type: "notice", severity: "INFO", message: `job ${id} (${type}) ${status}` };
  if (error !== undefined) yield { type: "failed", error };
}
