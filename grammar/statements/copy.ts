import { tokenMatcher, type IToken, type ParserMethod } from "chevrotain";
import { authorization, type AuthorizationOption } from "../authorization.ts";
import { clauseKit, flagRule, numberRule, textRule, type Alternatives, type NumberOption } from "../clauses.ts";
import { copyFormatting, printFormatting, type CopyFormattingOption } from "../copy-options.ts";
import { defined } from "../defined.ts";
import { type Kit } from "../kit.ts";
import { valueOfToken } from "../lexer.ts";
import type { FlagOption, NameNode, Span, TablePatternNode, TextNode, TextOption } from "../nodes.ts";
import type { Printer } from "../print.ts";
import { printColumns, printText } from "../print-clauses.ts";
import { REDSHIFT_WORDS } from "../redshift-words.ts";
import type { StatementRule } from "../rule.ts";
import { k, t } from "../tokens.ts";
import { jobAuto, printAuto } from "./copy-job.ts";
import { lateClauseHint, transferKeys, type TransferKeyOption } from "../transfer-keys.ts";

/** COPY from storage. COPY to and from the client and the server's own files is the engine's. */
export interface CopyStatement {
  readonly kind: "copy";
  readonly table: TablePatternNode;
  /** None for all columns in the table's order. */
  readonly columns: readonly NameNode[];
  readonly source: TextNode;
  /** In the order they were written; each at most once. */
  readonly options: readonly CopyOption[];
  /** Our own: who holds the keys. */
  readonly keys: readonly TransferKeyOption[];
  readonly span: Span;
}

export type CopyOption =
  | AuthorizationOption
  | CopyFormattingOption
  | FlagOption<"MANIFEST" | "SSH">
  | TextOption<"MASTER_SYMMETRIC_KEY" | "REGION">
  | NumberOption<"READRATIO">
  | CreateJobOption
  | UseTemplateOption;

export interface CreateJobOption {
  readonly name: "JOB CREATE";
  readonly job: NameNode;
  /** Absent when the statement leaves it to Redshift. */
  readonly auto?: boolean;
  readonly span: Span;
}

export interface UseTemplateOption {
  readonly name: "USING TEMPLATE";
  readonly template: TablePatternNode;
  readonly span: Span;
}

function defineCreateJob(p: Kit): ParserMethod<[], CreateJobOption> {
  const auto = jobAuto(p);
  return p.RULE("createJob", (): CreateJobOption => {
    const first = p.CONSUME(k.JOB);
    p.CONSUME(k.CREATE);
    const span = p.spanFrom(first);
    const job = p.SUBRULE(p.name);
    const when = p.OPTION(() => p.SUBRULE(auto));
    return defined({ name: "JOB CREATE", job, auto: when, span });
  });
}

function defineUseTemplate(p: Kit): ParserMethod<[], UseTemplateOption> {
  const { qualifiedName } = clauseKit(p);
  return p.RULE("useTemplate", (): UseTemplateOption => {
    const first = p.CONSUME(k.USING);
    p.CONSUME(k.TEMPLATE);
    const span = p.spanFrom(first);
    return { name: "USING TEMPLATE", template: p.SUBRULE(qualifiedName), span };
  });
}

function defineOption(p: Kit): ParserMethod<[], CopyOption> {
  const authorized = authorization(p);
  const formatting = copyFormatting(p);
  const flag = flagRule(p, "copySourceFlag", ["MANIFEST", "SSH"]);
  const key = textRule(p, "copyKey", { positions: { MASTER_SYMMETRIC_KEY: "credentials" }, as: false });
  const region = textRule(p, "copyRegion", { positions: { REGION: "text" }, as: true });
  const ratio = numberRule(p, "copyRatio", ["READRATIO"]);
  const job = defineCreateJob(p);
  const template = defineUseTemplate(p);
  const alternatives: Alternatives<CopyOption> = [
    { ALT: () => p.SUBRULE(authorized) },
    { ALT: () => p.SUBRULE(formatting) },
    { ALT: () => p.SUBRULE(flag) },
    { ALT: () => p.SUBRULE(key) },
    { ALT: () => p.SUBRULE(region) },
    { ALT: () => p.SUBRULE(ratio) },
    { ALT: () => p.SUBRULE(job) },
    { ALT: () => p.SUBRULE(template) },
  ];
  return p.RULE("copyOption", (): CopyOption => p.OR(alternatives));
}

