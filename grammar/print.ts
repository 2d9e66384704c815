import { quoteString } from "./literal.ts";
import type {
  BooleanOption,
  ExpressionNode,
  ExpressionOption,
  FlagOption,
  NameNode,
  SecretPosition,
  StringNode,
  TablePatternNode,
  TextNode,
  TextOption,
  UrisOption,
} from "./nodes.ts";
import { t, tokenTypeOfWord } from "./tokens.ts";

/** What to show for a string in a secret position: any text, quoted by the printer. */
export type Mask = (literal: StringNode, position: SecretPosition) => string;

export const hideAll: Mask = () => "•••";
/** For round trips only: shows every secret. */
export const showAll: Mask = (literal) => literal.value;

export type AnyOption =
  | UrisOption<string>
  | TextOption<string>
  | BooleanOption<string>
  | ExpressionOption<string>
  | FlagOption<string>;

/** Writes the nodes that all statements share. Parts that are absent print as nothing. */
export class Printer {
  readonly #mask: Mask;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** The parts that are there, with one blank between them. */
  words(...parts: readonly (string | undefined)[]): string {
    return parts.filter((part) => part !== undefined && part !== "").join(" ");
  }

  /** @param quote how the dialect writes a string. */
  text(node: TextNode, quote: (value: string) => string = quoteString): string {
    if (node.kind === "string") return quote(this.#shown(node));
    return node.kind === "variable" ? variable(node) : `secret(${quoteString(`${node.source}:${node.name}`)})`;
  }

  /** LATEST as the word, anything else as a string. */
  subdirectory(node: TextNode): string {
    return node.kind === "string" && node.value.toLowerCase() === "latest" ? "LATEST" : this.text(node);
  }

  uris(nodes: readonly TextNode[]): string {
    const [first] = nodes;
    if (nodes.length === 1 && first !== undefined) return this.text(first);
    return `(${nodes.map((node) => this.text(node)).join(", ")})`;
  }

  name(node: NameNode): string {
    return node.kind === "variable" ? variable(node) : quoteName(node.text);
  }

  table(node: TablePatternNode): string {
    return [...node.path.map((part) => this.name(part)), ...(node.wildcard ? ["*"] : [])].join(".");
  }

  expression(node: ExpressionNode): string {
    return node.text;
  }

  asOf(node: ExpressionNode | undefined): string | undefined {
    return node === undefined ? undefined : `AS OF SYSTEM TIME ${node.text}`;
  }

  option(option: AnyOption): string {
    const { name } = option;
    if ("uris" in option) return `${name} = ${this.uris(option.uris)}`;
    if ("text" in option) return `${name} = ${this.text(option.text)}`;
    if ("expression" in option) return `${name} = ${option.expression.text}`;
    if (!("value" in option) || option.value === true) return name;
    return `${name} = ${option.value === false ? "false" : variable(option.value)}`;
  }

  /** `WITH a, b`, or nothing. */
  options(options: readonly AnyOption[]): string | undefined {
    return options.length === 0 ? undefined : `WITH ${options.map((option) => this.option(option)).join(", ")}`;
  }

  // A URI in a position that wants a plain text is a mistake, but may hold a key all the same.
  #shown(node: StringNode): string {
    if (node.position !== "text") return this.#mask(node, node.position);
    return /^[a-z][a-z0-9+.-]*:\//i.test(node.value) ? this.#mask(node, "location") : node.value;
  }
}

function variable(node: NameNode & { readonly kind: "variable" }): string {
  if (node.form === "plain") return `:${node.name}`;
  return node.form === "literal" ? `:'${node.name}'` : `:"${node.name}"`;
}

/** An identifier as it must be written: quoted where it would otherwise be folded, split or read as a reserved word. */
export function quoteName(text: string): string {
  const type = tokenTypeOfWord(text);
  const isName = type === t.Identifier || (type.CATEGORIES ?? []).includes(t.Word);
  return isName && /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(text)
    ? text
    : `"${text.replaceAll('"', '""')}"`;
}
