import type { IToken, ParserMethod } from "chevrotain";
import type { Kit } from "./kit.ts";

/** How one kind of statement is recognised and read. */
export interface StatementRule<Node> {
  /** The words that a statement begins with to be ours, in upper case; the longest head of all rules wins. */
  readonly heads: readonly string[];
  /** Looks further where the head alone does not tell our form from the engine's. */
  readonly claims?: (tokens: readonly IToken[]) => boolean;
  /** Whether a backslash escapes in '…' here whatever the dialect. */
  readonly backslashEscapes?: true;
  /** A next step for a statement of which only the first `read` tokens make sense, where this kind knows better. */
  readonly hint?: (tokens: readonly IToken[], read: number) => string | undefined;
  readonly define: (p: Kit) => ParserMethod<[], Node>;
}
