// Where in a statement's text the storage, the master keys and the passphrase stand, so that a failure of one of them
// when the statement runs points at it as a complaint about the text does.
import type { Span } from "../../grammar/index.ts";
import type { Code, ShellError } from "../errors.ts";

export type GivenUse = "storage" | "kms" | "passphrase";

interface Given {
  readonly use: GivenUse;
  /** As errors name it; empty for what they do not. */
  readonly label: string;
  readonly span: Span;
}

/** What is to blame for an error of a family when its message names nothing that the statement gave; the first that was given. */
const BLAMED: Readonly<Record<string, readonly GivenUse[]>> = {
  storage: ["storage"],
  backup: ["storage"],
  integrity: ["storage"],
  key: ["kms", "passphrase", "storage"],
};

/** About files, although their family is about rows and tables. */
const OF_FILES: readonly Code[] = ["load/file"];

export class GivenPlaces {
  readonly #given: Given[] = [];

  add(given: Given): void {
    this.#given.push(given);
  }

  /** The error with the place of what it is about, where that can be told and it has none. */
  mark(error: ShellError): ShellError {
    if (error.span !== undefined) return error;
    const span = this.#named(error)?.span ?? this.#blamed(error);
    return span === undefined ? error : error.with({ span });
  }

  /** What the message names; of several the longest, since one location may lie in another. */
  #named({ code, message }: ShellError): Given | undefined {
    if (!(familyOf(code) in BLAMED) && familyOf(code) !== "location" && !OF_FILES.includes(code)) return undefined;
    return this.#given
      .filter(({ label }) => label !== "" && message.includes(label))
      .toSorted((a, b) => b.label.length - a.label.length)[0];
  }

  /** From the first to the last of one use, of those that the error tells about if it does: which it was is in its words. */
  #blamed({ code, detail }: ShellError): Span | undefined {
    const uses = OF_FILES.includes(code) ? BLAMED["storage"] : BLAMED[familyOf(code)];
    const use = uses?.find((one) => this.#given.some((given) => given.use === one));
    const all = this.#given.filter((given) => given.use === use);
    const told = all.filter(({ label }) => label !== "" && detail.some((line) => line.includes(label)));
    const spans = (told.length > 0 ? told : all).map(({ span }) => span);
    if (use === undefined || (use === "storage" && spans.length > 1)) return undefined;
    return { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
  }
}

function familyOf(code: Code): string {
  return code.slice(0, code.indexOf("/"));
}
