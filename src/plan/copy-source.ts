// Where COPY reads from, and how its files are shaped.
import type { CopyOption, CopyStatement, Span } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { planLocation, type LocationClauses, type PlannedAuthorization } from "./authorization.ts";
import type { Clauses } from "./clauses.ts";
import type { CopyFormat, CopySource, NestedMapping, Simplify } from "./copy-plan.ts";
import { DYNAMODB, EMR, FILES } from "./copy-rules.ts";
import {
  awsRegion,
  badValue,
  delimiterByte,
  fixedWidthColumns,
  given,
  printingCharacter,
  type Given,
} from "./option-values.ts";
import { conflict, type Reading } from "./reading.ts";

type CopyOptions = Clauses<CopyOption>;

/** The kind of source, by the name that the tables call it. */
export function sourceKind(statement: CopyStatement, reading: Reading): string {
  const text = reading.text(statement.source).toLowerCase();
  if (text.startsWith("emr://")) return EMR;
  return text.startsWith("dynamodb://") ? DYNAMODB : FILES;
}

/** Throws `option/value` for a source that lacks its parts, `option/conflict` and `location/*` for a location. */
export function planSource(statement: CopyStatement, planned: PlannedAuthorization, options: CopyOptions): CopySource {
  const { reading } = options;
  const text = reading.text(statement.source);
  const { span } = statement.source;
  switch (sourceKind(statement, reading)) {
    case EMR: {
      const [, cluster, path] = /^emr:\/\/([^/]+)\/(.+)$/i.exec(text) ?? [];
      if (cluster === undefined || path === undefined) {
        throw badValue({ name: "FROM", span }, "takes a cluster and a path", "for example 'emr://j-ABC/output/part-*'");
      }
      return { type: "emr", cluster, path };
    }
    case DYNAMODB: {
      const table = text.slice("dynamodb://".length);
      if (!/^[\w.-]+$/.test(table)) {
        throw badValue({ name: "FROM", span }, "takes a DynamoDB table", "for example 'dynamodb://table'");
      }
      return { type: "dynamodb", table, readRatio: options.number("READRATIO", { min: 1, max: 200 }) ?? 0 };
    }
  }
  return planFiles(statement, planned, options);
}

