import type { NameNode, Span, TextNode } from "../../grammar/index.ts";
import { given, wholeNumber, type Given } from "./option-values.ts";
import type { Reading } from "./reading.ts";

/** Something worth saying that stops nothing. */
export interface PlanWarning {
  readonly message: string;
  readonly hint?: string;
}

interface Clause {
  readonly name: string;
  readonly span: Span;
}

/** The clauses of one statement by name; each is there at most once. */
export class Clauses<C extends Clause> {
  readonly #clauses: readonly C[];
  readonly reading: Reading;

  constructor(clauses: readonly C[], reading: Reading) {
    this.#clauses = clauses;
    this.reading = reading;
  }

  get<Name extends C["name"]>(name: Name): (C & { readonly name: Name }) | undefined {
    return this.#clauses.find((clause): clause is C & { readonly name: Name } => clause.name === name);
  }

  has(name: C["name"]): boolean {
    return this.get(name) !== undefined;
  }

  /** What `read` makes of a clause's string; `undefined` without the clause or without its string. */
  value<T>(name: C["name"], read: (given: Given) => T): T | undefined {
    const clause: Clause | undefined = this.get(name);
    return clause !== undefined && hasText(clause) ? read(given(clause, this.reading)) : undefined;
  }

  number(name: C["name"], range: { readonly min: number; readonly max?: number }): number | undefined {
    const clause: Clause | undefined = this.get(name);
    if (clause === undefined || !hasNumber(clause)) return undefined;
    const text = this.reading.text(clause.number);
    return wholeNumber({ name, text, span: clause.number.span }, { max: Number.MAX_SAFE_INTEGER, ...range });
  }

  names(nodes: readonly NameNode[]): readonly string[] {
    return nodes.map((node) => (node.kind === "identifier" ? node.text : this.reading.text(node)));
  }
}

function hasText(clause: Clause): clause is Clause & { readonly text: TextNode } {
  return "text" in clause && clause.text !== undefined;
}

function hasNumber(clause: Clause): clause is Clause & { readonly number: TextNode } {
  return "number" in clause;
}
