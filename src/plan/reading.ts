// What plans make of the strings in a statement: text → Location, Secret, boolean. Every complaint carries the span
// of the string it is about.
import type { BooleanOption, Span, TextNode } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import { GivenPlaces } from "./given-places.ts";
import { locationError, parseKmsLocation, parseNewKmsLocation, parseStorageLocation } from "../location-parse.ts";
import type { Location } from "../location.ts";
import { refuseLocalities, singleLocation, type LocalityUse, type PlacedLocation } from "./localities.ts";
import { Secret } from "../std/secret.ts";

/** Gives what `secret('env:NAME')` or `secret('file:PATH')` refers to. Throws `shell/variable` when there is none. */
export type SecretSource = (source: "env" | "file", name: string) => Secret;

/** Reads the strings of one statement. Pure but for the secrets it is given. */
export class Reading {
  readonly #secrets: SecretSource;
  /** What was read, for errors of the statement when it runs. */
  readonly places = new GivenPlaces();

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  text(node: TextNode): string {
    switch (node.kind) {
      case "string":
        return node.value;
      case "secret":
        return this.#secrets(node.source, node.name).reveal();
      case "variable":
        throw new ShellError("shell/variable", `variable ${node.name} has no value`, {
          hint: `set it: \\set ${node.name} 'value', or -v ${node.name}=value`,
          span: node.span,
        });
    }
  }

  secret(node: TextNode): Secret {
    return node.kind === "secret" ? this.#secrets(node.source, node.name) : new Secret(this.text(node));
  }

  passphrase(node: TextNode): Secret {
    const secret = this.secret(node);
    if (secret.reveal() === "") {
      throw new ShellError("option/value", "encryption_passphrase is empty", {
        hint: "give a passphrase, or leave the option out for a backup in the clear",
        note: "nothing was changed",
        span: node.span,
      });
    }
    this.places.add({ use: "passphrase", label: "", span: node.span });
    return secret;
  }

  /** The storage URI of a statement that takes one. */
  storage(node: TextNode): Location {
    return singleLocation(this.#placed(node));
  }

  /** One storage URI where the grammar allows a list: several are for backups by locality. */
  oneStorage(nodes: readonly TextNode[], use: LocalityUse): Location {
    const [first, ...others] = nodes.map((node) => this.#placed(node));
    if (first === undefined) throw new ShellError("bug/invariant", "the grammar let an empty list of URIs through");
    if (others.length > 0) refuseLocalities([first, ...others], use);
    return singleLocation(first);
  }

  #placed(node: TextNode): PlacedLocation {
    const parsed = parseStorageLocation(this.text(node));
    if (!parsed.ok) throw locationError(parsed.error, node.span);
    this.places.add({ use: "storage", label: parsed.value.label, span: node.span });
    return { location: parsed.value, node };
  }

  kms(nodes: readonly TextNode[]): readonly Location[] {
    return nodes.map((node) => {
      const parsed = parseKmsLocation(this.text(node));
      if (!parsed.ok) throw locationError(parsed.error, node.span);
      this.places.add({ use: "kms", label: parsed.value.label, span: node.span });
      return parsed.value;
    });
  }

  /** A master key that is to be made. */
  newKms(node: TextNode): Location {
    const parsed = parseNewKmsLocation(this.text(node));
    if (!parsed.ok) throw locationError(parsed.error, node.span);
    this.places.add({ use: "kms", label: parsed.value.label, span: node.span });
    return parsed.value;
  }

  boolean(option: Pick<BooleanOption<string>, "name" | "value">): boolean {
    if (typeof option.value === "boolean") return option.value;
    throw new ShellError("shell/variable", `variable ${option.value.name} has no value`, { span: option.value.span });
  }
}

/** Two options that exclude each other, in CockroachDB's words where it has them. */
export function conflict(message: string, span: Span, hint?: string): ShellError {
  return new ShellError("option/conflict", message, {
    span,
    note: "nothing was changed",
    ...(hint === undefined ? {} : { hint }),
  });
}
