// TEMPLATE: COPY's formatting under a name. Only Redshift keeps them. Facts: Redshift's CREATE, ALTER, DROP and SHOW
// TEMPLATE.
import type { IToken, ParserMethod, TokenType } from "chevrotain";
import { clauseKit, oneOf } from "../clauses.ts";
import { copyFormatting, printFormatting, type CopyFormattingOption } from "../copy-options.ts";
import { type Kit } from "../kit.ts";
import type { NameNode, Span, TablePatternNode, TextNode } from "../nodes.ts";
import type { Printer } from "../print.ts";
import { printText } from "../print-clauses.ts";
import type { StatementRule } from "../rule.ts";
import { k, t, type Keyword } from "../tokens.ts";

export interface TemplateStatement {
  readonly kind: "template";
  readonly template: TablePatternNode;
  readonly action: TemplateAction;
  readonly span: Span;
}

export type TemplateAction =
  | { readonly type: "create"; readonly replace: boolean; readonly options: readonly CopyFormattingOption[] }
  | { readonly type: "rename" | "owner"; readonly to: NameNode }
  | { readonly type: "add"; readonly option: CopyFormattingOption }
  | { readonly type: "drop-parameter"; readonly parameter: TemplateParameter }
  | { readonly type: "set"; readonly settings: readonly TemplateSetting[] }
  | { readonly type: "drop" }
  | { readonly type: "show" };

/** The word that a clause begins with. */
export type TemplateParameter = (typeof PARAMETERS)[number];

export interface TemplateSetting {
  /** The name a clause of COPY has, so that repeats are told by it. */
  readonly name: TemplateParameter;
  readonly value: TemplateValue;
  readonly span: Span;
}

export type TemplateValue =
  | { readonly type: "text" | "number"; readonly text: TextNode }
  | { readonly type: "word"; readonly word: (typeof VALUE_WORDS)[number] };

const PARAMETERS = [
  ...(["ACCEPTANYDATE", "ACCEPTINVCHARS", "AVRO", "BLANKSASNULL", "BZIP2", "COMPROWS", "COMPUPDATE", "CSV"] as const),
  ...(["DATEFORMAT", "DELIMITER", "EMPTYASNULL", "ENCODING", "ENCRYPTED", "ESCAPE", "EXPLICIT_IDS"] as const),
  ...(["FILLRECORD", "FIXEDWIDTH", "GZIP", "IGNOREALLERRORS", "IGNOREBLANKLINES", "IGNOREHEADER", "JSON"] as const),
  ...(["LZOP", "MAXERROR", "NOLOAD", "NULL", "ORC", "PARQUET", "QUOTE", "REMOVEQUOTES", "ROUNDEC"] as const),
  ...(["SERIALIZETOJSON", "SHAPEFILE", "STATUPDATE", "TIMEFORMAT", "TRIMBLANKS", "TRUNCATECOLUMNS", "ZSTD"] as const),
] satisfies readonly Keyword[];

const VALUE_WORDS = [
  ...(["FALSE", "ISO88591", "OFF", "ON", "PRESET", "TRUE", "UTF16", "UTF16BE", "UTF16LE", "UTF8"] as const),
] satisfies readonly Keyword[];

function defineCreate(p: Kit): ParserMethod<[], TemplateStatement> {
  const { qualifiedName } = clauseKit(p);
  const formatting = copyFormatting(p);
  return p.RULE("createTemplate", (): TemplateStatement => {
    const options: CopyFormattingOption[] = [];
    const first = p.CONSUME(k.CREATE);
    const replace =
      p.OPTION(() => {
        p.CONSUME(k.OR);
        return p.CONSUME(k.REPLACE);
      }) !== undefined;
    p.CONSUME(k.TEMPLATE);
    const template = p.SUBRULE(qualifiedName);
    p.CONSUME(k.FOR);
    p.CONSUME(k.COPY);
    p.OPTION1(() => p.CONSUME(k.AS));
    p.MANY(() => void options.push(p.SUBRULE(formatting)));
    p.refuseRepeats(options);
    return { kind: "template", template, action: { type: "create", replace, options }, span: p.spanFrom(first) };
  });
}

function defineValue(p: Kit): ParserMethod<[], TemplateValue> {
  const { string } = clauseKit(p);
  return p.RULE("templateValue", (): TemplateValue =>
    p.OR1<[{ ALT: () => TemplateValue }, { ALT: () => TemplateValue }, { ALT: () => TemplateValue }]>([
      { ALT: () => ({ type: "text", text: p.SUBRULE(string) }) },
      { ALT: () => ({ type: "number", text: p.SUBRULE(p.number) }) },
      { ALT: () => ({ type: "word", word: oneOf(p, VALUE_WORDS).name }) },
    ]),
  );
}

function defineSet(p: Kit): ParserMethod<[], readonly TemplateSetting[]> {
  const value = defineValue(p);
  const setting = p.RULE("templateSetting", (): TemplateSetting => {
    const parameter = oneOf(p, PARAMETERS);
    p.CONSUME(k.TO);
    return { ...parameter, value: p.SUBRULE(value) };
  });
  return p.RULE("templateSettings", () => {
    const settings: TemplateSetting[] = [];
    p.CONSUME(k.SET);
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void settings.push(p.SUBRULE(setting)) });
    p.refuseRepeats(settings);
    return settings;
  });
}

