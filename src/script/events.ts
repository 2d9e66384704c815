import type { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import type { Display } from "./display.ts";
import type { Place } from "./source.ts";

/** Where results go: \o and \g send them to a file or a command. */
export type OutputTarget =
  | { readonly kind: "stdout" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "pipe"; readonly command: string };

/** What a result can be drawn as on a terminal. */
export type PictureName = "timeline" | "keys" | "plan";

/** All that a running script tells the outside. */
export type ScriptEvent =
  /** What the running statement says, and how its rows are to be drawn. */
  | {
      readonly type: "statement";
      readonly event: Event;
      readonly display: Display;
      readonly target: OutputTarget;
      readonly place: Place;
      /** Counted from 1 over the whole run. */
      readonly number: number;
      readonly footers?: readonly string[];
      readonly picture?: PictureName;
    }
  /** \qecho goes to `output`, which \o may have turned elsewhere. */
  | {
      readonly type: "text";
      readonly channel: "stdout" | "stderr" | "output";
      readonly text: string;
      readonly target: OutputTarget;
    }
  /** \o: results go there from now on. Whoever shows them may throw what makes that impossible. */
  | { readonly type: "output"; readonly target: OutputTarget }
  /** How long a statement took, when \timing is on, and until its result began. */
  | { readonly type: "timing"; readonly elapsedMs: number; readonly answeredMs?: number }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "note"; readonly message: string }
  /** What is shown between `begin` and `end` takes the place of what was between the pair before; `over` ends that. */
  | { readonly type: "redraw"; readonly state: "begin" | "end" | "over" }
  /** A statement or command failed; the error's span is in the source of `place`. */
  | { readonly type: "failed"; readonly error: ShellError; readonly place: Place };

/** What cannot be shown may be thrown into a running script, which then fails at that place. */
export type ScriptEvents = AsyncIterable<ScriptEvent>;
