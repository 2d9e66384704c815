// The rules that all statements share. A rule that takes a position hands it on to the strings it reads.
import type { IToken } from "chevrotain";
import { createExpression, createString, createVariable, spanOfToken } from "./create-nodes.ts";
import { syntaxError, syntaxWarning, type Diagnostic } from "./diagnostic.ts";
import { Dsl } from "./dsl.ts";
import { valueOfToken } from "./lexer.ts";
import type {
  ExpressionNode,
  NameNode,
  Position,
  SecretNode,
  Span,
  TablePatternNode,
  TextNode,
  VariableNode,
} from "./nodes.ts";
import { k, t } from "./tokens.ts";

const TRUTHS = new Map([
  ...["true", "on", "yes", "t", "1"].map((word) => [word, true] as const),
  ...["false", "off", "no", "f", "0"].map((word) => [word, false] as const),
]);

// CockroachDB says "option" after some names and not after others.
const SAYS_OPTION = new Set(["revision_history", "detached", "incremental_location", "execution locality"]);

function repeatedMessage(name: string): string {
  return `${name}${SAYS_OPTION.has(name) ? " option" : ""} specified multiple times`;
}

/** While Chevrotain records the grammar a rule's answer is a dummy. */
function asList<T>(answer: readonly T[]): readonly T[] {
  return Array.isArray(answer) ? answer : [];
}

export class Kit extends Dsl {
  /** What rules have to say about text that is well-formed: forms of older releases, options given twice. */
  readonly notices: Diagnostic[] = [];
  /** The text that the tokens are of, for what is kept as it was written. */
  source = "";

  /** From the token that `first` was before it was read, to the last token read. */
  spanFrom(first: IToken): Span {
    return { start: first.startOffset, end: spanOfToken(this.LA(0)).end };
  }

  /** A word in lower case. */
  wordOf(token: IToken): string {
    return this.ACTION(() => token.image.toLowerCase());
  }

  notice(diagnostic: Diagnostic): void {
    this.ACTION(() => void this.notices.push(diagnostic));
  }

  /** Warns of a form that a CockroachDB release dropped. */
  warnDropped(span: Span, what: string, dropped: { readonly release: string; readonly instead: string }): void {
    this.notice(syntaxWarning(span, `${what} was dropped in CockroachDB ${dropped.release}`, dropped.instead));
  }

  /** Complains about the second of two options with one name, in CockroachDB's words. */
  refuseRepeats(options: readonly { readonly name: string; readonly span: Span }[]): void {
    this.ACTION(() => {
      const seen = new Set<string>();
      for (const { name, span } of options) {
        if (seen.has(name)) this.notices.push(syntaxError(span, repeatedMessage(name), "give it once"));
        seen.add(name);
      }
    });
  }

  readonly variable = this.RULE("variable", (): VariableNode =>
    this.OR([
      { ALT: () => createVariable("plain", this.CONSUME(t.PlainVariable)) },
      { ALT: () => createVariable("literal", this.CONSUME(t.LiteralVariable)) },
      { ALT: () => createVariable("identifier", this.CONSUME(t.IdentifierVariable)) },
    ]),
  );

  readonly secret = this.RULE("secret", (position: Position = "text"): SecretNode => {
    const first = this.CONSUME(k.SECRET);
    this.CONSUME(t.OpenParenthesis);
    const reference = this.CONSUME(t.String);
    this.CONSUME(t.CloseParenthesis);
    return this.ACTION(() => {
      const [, source, name] = /^(env|file):(.+)$/s.exec(valueOfToken(reference)) ?? [];
      if (source === undefined || name === undefined) {
        this.notices.push(
          syntaxError(spanOfToken(reference), "secret() takes 'env:NAME' or 'file:PATH'", "write secret('env:NAME')"),
        );
      }
      const span = this.spanFrom(first);
      return { kind: "secret", source: source === "file" ? "file" : "env", name: name ?? "", position, span };
    });
  });

  /** A string in any spelling, a bare word, a secret reference or a variable. */
  readonly text = this.RULE("text", (position: Position = "text"): TextNode =>
    this.OR<[{ ALT: () => TextNode }, { ALT: () => TextNode }, { ALT: () => TextNode }]>([
      { ALT: () => this.SUBRULE(this.secret, { ARGS: [position] }) },
      { ALT: () => this.SUBRULE(this.variable) },
      {
        ALT: () => {
          const token = this.OR1([
            { ALT: () => this.CONSUME(t.Literal) },
            { ALT: () => this.CONSUME(t.QuotedIdentifier) },
            { ALT: () => this.CONSUME(t.Bare) },
          ]);
          return createString(token, position);
        },
      },
    ]),
  );

  /** A string that cannot be mistaken for a keyword: no bare words, no double quotes. */
  readonly quotedText = this.RULE("quotedText", (): TextNode =>
    this.OR<[{ ALT: () => TextNode }, { ALT: () => TextNode }]>([
      { ALT: () => this.SUBRULE(this.variable) },
      { ALT: () => createString(this.CONSUME(t.Literal), "text") },
    ]),
  );

  readonly number = this.RULE("number", (): TextNode => createString(this.CONSUME(t.Number), "text"));

