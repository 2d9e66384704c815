import type { Span, TextNode } from "../../grammar/index.ts";
import type { BackupReference, KeyChoice } from "../backups/unlocking.ts";
import { ShellError } from "../errors.ts";
import { conflict, type Reading } from "./reading.ts";

/** What SHOW BACKUP, VERIFY BACKUP and RESTORE have in common: a backup and the keys to it. */
export interface ReferenceNode {
  readonly subdirectory?: TextNode;
  readonly collection: readonly TextNode[];
  readonly span: Span;
  readonly options: readonly { readonly name: string; readonly span: Span }[];
}

interface KmsOption {
  readonly name: "kms";
  readonly uris: readonly TextNode[];
  readonly span: Span;
}

interface PassphraseOption {
  readonly name: "encryption_passphrase";
  readonly text: TextNode;
  readonly span: Span;
}

/** Throws `option/conflict` for two kinds of key, `engine/unsupported` for the forms of old releases that name no collection. */
export function planReference(node: ReferenceNode, reading: Reading): BackupReference {
  if (node.subdirectory === undefined) {
    throw new ShellError("engine/unsupported", "this form names a backup without its collection", {
      hint: "write FROM LATEST IN 'uri', or FROM 'folder' IN 'uri'",
      note: "nothing was changed",
      span: node.span,
    });
  }
  return {
    collection: reading.oneStorage(node.collection, "read"),
    subdirectory: reading.text(node.subdirectory),
    ...planKeys(node.options, reading),
  };
}

/** The keys among a statement's options. */
export function planKeys(options: ReferenceNode["options"], reading: Reading): KeyChoice {
  const kms = options.find((option): option is KmsOption => option.name === "kms");
  const passphrase = options.find((option): option is PassphraseOption => option.name === "encryption_passphrase");
  if (kms !== undefined && passphrase !== undefined) {
    const later = kms.span.start > passphrase.span.start ? kms : passphrase;
    throw conflict(
      "cannot have both encryption_passphrase and kms option set",
      later.span,
      "one key is enough to open a backup",
    );
  }
  return {
    kms: kms === undefined ? [] : reading.kms(kms.uris),
    passphrase: passphrase === undefined ? undefined : reading.passphrase(passphrase.text),
  };
}
