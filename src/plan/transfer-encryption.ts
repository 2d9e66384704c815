// Who can read the files of UNLOAD and COPY: nobody new, storage itself, or whoever holds a key of ours.
import type { Span, TextNode, TransferKeyOption } from "../../grammar/index.ts";
import { parseMasterKey } from "../crypto/s3-client-side.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { Secret } from "../std/secret.ts";
import type { PlannedAuthorization } from "./authorization.ts";
import type { Reading } from "./reading.ts";

/** Encryption in the client. */
export type ClientSideEncryption =
  /** The S3 client-side envelope under a key of the statement's own: base64 of 32 bytes, checked. */
  | { readonly type: "master-key"; readonly masterKey: Secret }
  /** The same envelope under a random key, which every one of these wraps. */
  | { readonly type: "kms"; readonly kms: readonly Location[] }
  | { readonly type: "passphrase"; readonly passphrase: Secret };

interface Options {
  readonly options: readonly { readonly name: string; readonly span: Span }[];
  readonly keys: readonly TransferKeyOption[];
}

interface MasterKeyOption {
  readonly name: "MASTER_SYMMETRIC_KEY";
  readonly text: TextNode;
  readonly span: Span;
}

/** Throws `option/value` for a key that is no key and an empty passphrase, `location/*` for a URI that names no key. */
export function planClientSide(
  { options, keys }: Options,
  planned: PlannedAuthorization,
  reading: Reading,
): ClientSideEncryption | undefined {
  for (const option of keys) {
    if (option.name === "kms") return { type: "kms", kms: reading.kms(option.uris) };
    return { type: "passphrase", passphrase: reading.passphrase(option.text) };
  }
  const option = options.find((one): one is MasterKeyOption => one.name === "MASTER_SYMMETRIC_KEY");
  const given =
    option === undefined ? planned.masterKey : { secret: reading.secret(option.text), span: option.text.span };
  if (given === undefined) return undefined;
  const parsed = parseMasterKey(given.secret.reveal());
  if (!parsed.ok) {
    throw new ShellError("option/value", parsed.error, {
      hint: "give the base64 of 32 bytes",
      note: "nothing was changed",
      span: given.span,
    });
  }
  // Checked here, opened where it is used: the plan holds no key in the clear but the statement's own.
  parsed.value[Symbol.dispose]();
  return { type: "master-key", masterKey: given.secret };
}
