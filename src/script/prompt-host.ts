/** A statement that goes on while the prompt is used for others. */
export interface PromptJob {
  /** As `\fg` takes it. */
  readonly number: number;
  readonly description: string;
  readonly status: "running" | "done" | "failed";
  readonly elapsedMs: number;
  /** 0 to 1; undefined while unknown. */
  readonly fraction: number | undefined;
}

/** What only a prompt on a terminal can do for a command. */
export interface PromptHost {
  /** Opens the user's editor on a text; what comes back is the next input. Throws `shell/command`. */
  readonly editText: (text: string) => Promise<void>;
  readonly jobs: () => readonly PromptJob[];
  /** Waits for a job when this input is done; the newest without a number. Throws `shell/command` for no such job. */
  readonly bringToFront: (number: number | undefined) => void;
}
