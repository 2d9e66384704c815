import type { IToken, ParserMethod } from "chevrotain";
import { authorization, type AuthorizationOption } from "../authorization.ts";
import {
  clauseKit,
  flagRule,
  sizeRule,
  switchRule,
  textRule,
  type Alternatives,
  type SizeOption,
  type SwitchOption,
} from "../clauses.ts";
import { spanOfToken } from "../create-nodes.ts";
import type { Kit } from "../kit.ts";
import { valueOfToken } from "../lexer.ts";
import type { FlagOption, NameNode, Span, TextNode, TextOption } from "../nodes.ts";
import type { Printer } from "../print.ts";
import { printClause, printColumns, printText } from "../print-clauses.ts";
import type { QueryNode, UnloadQuery } from "../query.ts";
import { quoteDollar, spanOfLiteral } from "../redshift-literal.ts";
import type { StatementRule } from "../rule.ts";
import { k, t } from "../tokens.ts";
import { lateClauseHint, transferKeys, type TransferKeyOption } from "../transfer-keys.ts";

export interface UnloadStatement {
  readonly kind: "unload";
  readonly query: UnloadQuery;
  /** The beginning of every file's name. */
  readonly target: TextNode;
  /** In the order they were written; each at most once. */
  readonly options: readonly UnloadOption[];
  /** Our own: who holds the keys. */
  readonly keys: readonly TransferKeyOption[];
  readonly span: Span;
}

const FLAGS = ["ADDQUOTES", "ALLOWOVERWRITE", "BZIP2", "CLEANPATH", "ESCAPE", "GZIP", "HEADER", "ZSTD"] as const;
const FORMATS = ["CSV", "JSON", "PARQUET"] as const;

export type UnloadOption =
  | AuthorizationOption
  | FlagOption<(typeof FLAGS)[number] | (typeof FORMATS)[number]>
  | TextOption<"DELIMITER" | "EXTENSION" | "FIXEDWIDTH" | "KMS_KEY_ID" | "MASTER_SYMMETRIC_KEY" | "NULL AS" | "REGION">
  | SizeOption<"MAXFILESIZE" | "ROWGROUPSIZE">
  | SwitchOption<"PARALLEL">
  | EncryptedOption
  | ManifestOption
  | PartitionOption;

export interface EncryptedOption {
  readonly name: "ENCRYPTED";
  /** With the key that the bucket has by default. */
  readonly auto: boolean;
  readonly span: Span;
}

export interface ManifestOption {
  readonly name: "MANIFEST";
  readonly verbose: boolean;
  readonly span: Span;
}

export interface PartitionOption {
  readonly name: "PARTITION BY";
  readonly columns: readonly NameNode[];
  /** Whether the files hold the columns too. */
  readonly include: boolean;
  readonly span: Span;
}

function defineQuery(p: Kit): ParserMethod<[], UnloadQuery> {
  const bare = p.RULE("bareQuery", (): UnloadQuery => {
    const first = p.LA(1);
    p.OR([{ ALT: () => p.CONSUME(k.SELECT) }, { ALT: () => p.CONSUME(k.WITH) }, { ALT: () => p.SUBRULE1(p.group) }]);
    p.MANY(() => p.OR1([{ ALT: () => p.CONSUME(t.Inner) }, { ALT: () => p.SUBRULE2(p.group) }]));
    return p.ACTION(() => {
      const span = p.spanFrom(first);
      return {
        kind: "query",
        form: "bare",
        text: p.source.slice(span.start, span.end),
        span: { ...span, escapes: [] },
      };
    });
  });
  return p.RULE("unloadQuery", (): UnloadQuery => {
    p.CONSUME(t.OpenParenthesis);
    const query = p.OR<[{ ALT: () => UnloadQuery }, { ALT: () => UnloadQuery }, { ALT: () => UnloadQuery }]>([
      { ALT: () => p.SUBRULE(p.variable) },
      { ALT: () => literalQuery(p.CONSUME(t.Literal)) },
      { ALT: () => p.SUBRULE(bare) },
    ]);
    p.CONSUME(t.CloseParenthesis);
    return query;
  });
}

function literalQuery(token: IToken): QueryNode {
  return { kind: "query", form: "literal", text: valueOfToken(token), span: spanOfLiteral(token) };
}

/** Clauses with a form of their own. */
function defineComposite(p: Kit): ParserMethod<[], UnloadOption> {
  const { string, columns } = clauseKit(p);
  const nullAs = (): UnloadOption => {
    const keyword = p.CONSUME(k.NULL);
    p.OPTION1(() => p.CONSUME1(k.AS));
    return { name: "NULL AS", text: p.SUBRULE1(string), span: spanOfToken(keyword) };
  };
  const encrypted = (): UnloadOption => {
    const keyword = p.CONSUME(k.ENCRYPTED);
    const auto = p.OPTION2(() => p.CONSUME(k.AUTO)) !== undefined;
    return { name: "ENCRYPTED", auto, span: p.spanFrom(keyword) };
  };
  const manifest = (): UnloadOption => {
    const keyword = p.CONSUME(k.MANIFEST);
    const verbose = p.OPTION3(() => p.CONSUME(k.VERBOSE)) !== undefined;
    return { name: "MANIFEST", verbose, span: p.spanFrom(keyword) };
  };
  const partition = (): UnloadOption => {
    const keyword = p.CONSUME(k.PARTITION);
    p.CONSUME(k.BY);
    const span = p.spanFrom(keyword);
    const names = p.SUBRULE(columns);
    const include = p.OPTION4(() => p.CONSUME(k.INCLUDE)) !== undefined;
    return { name: "PARTITION BY", columns: names, include, span };
  };
  const alternatives: Alternatives<UnloadOption> = [
    { ALT: nullAs },
    { ALT: encrypted },
    { ALT: manifest },
    { ALT: partition },
  ];
  return p.RULE("unloadComposite", (): UnloadOption => p.OR(alternatives));
}

