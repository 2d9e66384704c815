// What COPY says about the files' form and about loading; a template stores the same.
import type { ParserMethod } from "chevrotain";
import {
  clauseKit,
  flagRule,
  numberRule,
  oneOf,
  oncePerParser,
  optionalTextRule,
  switchRule,
  textRule,
  type Alternatives,
  type NumberOption,
  type OptionalTextOption,
  type SwitchOption,
} from "./clauses.ts";
import { defined } from "./defined.ts";
import { spanOfToken } from "./create-nodes.ts";
import type { Kit } from "./kit.ts";
import type { FlagOption, NameNode, Span, TextNode, TextOption } from "./nodes.ts";
import type { Printer } from "./print.ts";
import { printClause, printColumns, printNumber, type AnyClause } from "./print-clauses.ts";
import { k, type Keyword } from "./tokens.ts";

const FLAGS = [
  "ACCEPTANYDATE",
  "BLANKSASNULL",
  "BZIP2",
  "EMPTYASNULL",
  "ENCRYPTED",
  "ESCAPE",
  "EXPLICIT_IDS",
  "FILLRECORD",
  "GZIP",
  "IGNOREALLERRORS",
  "IGNOREBLANKLINES",
  "LZOP",
  "NOLOAD",
  "REMOVEQUOTES",
  "ROUNDEC",
  "TRIMBLANKS",
  "TRUNCATECOLUMNS",
  "ZSTD",
] as const satisfies readonly Keyword[];

const ENCODINGS = ["UTF8", "UTF16", "UTF16LE", "UTF16BE", "ISO88591"] as const satisfies readonly Keyword[];
export type CopyEncoding = (typeof ENCODINGS)[number];

export type CopyFormatOption =
  | FlagOption<"CSV" | "ORC" | "PARQUET">
  | OptionalTextOption<"AVRO" | "JSON">
  | TextOption<"DELIMITER" | "FIXEDWIDTH">
  | ShapefileOption;

export interface ShapefileOption {
  readonly name: "SHAPEFILE";
  /** `tolerance` is the largest, or with `auto` the automatic one's bound; absent when SIMPLIFY stands alone. */
  readonly simplify?: { readonly auto: boolean; readonly tolerance?: TextNode };
  readonly span: Span;
}

export interface SerializeOption {
  readonly name: "SERIALIZETOJSON";
  /** None for every nested column. */
  readonly columns: readonly NameNode[];
  readonly span: Span;
}

export interface EncodingOption {
  readonly name: "ENCODING";
  readonly encoding: CopyEncoding;
  readonly span: Span;
}

export type CopyFormattingOption =
  | CopyFormatOption
  | FlagOption<(typeof FLAGS)[number]>
  | TextOption<"DATEFORMAT" | "NULL AS" | "QUOTE" | "TIMEFORMAT">
  | OptionalTextOption<"ACCEPTINVCHARS">
  | NumberOption<"COMPROWS" | "IGNOREHEADER" | "MAXERROR">
  | SwitchOption<"COMPUPDATE" | "STATUPDATE">
  | SerializeOption
  | EncodingOption;

function defineShapefile(p: Kit): ParserMethod<[], ShapefileOption> {
  const { number } = clauseKit(p);
  return p.RULE("shapefile", (): ShapefileOption => {
    const keyword = p.CONSUME(k.SHAPEFILE);
    const simplify = p.OPTION(() => {
      p.CONSUME(k.SIMPLIFY);
      const auto = p.OPTION1(() => p.CONSUME(k.AUTO)) !== undefined;
      const tolerance = p.OPTION2(() => p.SUBRULE(number));
      return defined({ auto, tolerance });
    });
    return defined({ name: "SHAPEFILE", simplify, span: spanOfToken(keyword) });
  });
}