function defineAlteration(p: Kit): ParserMethod<[], TemplateAction> {
  const formatting = copyFormatting(p);
  const settings = defineSet(p);
  const renameOrOwner = (): TemplateAction => {
    const verb = p.OR1([{ ALT: () => p.CONSUME(k.RENAME) }, { ALT: () => p.CONSUME(k.OWNER) }]);
    p.CONSUME(k.TO);
    return { type: verb.tokenType === k.OWNER ? "owner" : "rename", to: p.SUBRULE(p.name) };
  };
  const add = (): TemplateAction => {
    p.CONSUME(k.ADD);
    return { type: "add", option: p.SUBRULE(formatting) };
  };
  const parameter = p.RULE("templateParameter", (): TemplateParameter => oneOf(p, PARAMETERS).name);
  const drop = (): TemplateAction => {
    p.CONSUME(k.DROP);
    return { type: "drop-parameter", parameter: p.SUBRULE(parameter) };
  };
  return p.RULE("templateAlteration", (): TemplateAction =>
    p.OR<
      [
        { ALT: () => TemplateAction },
        { ALT: () => TemplateAction },
        { ALT: () => TemplateAction },
        { ALT: () => TemplateAction },
      ]
    >([
      { ALT: renameOrOwner },
      { ALT: add },
      { ALT: drop },
      { ALT: () => ({ type: "set", settings: p.SUBRULE(settings) }) },
    ]),
  );
}

function defineAlter(p: Kit): ParserMethod<[], TemplateStatement> {
  const { qualifiedName } = clauseKit(p);
  const alteration = defineAlteration(p);
  return p.RULE("alterTemplate", (): TemplateStatement => {
    const first = p.CONSUME(k.ALTER);
    p.CONSUME(k.TEMPLATE);
    const template = p.SUBRULE(qualifiedName);
    const action = p.SUBRULE(alteration);
    return { kind: "template", template, action, span: p.spanFrom(first) };
  });
}

function defineDropOrShow(p: Kit): ParserMethod<[], TemplateStatement> {
  const { qualifiedName } = clauseKit(p);
  return p.RULE("dropOrShowTemplate", (): TemplateStatement => {
    const verb = p.OR([{ ALT: () => p.CONSUME(k.DROP) }, { ALT: () => p.CONSUME(k.SHOW) }]);
    p.CONSUME(k.TEMPLATE);
    const template = p.SUBRULE(qualifiedName);
    const action: TemplateAction = verb.tokenType === k.DROP ? { type: "drop" } : { type: "show" };
    return { kind: "template", template, action, span: p.spanFrom(verb) };
  });
}

const NOT_STORED = new Set<TokenType>([
  k.FROM,
  k.IAM_ROLE,
  k.CREDENTIALS,
  k.ACCESS_KEY_ID,
  k.SECRET_ACCESS_KEY,
  k.SESSION_TOKEN,
  k.MANIFEST,
  k.MASTER_SYMMETRIC_KEY,
  k.READRATIO,
  k.REGION,
  k.SSH,
]);

function createHint(tokens: readonly IToken[], read: number): string | undefined {
  const found = tokens[read]?.tokenType;
  const isOther = found !== undefined && NOT_STORED.has(found);
  return isOther ? "a template stores formatting only: say this in the COPY that uses it" : undefined;
}

export const templateRules: readonly StatementRule<TemplateStatement>[] = [
  {
    heads: ["CREATE TEMPLATE", "CREATE OR REPLACE TEMPLATE"],
    backslashEscapes: true,
    hint: createHint,
    define: defineCreate,
  },
  { heads: ["ALTER TEMPLATE"], backslashEscapes: true, define: defineAlter },
  // `SHOW template` alone asks for a setting of that name.
  { heads: ["DROP TEMPLATE", "SHOW TEMPLATE"], claims: (tokens) => tokens.length > 2, define: defineDropOrShow },
];

export function printTemplate({ template, action }: TemplateStatement, p: Printer): string {
  const name = p.words("TEMPLATE", p.table(template));
  if (action.type === "create") {
    const options = action.options.map((option) => printFormatting(option, p));
    return p.words(
      action.replace ? "CREATE OR REPLACE" : "CREATE",
      name,
      "FOR COPY",
      ...(options.length > 0 ? ["AS"] : []),
      ...options,
    );
  }
  if (action.type === "drop" || action.type === "show") return p.words(action.type.toUpperCase(), name);
  return p.words("ALTER", name, printAlteration(action, p));
}

type Alteration = Exclude<TemplateAction, { readonly type: "create" | "drop" | "show" }>;

function printAlteration(action: Alteration, p: Printer): string {
  if ("to" in action) return p.words(action.type === "owner" ? "OWNER TO" : "RENAME TO", p.name(action.to));
  if ("option" in action) return p.words("ADD", printFormatting(action.option, p));
  if ("parameter" in action) return p.words("DROP", action.parameter);
  return p.words("SET", action.settings.map((setting) => printSetting(setting, p)).join(", "));
}

function printSetting({ name, value }: TemplateSetting, p: Printer): string {
  if (value.type === "word") return `${name} TO ${value.word}`;
  const isNumber = value.type === "number" && value.text.kind === "string";
  return `${name} TO ${isNumber ? value.text.value : printText(value.text, p)}`;
}