function defineOption(p: Kit): ParserMethod<[], UnloadOption> {
  const authorized = authorization(p);
  const flag = flagRule(p, "unloadFlag", FLAGS);
  const format = flagRule(p, "unloadFormat", FORMATS);
  const text = textRule(p, "unloadText", { positions: { EXTENSION: "text" }, as: false });
  const textAs = textRule(p, "unloadTextAs", {
    positions: { DELIMITER: "text", FIXEDWIDTH: "text", REGION: "text" },
    as: true,
  });
  const key = textRule(p, "unloadKey", {
    positions: { KMS_KEY_ID: "kms", MASTER_SYMMETRIC_KEY: "credentials" },
    as: false,
  });
  const size = sizeRule(p, "unloadSize", ["MAXFILESIZE", "ROWGROUPSIZE"]);
  const parallel = switchRule(p, "PARALLEL");
  const composite = defineComposite(p);
  const formatted = (): UnloadOption => {
    p.OPTION(() => {
      p.CONSUME(k.FORMAT);
      p.OPTION1(() => p.CONSUME(k.AS));
    });
    return p.SUBRULE(format);
  };
  const alternatives: Alternatives<UnloadOption> = [
    { ALT: () => p.SUBRULE(authorized) },
    { ALT: () => p.SUBRULE(flag) },
    { ALT: formatted },
    { ALT: () => p.SUBRULE(text) },
    { ALT: () => p.SUBRULE(textAs) },
    { ALT: () => p.SUBRULE(key) },
    { ALT: () => p.SUBRULE(size) },
    { ALT: () => p.SUBRULE(parallel) },
    { ALT: () => p.SUBRULE(composite) },
  ];
  return p.RULE("unloadOption", (): UnloadOption => p.OR(alternatives));
}

function defineUnload(p: Kit): ParserMethod<[], UnloadStatement> {
  const { string } = clauseKit(p);
  const query = defineQuery(p);
  const option = defineOption(p);
  const keys = transferKeys(p);
  return p.RULE("unload", (): UnloadStatement => {
    const options: UnloadOption[] = [];
    const first = p.CONSUME(k.UNLOAD);
    const what = p.SUBRULE(query);
    p.CONSUME(k.TO);
    const target = p.SUBRULE(string, { ARGS: ["location"] });
    p.MANY(() => void options.push(p.SUBRULE(option)));
    const held = p.OPTION(() => p.SUBRULE(keys)) ?? [];
    p.refuseRepeats(options);
    return { kind: "unload", query: what, target, options, keys: held, span: p.spanFrom(first) };
  });
}

/** The mistakes that the expected words do not explain. */
function unloadHint(tokens: readonly IToken[], read: number): string | undefined {
  const found = tokens[read];
  if (read === 1 && found !== undefined) return "write UNLOAD ('SELECT …') TO 'uri'";
  if (read === 3 && tokens[2]?.tokenType === t.String && found?.tokenType !== t.CloseParenthesis) {
    return "the query's string ends here: double the quotes inside it, or write the query between $$ and $$";
  }
  if (found?.tokenType === k.VERBOSE) return "VERBOSE stands directly after MANIFEST";
  return lateClauseHint(tokens, read);
}

export const unloadRule: StatementRule<UnloadStatement> = {
  heads: ["UNLOAD"],
  backslashEscapes: true,
  hint: unloadHint,
  define: defineUnload,
};

export function printUnload(s: UnloadStatement, p: Printer): string {
  const clauses = s.options.map((option) => printUnloadOption(option, p));
  return p.words("UNLOAD", printQuery(s.query, p), "TO", printText(s.target, p), ...clauses, p.options(s.keys));
}

function printQuery(query: UnloadQuery, p: Printer): string {
  if (query.kind === "variable") return `(${p.text(query)})`;
  return `(${query.form === "bare" ? query.text : quoteDollar(query.text)})`;
}

function printUnloadOption(option: UnloadOption, p: Printer): string {
  const { name } = option;
  if ("columns" in option)
    return p.words(name, printColumns(option.columns, p), option.include ? "INCLUDE" : undefined);
  if ("auto" in option) return p.words(name, option.auto ? "AUTO" : undefined);
  if ("verbose" in option) return p.words(name, option.verbose ? "VERBOSE" : undefined);
  return printClause(option, p);
}