function defineFormat(p: Kit): ParserMethod<[], CopyFormatOption> {
  const flag = flagRule(p, "copyFormatFlag", ["CSV", "ORC", "PARQUET"]);
  const nested = optionalTextRule(p, "copyFormatNested", ["AVRO", "JSON"]);
  const text = textRule(p, "copyFormatText", { positions: { DELIMITER: "text", FIXEDWIDTH: "text" }, as: true });
  const shapefile = defineShapefile(p);
  const alternatives: Alternatives<CopyFormatOption> = [
    { ALT: () => p.SUBRULE(flag) },
    { ALT: () => p.SUBRULE(nested) },
    { ALT: () => p.SUBRULE(text) },
    { ALT: () => p.SUBRULE(shapefile) },
  ];
  return p.RULE("copyFormat", (): CopyFormatOption => {
    p.OPTION(() => {
      p.CONSUME(k.FORMAT);
      p.OPTION1(() => p.CONSUME(k.AS));
    });
    return p.OR(alternatives);
  });
}

function defineSerialize(p: Kit): ParserMethod<[], SerializeOption> {
  const { columns } = clauseKit(p);
  return p.RULE("serializeToJson", (): SerializeOption => {
    const keyword = p.CONSUME(k.SERIALIZETOJSON);
    const names = p.OPTION(() => p.SUBRULE(columns)) ?? [];
    return { name: "SERIALIZETOJSON", columns: names, span: spanOfToken(keyword) };
  });
}

function defineEncoding(p: Kit): ParserMethod<[], EncodingOption> {
  return p.RULE("copyEncoding", (): EncodingOption => {
    const keyword = p.CONSUME(k.ENCODING);
    p.OPTION(() => p.CONSUME(k.AS));
    return { name: "ENCODING", encoding: oneOf(p, ENCODINGS).name, span: spanOfToken(keyword) };
  });
}

function defineNullAs(p: Kit): ParserMethod<[], TextOption<"NULL AS">> {
  const { string } = clauseKit(p);
  return p.RULE("nullAs", (): TextOption<"NULL AS"> => {
    const keyword = p.CONSUME(k.NULL);
    p.OPTION(() => p.CONSUME(k.AS));
    return { name: "NULL AS", text: p.SUBRULE(string), span: spanOfToken(keyword) };
  });
}

export const copyFormatting = oncePerParser((p): ParserMethod<[], CopyFormattingOption> => {
  const format = defineFormat(p);
  const flag = flagRule(p, "copyFlag", FLAGS);
  const text = textRule(p, "copyText", {
    positions: { DATEFORMAT: "text", QUOTE: "text", TIMEFORMAT: "text" },
    as: true,
  });
  const optionalText = optionalTextRule(p, "copyOptionalText", ["ACCEPTINVCHARS"]);
  const number = numberRule(p, "copyNumber", ["COMPROWS", "IGNOREHEADER", "MAXERROR"]);
  const compupdate = switchRule(p, "COMPUPDATE", ["PRESET", "ON", "TRUE", "OFF", "FALSE"]);
  const statupdate = switchRule(p, "STATUPDATE");
  const nullAs = defineNullAs(p);
  const serialize = defineSerialize(p);
  const encoding = defineEncoding(p);
  const alternatives: Alternatives<CopyFormattingOption> = [
    { ALT: () => p.SUBRULE(format) },
    { ALT: () => p.SUBRULE(flag) },
    { ALT: () => p.SUBRULE(text) },
    { ALT: () => p.SUBRULE(nullAs) },
    { ALT: () => p.SUBRULE(optionalText) },
    { ALT: () => p.SUBRULE(number) },
    { ALT: () => p.SUBRULE(compupdate) },
    { ALT: () => p.SUBRULE(statupdate) },
    { ALT: () => p.SUBRULE(serialize) },
    { ALT: () => p.SUBRULE(encoding) },
  ];
  return p.RULE("copyFormatting", (): CopyFormattingOption => p.OR(alternatives));
});

export function printFormatting(option: CopyFormattingOption | AnyClause, p: Printer): string {
  const { name } = option;
  if ("columns" in option)
    return p.words(name, option.columns.length === 0 ? undefined : printColumns(option.columns, p));
  if ("encoding" in option) return p.words(name, option.encoding);
  if (name === "SHAPEFILE" && "simplify" in option) return p.words(name, printSimplify(option, p));
  return printClause(option, p);
}

function printSimplify({ simplify }: ShapefileOption, p: Printer): string | undefined {
  if (simplify === undefined) return undefined;
  const tolerance = simplify.tolerance === undefined ? undefined : printNumber(simplify.tolerance, p);
  return p.words("SIMPLIFY", simplify.auto ? "AUTO" : undefined, tolerance);
}
