// Clauses of Redshift's statements: words in any order after the target or the source. A clause's name is the word
// that Redshift's documentation calls it by.
import type { ParserMethod } from "chevrotain";
import { defined } from "./defined.ts";
import { syntaxError } from "./diagnostic.ts";
import { spanOfToken } from "./create-nodes.ts";
import type { Kit } from "./kit.ts";
import { valueOfToken } from "./lexer.ts";
import type { FlagOption, NameNode, Position, Span, TablePatternNode, TextNode, TextOption } from "./nodes.ts";
import { k, t, type Keyword } from "./tokens.ts";

export interface OptionalTextOption<Name extends string> {
  readonly name: Name;
  readonly text?: TextNode;
  readonly span: Span;
}

export interface NumberOption<Name extends string> {
  readonly name: Name;
  readonly number: TextNode;
  readonly span: Span;
}

/** A size in megabytes unless it says GB. */
export interface SizeOption<Name extends string> {
  readonly name: Name;
  readonly size: TextNode;
  readonly unit?: "MB" | "GB";
  readonly span: Span;
}

/** ON where the word stands alone. */
export interface SwitchOption<Name extends string> {
  readonly name: Name;
  readonly setting: "ON" | "OFF" | "PRESET";
  readonly span: Span;
}

export type Alternatives<T> = { ALT: () => T }[];

/** Rules are made once for each parser, however many statements use them. */
export function oncePerParser<R>(define: (p: Kit) => R): (p: Kit) => R {
  const made = new WeakMap<Kit, { readonly rules: R }>();
  return (p) => {
    const before = made.get(p);
    if (before !== undefined) return before.rules;
    const rules = define(p);
    made.set(p, { rules });
    return rules;
  };
}

/** The rules below the clauses. */
export interface ClauseKit {
  /** A quoted string, a secret reference or a variable: never a bare word, which would begin the next clause. */
  readonly string: ParserMethod<[position?: Position], TextNode>;
  readonly number: ParserMethod<[], TextNode>;
  /** `t`, `s.t` or `d.s.t`. */
  readonly qualifiedName: ParserMethod<[], TablePatternNode>;
  /** `(a, b)`. */
  readonly columns: ParserMethod<[], readonly NameNode[]>;
}

export const clauseKit = oncePerParser((p): ClauseKit => {
  const string = p.RULE("redshiftString", (position: Position = "text"): TextNode =>
    p.OR<[{ ALT: () => TextNode }, { ALT: () => TextNode }, { ALT: () => TextNode }]>([
      { ALT: () => p.SUBRULE(p.secret, { ARGS: [position] }) },
      { ALT: () => p.SUBRULE(p.variable) },
      {
        ALT: () => {
          const token = p.CONSUME(t.Literal);
          return { kind: "string", value: valueOfToken(token), position, span: spanOfToken(token) };
        },
      },
    ]),
  );
  const number = p.RULE("redshiftNumber", (): TextNode =>
    p.OR<[{ ALT: () => TextNode }, { ALT: () => TextNode }]>([
      { ALT: () => p.SUBRULE(p.number) },
      { ALT: () => p.SUBRULE(p.variable) },
    ]),
  );
  const qualifiedName = p.RULE("qualifiedName", (): TablePatternNode => {
    const path: NameNode[] = [];
    const first = p.LA(1);
    p.AT_LEAST_ONE_SEP({ SEP: t.Dot, DEF: () => void path.push(p.SUBRULE(p.name)) });
    const span = p.spanFrom(first);
    p.ACTION(() => {
      if (path.length > 3) p.notice(syntaxError(span, "a name has at most three parts", "write database.schema.name"));
    });
    return { kind: "table-pattern", path, wildcard: false, span };
  });
  const columns = p.RULE("columnList", (): readonly NameNode[] => {
    const names: NameNode[] = [];
    p.CONSUME(t.OpenParenthesis);
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void names.push(p.SUBRULE(p.name)) });
    p.CONSUME(t.CloseParenthesis);
    return names;
  });
  return { string, number, qualifiedName, columns };
});