function defineCopy(p: Kit): ParserMethod<[], CopyStatement> {
  const { string, qualifiedName, columns } = clauseKit(p);
  const option = defineOption(p);
  const keys = transferKeys(p);
  return p.RULE("copy", (): CopyStatement => {
    const options: CopyOption[] = [];
    const first = p.CONSUME(k.COPY);
    const table = p.SUBRULE(qualifiedName);
    const names = p.OPTION(() => p.SUBRULE(columns)) ?? [];
    p.CONSUME(k.FROM);
    const source = p.SUBRULE(string, { ARGS: ["location"] });
    p.MANY(() => void options.push(p.SUBRULE(option)));
    const held = p.OPTION1(() => p.SUBRULE(keys)) ?? [];
    p.refuseRepeats(options);
    return { kind: "copy", table, columns: names, source, options, keys: held, span: p.spanFrom(first) };
  });
}

/** Clauses that PostgreSQL's COPY has too: they tell nothing. */
const POSTGRES_WORDS = new Set<string>(["CSV", "DELIMITER", "ENCODING", "ESCAPE", "HEADER", "NULL", "QUOTE"]);
const OURS_ALONE = new Set<string>(
  [...REDSHIFT_WORDS, "KMS", "ENCRYPTION_PASSPHRASE", "JOB"].filter((word) => !POSTGRES_WORDS.has(word)),
);
/** What follows these in PostgreSQL's COPY are names and conditions, not clauses. */
const LAST_CLAUSES = new Set(["WHERE", "FORCE"]);

/** Whether the source is a storage URI, or a clause says that the statement is Redshift's. */
function isOurs(tokens: readonly IToken[]): boolean {
  const outer = outermost(tokens);
  const from = outer.findIndex((token) => token.tokenType === k.FROM);
  const source = outer[from + 1];
  if (from === -1 || source === undefined) return false;
  if (source.tokenType === k.SECRET) return true;
  if (tokenMatcher(source, t.Literal) && /^[a-z][a-z0-9+.-]*:\/\//i.test(valueOfToken(source))) return true;
  const isText = tokenMatcher(source, t.Literal) || VARIABLES.includes(source.tokenType);
  const rest = outer.slice(from + 2);
  const last = rest.findIndex((token) => LAST_CLAUSES.has(token.image.toUpperCase()));
  const clauses = last === -1 ? rest : rest.slice(0, last);
  return isText && clauses.some((token) => OURS_ALONE.has(token.tokenType.name));
}

const VARIABLES = [t.PlainVariable, t.LiteralVariable, t.IdentifierVariable];

/** The tokens outside parentheses. */
function outermost(tokens: readonly IToken[]): readonly IToken[] {
  let depth = 0;
  return tokens.filter(({ tokenType }) => {
    if (tokenType === t.OpenParenthesis) depth++;
    if (tokenType === t.CloseParenthesis) depth--;
    return depth === 0 && tokenType !== t.CloseParenthesis;
  });
}

/** Words of UNLOAD and of PostgreSQL's COPY, and what COPY says instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  HEADER: "write IGNOREHEADER 1",
  KMS_KEY_ID: "leave it out: storage decrypts what it encrypted itself",
  AUTO: "leave it out: storage decrypts what it encrypted itself",
  VERBOSE: "a manifest is read alike with and without VERBOSE",
  SIMPLIFY: "SIMPLIFY stands directly after SHAPEFILE",
  TEMPLATE: "write USING TEMPLATE",
};

function copyHint(tokens: readonly IToken[], read: number): string | undefined {
  const [previous, found] = [tokens[read - 1], tokens[read]];
  if (read === 1 && found?.tokenType === k.INTO) return "write COPY table FROM 'uri', without INTO";
  if (found?.tokenType === k.AUTO && previous?.tokenType !== k.ENCRYPTED) return undefined;
  const instead = found === undefined ? undefined : INSTEAD[found.tokenType.name];
  return lateClauseHint(tokens, read) ?? instead;
}

export const copyRule: StatementRule<CopyStatement> = {
  heads: ["COPY"],
  claims: isOurs,
  hint: copyHint,
  backslashEscapes: true,
  define: defineCopy,
};

export function printCopy(s: CopyStatement, p: Printer): string {
  const columns = s.columns.length === 0 ? undefined : printColumns(s.columns, p);
  const clauses = s.options.map((option) => printCopyOption(option, p));
  return p.words("COPY", p.table(s.table), columns, "FROM", printText(s.source, p), ...clauses, p.options(s.keys));
}

function printCopyOption(option: CopyOption, p: Printer): string {
  if ("job" in option) return p.words(option.name, p.name(option.job), printAuto(option.auto));
  if ("template" in option) return p.words(option.name, p.table(option.template));
  return printFormatting(option, p);
}
