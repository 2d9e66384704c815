import { asShellError, ShellError } from "./errors.ts";
import type { Events } from "./events.ts";

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

/** The narration of a statement whose answer is another one. */
export async function* withoutResult(events: Events): Events {
  for await (const event of events) {
    if (event.type !== "columns" && event.type !== "rows" && event.type !== "finished") yield event;
  }
}
