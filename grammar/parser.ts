import type { IToken, ParserMethod, Rule } from "chevrotain";
import type { Diagnostic } from "./diagnostic.ts";
import { Kit } from "./kit.ts";
import type { StatementRule } from "./rule.ts";
import type { OurStatement } from "./statements.ts";

export type AnyRule = StatementRule<OurStatement>;

/** A statement and the notices on it, or where the text stopped making sense. */
export type Outcome =
  | { readonly ok: true; readonly statement: OurStatement; readonly notices: readonly Diagnostic[] }
  | { readonly ok: false; readonly refused: IToken };

/** Rules that are analysed together. Each statement's rule is an entry of its own. */
export class StatementParser extends Kit {
  readonly #entries = new Map<AnyRule, ParserMethod<[], OurStatement>>();

  /** @param validate whether to look for ambiguities and left recursion. */
  constructor(rules: readonly AnyRule[], validate = false) {
    super(validate);
    for (const rule of rules) this.#entries.set(rule, rule.define(this));
    this.performSelfAnalysis();
  }

  run(rule: AnyRule, tokens: readonly IToken[], source: string): Outcome {
    const entry = this.#entries.get(rule);
    if (entry === undefined) return { ok: false, refused: this.LA(1) };
    this.notices.length = 0;
    this.source = source;
    this.input = [...tokens];
    const statement = entry.call(this);
    const [error] = this.errors;
    return error === undefined
      ? { ok: true, statement, notices: [...this.notices] }
      : { ok: false, refused: error.token };
  }

  /** The recorded grammar of a rule, for completion and for telling what was expected. */
  grammarOf(rule: AnyRule): Rule | undefined {
    // Chevrotain notes the name on what RULE gives back, but its types do not say so.
    const entry = this.#entries.get(rule) as { readonly ruleName: string } | undefined;
    const name = entry?.ruleName;
    return name === undefined ? undefined : this.getGAstProductions()[name];
  }
}

const parsers = new Map<AnyRule, StatementParser>();

/**
 * The parser of one rule, built when first asked for: the analysis of all rules at once would be felt as a key that
 * hangs, by whoever types the first statement of ours.
 */
export function parserOf(rule: AnyRule): StatementParser {
  const parser = parsers.get(rule) ?? new StatementParser([rule]);
  parsers.set(rule, parser);
  return parser;
}
