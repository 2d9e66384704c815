import type { Session } from "../../src/index.ts";

/** How the shell should treat a connection; from the configuration file. */
export interface Profile {
  readonly name: string;
  /** One of the sixteen colours of a terminal. */
  readonly colour?: string;
  /** Shown as `‹PROD›`, and questions are asked more strictly. */
  readonly production: boolean;
  readonly readOnly: boolean;
  /** Whether questions are asked at all. */
  readonly asks: boolean;
}

/** A question to answer before a statement runs. */
export interface GuardQuestion {
  /** One line without its question mark's answer: `DELETE FROM orders has no WHERE: delete about 4,100,000 rows?` */
  readonly question: string;
  /** Facts below it, one a line. */
  readonly detail: readonly string[];
  /** `yes` takes y or n; `word` only the word itself, typed in full. */
  readonly answer: { readonly kind: "yes" } | { readonly kind: "word"; readonly word: string };
}

/** What to ask before this text runs; undefined when it may run at once. Never throws. */
export type ConfirmationFor = (
  text: string,
  profile: Profile | undefined,
  session: Session,
) => Promise<GuardQuestion | undefined>;
