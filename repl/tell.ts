import { ShellError, type ScriptEvent, type ScriptEvents } from "../src/index.ts";

/** Shows all that a script tells. What makes showing impossible fails the script where it stands. */
export async function tell(events: ScriptEvents, show: (event: ScriptEvent) => Promise<void>): Promise<void> {
  const script = events[Symbol.asyncIterator]();
  let step = await script.next();
  while (step.done !== true) {
    let problem: unknown;
    try {
      await show(step.value);
    } catch (thrown) {
      problem = thrown;
    }
    if (problem === undefined) step = await script.next();
    else if (problem instanceof ShellError && script.throw !== undefined) step = await script.throw(problem);
    else {
      await script.return?.();
      throw problem;
    }
  }
}