/** One of several words, and which. */
export function oneOf<N extends Keyword>(p: Kit, names: readonly N[]): { readonly name: N; readonly span: Span } {
  const token = p.OR(names.map((name) => ({ ALT: () => p.CONSUME(k[name]) })));
  return { name: p.ACTION(() => token.tokenType.name as N), span: spanOfToken(token) };
}

/** Words that stand alone. */
export function flagRule<N extends Keyword>(
  p: Kit,
  rule: string,
  names: readonly N[],
): ParserMethod<[], FlagOption<N>> {
  return p.RULE(rule, (): FlagOption<N> => {
    return oneOf(p, names);
  });
}

interface TextRuleWords<N extends Keyword> {
  readonly positions: Readonly<Record<N, Position>>;
  /** Whether AS may stand before the string. */
  readonly as: boolean;
}

/** `WORD 'text'`. */
export function textRule<N extends Keyword>(
  p: Kit,
  rule: string,
  { positions, as }: TextRuleWords<N>,
): ParserMethod<[], TextOption<N>> {
  const { string } = clauseKit(p);
  const names = Object.keys(positions) as N[];
  return p.RULE(rule, (): TextOption<N> => {
    const { name, span } = oneOf(p, names);
    if (as) p.OPTION(() => p.CONSUME(k.AS));
    return { name, text: p.SUBRULE(string, { ARGS: [positions[name]] }), span };
  });
}

/** `WORD`, `WORD 'text'`, `WORD AS 'text'`. */
export function optionalTextRule<N extends Keyword>(
  p: Kit,
  rule: string,
  names: readonly N[],
): ParserMethod<[], OptionalTextOption<N>> {
  const { string } = clauseKit(p);
  return p.RULE(rule, (): OptionalTextOption<N> => {
    const { name, span } = oneOf(p, names);
    const text = p.OPTION(() => {
      p.OPTION1(() => p.CONSUME(k.AS));
      return p.SUBRULE(string);
    });
    return { name, span, ...defined({ text }) };
  });
}

/** `WORD 5`, `WORD AS 5`. */
export function numberRule<N extends Keyword>(
  p: Kit,
  rule: string,
  names: readonly N[],
): ParserMethod<[], NumberOption<N>> {
  const { number } = clauseKit(p);
  return p.RULE(rule, (): NumberOption<N> => {
    const { name, span } = oneOf(p, names);
    p.OPTION(() => p.CONSUME(k.AS));
    return { name, number: p.SUBRULE(number), span };
  });
}

/** `WORD 5`, `WORD AS 5 MB`, `WORD 5 GB`. */
export function sizeRule<N extends Keyword>(
  p: Kit,
  rule: string,
  names: readonly N[],
): ParserMethod<[], SizeOption<N>> {
  const { number } = clauseKit(p);
  return p.RULE(rule, (): SizeOption<N> => {
    const { name, span } = oneOf(p, names);
    p.OPTION(() => p.CONSUME(k.AS));
    const size = p.SUBRULE(number);
    const unit = p.OPTION1(() =>
      p.OR1<[{ ALT: () => "MB" }, { ALT: () => "GB" }]>([
        {
          ALT: () => {
            p.CONSUME(k.MB);
            return "MB";
          },
        },
        {
          ALT: () => {
            p.CONSUME(k.GB);
            return "GB";
          },
        },
      ]),
    );
    return { name, size, span, ...defined({ unit }) };
  });
}

const SETTINGS = new Map<string, SwitchOption<string>["setting"]>([
  ["OFF", "OFF"],
  ["FALSE", "OFF"],
  ["PRESET", "PRESET"],
]);

/** `WORD`, `WORD ON`, `WORD FALSE`. */
export function switchRule<N extends Keyword>(
  p: Kit,
  name: N,
  settings: readonly Keyword[] = ["ON", "TRUE", "OFF", "FALSE"],
): ParserMethod<[], SwitchOption<N>> {
  return p.RULE(`switch${name}`, (): SwitchOption<N> => {
    const keyword = p.CONSUME(k[name]);
    const setting = p.OPTION(() => oneOf(p, settings));
    return { name, setting: SETTINGS.get(setting?.name ?? "ON") ?? "ON", span: spanOfToken(keyword) };
  });
}