  /** One text, or several in parentheses. */
  readonly uris = this.RULE("uris", (position: Position = "location"): readonly TextNode[] => {
    const uris: TextNode[] = [];
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.OpenParenthesis);
          this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => void uris.push(this.SUBRULE1(this.text, { ARGS: [position] })),
          });
          this.CONSUME(t.CloseParenthesis);
        },
      },
      { ALT: () => void uris.push(this.SUBRULE2(this.text, { ARGS: [position] })) },
    ]);
    return uris;
  });

  readonly name = this.RULE("name", (): NameNode =>
    this.OR<[{ ALT: () => NameNode }, { ALT: () => NameNode }]>([
      { ALT: () => this.SUBRULE(this.variable) },
      {
        ALT: () => {
          const token = this.OR1([
            { ALT: () => this.CONSUME(t.Word) },
            { ALT: () => this.CONSUME(t.QuotedIdentifier) },
          ]);
          return { kind: "identifier", text: valueOfToken(token), span: spanOfToken(token) };
        },
      },
    ]),
  );

  readonly tablePattern = this.RULE("tablePattern", (): TablePatternNode => {
    const first = this.LA(1);
    const path: NameNode[] = [];
    let wildcard = false;
    const step = (occurrence: number) =>
      this.or(occurrence, [
        { ALT: () => void path.push(this.subrule(occurrence, this.name)) },
        {
          ALT: () => {
            this.consume(occurrence, t.Star);
            wildcard = true;
          },
        },
      ]);
    step(1);
    this.OPTION(() => {
      this.CONSUME1(t.Dot);
      step(2);
      this.OPTION1(() => {
        this.CONSUME2(t.Dot);
        step(3);
      });
    });
    return { kind: "table-pattern", path, wildcard, span: this.spanFrom(first) };
  });

  /** Parenthesised SQL, tokens only. */
  readonly group = this.RULE("group", (): readonly IToken[] => {
    const tokens = [this.CONSUME(t.OpenParenthesis)];
    this.MANY(() => {
      this.OR([
        { ALT: () => void tokens.push(this.CONSUME(t.Inner)) },
        { ALT: () => void tokens.push(...asList(this.SUBRULE(this.group))) },
      ]);
    });
    tokens.push(this.CONSUME(t.CloseParenthesis));
    return tokens;
  });

  /** An SQL expression: up to a comma, a closing parenthesis or one of the words that end one. */
  readonly expression = this.RULE("expression", (): ExpressionNode => {
    const tokens: IToken[] = [];
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => void tokens.push(this.CONSUME(t.Operand)) },
        { ALT: () => void tokens.push(...asList(this.SUBRULE(this.group))) },
      ]);
    });
    return this.ACTION(() => createExpression(tokens));
  });

  /** A query that yields ids; one that begins with WITH must be in parentheses. */
  readonly query = this.RULE("query", (): ExpressionNode => {
    const tokens: IToken[] = [];
    this.OR1([
      { ALT: () => void tokens.push(this.CONSUME1(k.SELECT)) },
      { ALT: () => void tokens.push(this.CONSUME1(k.VALUES)) },
      { ALT: () => void tokens.push(...asList(this.SUBRULE1(this.group))) },
    ]);
    this.MANY(() => {
      this.OR2([
        { ALT: () => void tokens.push(this.CONSUME2(t.Operand)) },
        { ALT: () => void tokens.push(this.CONSUME2(t.Comma)) },
        { ALT: () => void tokens.push(...asList(this.SUBRULE2(this.group))) },
      ]);
    });
    return this.ACTION(() => createExpression(tokens));
  });

  /** A number, or a variable that will be one. */
  readonly id = this.RULE("id", (): ExpressionNode => {
    const token = this.OR([{ ALT: () => this.CONSUME(t.Number) }, { ALT: () => this.CONSUME(t.PlainVariable) }]);
    return this.ACTION(() => createExpression([token]));
  });

  readonly ifNotExists = this.RULE("ifNotExists", (): true => {
    this.CONSUME(k.IF);
    this.CONSUME(k.NOT);
    this.CONSUME(k.EXISTS);
    return true;
  });

  readonly asOf = this.RULE("asOf", (): ExpressionNode => {
    this.CONSUME(k.AS);
    this.CONSUME(k.OF);
    this.CONSUME(k.SYSTEM);
    this.CONSUME(k.TIME);
    return this.SUBRULE(this.expression);
  });

  /** `= true`, `= 'off'`, `= :flag`. */
  readonly truth = this.RULE("truth", (): boolean | VariableNode =>
    this.OR<[{ ALT: () => boolean | VariableNode }, { ALT: () => boolean | VariableNode }]>([
      { ALT: () => this.SUBRULE(this.variable) },
      {
        ALT: () => {
          const token = this.OR1([
            { ALT: () => this.CONSUME(t.Literal) },
            { ALT: () => this.CONSUME(k.ON) },
            { ALT: () => this.CONSUME(t.Word) },
            { ALT: () => this.CONSUME(t.Number) },
          ]);
          return this.ACTION(() => this.readTruth(token));
        },
      },
    ]),
  );

  readonly equalsUris = this.RULE("equalsUris", (position: Position = "location"): readonly TextNode[] => {
    this.CONSUME(t.Equals);
    return this.SUBRULE(this.uris, { ARGS: [position] });
  });

  readonly equalsText = this.RULE("equalsText", (position: Position = "text"): TextNode => {
    this.CONSUME(t.Equals);
    return this.SUBRULE(this.text, { ARGS: [position] });
  });

  private readTruth(token: IToken): boolean {
    const value = valueOfToken(token).toLowerCase();
    const known = TRUTHS.get(value);
    if (known === undefined) this.notices.push(syntaxError(spanOfToken(token), "expected true or false"));
    return known ?? false;
  }
}