function planFiles(statement: CopyStatement, planned: PlannedAuthorization, options: CopyOptions): CopySource {
  const location = planLocation(statement.source, locationClauses(planned, options), options.reading);
  const ssh = options.get("SSH");
  if (ssh !== undefined) {
    if (location.scheme !== "s3")
      throw conflict(`SSH is for s3, and ${location.label} is not`, ssh.span, "leave it out");
    return { type: "ssh", location };
  }
  const manifest = options.get("MANIFEST");
  if (manifest === undefined) return { type: "prefix", location };
  if (location.path.replace(/^\//, "") === "" || location.path.endsWith("/")) {
    throw new ShellError("option/value", "COPY with MANIFEST parameter requires full path of an S3 object.", {
      hint: "name the manifest itself, for example 's3://bucket/folder/manifest'",
      note: "nothing was changed",
      span: later(manifest.span, statement.source.span),
    });
  }
  return { type: "manifest", location };
}

function later(a: Span, b: Span): Span {
  return a.start > b.start ? a : b;
}

function locationClauses(planned: PlannedAuthorization, options: CopyOptions): LocationClauses {
  const region = options.get("REGION");
  const value = options.value("REGION", awsRegion);
  return region === undefined || value === undefined ? { planned } : { planned, region: { value, span: region.span } };
}

/** Throws `option/value` for a value out of range, `option/conflict` for a quote that is the delimiter. */
export function planCopyFormat(source: CopySource, planned: PlannedAuthorization, options: CopyOptions): CopyFormat {
  if (source.type === "dynamodb") return { type: "items" };
  const removeQuotes = options.has("REMOVEQUOTES");
  const [json, avro] = [options.get("JSON"), options.get("AVRO")];
  const nested = json ?? avro;
  if (nested !== undefined) {
    const type = json === undefined ? "avro" : "json";
    return { type, mapping: planMapping(nested, planned, options) };
  }
  if (options.has("PARQUET") || options.has("ORC")) {
    return { type: options.has("PARQUET") ? "parquet" : "orc", serializeToJson: planSerialize(options) };
  }
  if (options.has("SHAPEFILE")) return { type: "shapefile", simplify: planSimplify(options) };
  const columns = options.value("FIXEDWIDTH", fixedWidthColumns);
  if (columns !== undefined) return { type: "fixed-width", columns, removeQuotes };
  const delimiter = options.value("DELIMITER", delimiterByte);
  if (!options.has("CSV")) {
    return { type: "text", delimiter: delimiter ?? code("|"), escape: options.has("ESCAPE"), removeQuotes };
  }
  return planCsv(delimiter ?? code(","), options);
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function planCsv(delimiter: number, options: CopyOptions): CopyFormat {
  const quote = options.value("QUOTE", printingCharacter) ?? '"';
  if (code(quote) !== delimiter) return { type: "csv", delimiter, quote };
  const spans = [options.get("QUOTE"), options.get("DELIMITER")].map((option) => option?.span ?? { start: 0, end: 0 });
  const [a = { start: 0, end: 0 }, b = a] = spans;
  throw conflict("QUOTE and DELIMITER are the same character", later(a, b), "choose another quote");
}

const MAPPINGS: Readonly<Record<string, NestedMapping>> = {
  auto: { type: "names", ignoreCase: false },
  "auto ignorecase": { type: "names", ignoreCase: true },
  noshred: { type: "whole" },
};

type NestedOption = Extract<CopyOption, { readonly name: "AVRO" | "JSON" }>;

function planMapping(option: NestedOption, planned: PlannedAuthorization, options: CopyOptions): NestedMapping {
  const { name, text } = option;
  if (text === undefined) return { type: "names", ignoreCase: false };
  const value = given({ name, text }, options.reading);
  const words = Object.keys(MAPPINGS).filter((word) => word !== "noshred" || name === "JSON");
  if (words.includes(value.text)) return MAPPINGS[value.text] ?? { type: "whole" };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value.text))
    return { type: "paths", location: pathsFile(value, planned, options) };
  const word = words.find((known) => known === value.text.toLowerCase());
  if (word !== undefined) throw badValue(value, "tells case apart", `write '${word}'`);
  throw badValue(value, `takes ${words.map((known) => `'${known}'`).join(", ")} or the URI of a JSONPaths file`);
}

/** Read by whoever reads the files. */
function pathsFile(value: Given, planned: PlannedAuthorization, options: CopyOptions): Location {
  const node = { kind: "string", value: value.text, position: "location", span: value.span } as const;
  const isS3 = value.text.toLowerCase().startsWith("s3://");
  const clauses = isS3
    ? locationClauses(planned, options)
    : { planned: { authorization: { type: "location" } } as const };
  return planLocation(node, clauses, options.reading);
}

function planSerialize(options: CopyOptions): "none" | "all" | readonly string[] {
  const option = options.get("SERIALIZETOJSON");
  if (option === undefined) return "none";
  return option.columns.length === 0 ? "all" : options.names(option.columns);
}

function planSimplify(options: CopyOptions): Simplify | undefined {
  const simplify = options.get("SHAPEFILE")?.simplify;
  if (simplify === undefined) return undefined;
  const { auto, tolerance: node } = simplify;
  if (node === undefined) return { auto, tolerance: undefined };
  const text = options.reading.text(node);
  if (/^[\d.]/.test(text) && Number.isFinite(Number(text))) return { auto, tolerance: Number(text) };
  throw badValue({ name: "SIMPLIFY", span: node.span }, "takes a tolerance of at least 0");
}
