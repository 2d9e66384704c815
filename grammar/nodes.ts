/** Offsets into the source text, in UTF-16 units: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a string stands for. All but `text` are hidden when a statement is printed. */
export type Position = "text" | SecretPosition;
export type SecretPosition = "location" | "kms" | "passphrase" | "credentials";

/** A string in any spelling: '…', E'…', $$…$$, "…" or a bare word where a string is wanted. */
export interface StringNode {
  readonly kind: "string";
  /** Decoded: without quotes and escapes. */
  readonly value: string;
  readonly position: Position;
  readonly span: Span;
}

/** `secret('env:NAME')` or `secret('file:PATH')`: where the string is to be had, never the string itself. */
export interface SecretNode {
  readonly kind: "secret";
  readonly source: "env" | "file";
  readonly name: string;
  readonly position: Position;
  readonly span: Span;
}

/** A psql variable that has no value yet: `:name`, `:'name'`, `:"name"`. */
export interface VariableNode {
  readonly kind: "variable";
  readonly form: "plain" | "literal" | "identifier";
  readonly name: string;
  readonly span: Span;
}

/** What may stand in a string position. */
export type TextNode = StringNode | SecretNode | VariableNode;

/** One identifier, folded to lower case unless it was quoted. */
export interface IdentifierNode {
  readonly kind: "identifier";
  readonly text: string;
  readonly span: Span;
}

export type NameNode = IdentifierNode | VariableNode;

/** `t`, `s.t`, `d.s.t`, `s.*`, `*`. */
export interface TablePatternNode {
  readonly kind: "table-pattern";
  /** The names before the last dot and, unless `wildcard`, the table's own. */
  readonly path: readonly NameNode[];
  readonly wildcard: boolean;
  readonly span: Span;
}

/** SQL that is not ours to understand, with comments left out and canonical spacing. */
export interface ExpressionNode {
  readonly kind: "expression";
  readonly text: string;
  /** The decoded value when the expression is one string literal or one number. */
  readonly literal?: string;
  readonly span: Span;
}

/** Anything that the engine may understand: sent as it is. */
export interface PassthroughStatement {
  readonly kind: "passthrough";
  readonly text: string;
  readonly span: Span;
}

export interface UrisOption<Name extends string> {
  readonly name: Name;
  readonly uris: readonly TextNode[];
  readonly span: Span;
}

export interface TextOption<Name extends string> {
  readonly name: Name;
  readonly text: TextNode;
  readonly span: Span;
}

/** `name`, `name = true`, `name = false`; a variable when its value is not known yet. */
export interface BooleanOption<Name extends string> {
  readonly name: Name;
  readonly value: boolean | VariableNode;
  readonly span: Span;
}

export interface FlagOption<Name extends string> {
  readonly name: Name;
  readonly span: Span;
}

export interface ExpressionOption<Name extends string> {
  readonly name: Name;
  readonly expression: ExpressionNode;
  readonly span: Span;
}
