// What a cluster does not know, refused before anything is sent to it.
import type { CopyStatement, Span, TextNode, UnloadStatement } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Reading } from "../plan/reading.ts";
import type { Delegation } from "./delegation.ts";

/** Source: Redshift's documentation of COPY and UNLOAD, which dates the end for all customers. */
const RETIRED = "Redshift stopped supporting client-side encryption on 2026-04-30";
const NOTHING_SENT = "nothing was sent to the cluster";

const STAGED: Readonly<Record<"unload" | "copy", string>> = {
  unload:
    "ENCRYPTED KMS_KEY_ID 'key' has S3 encrypt the files; unloading to a staging prefix, which Sealift encrypts itself, is to come",
  copy: "COPY them into PostgreSQL or the embedded database, which Sealift does itself; loading from a staging prefix is to come",
};

/** Sources that only a cluster has, with rules of their own. */
const CLUSTER_SOURCES = /^(?:emr|dynamodb):/i;

/**
 * Throws `engine/retired` for client-side encryption, `engine/unsupported` for a location that the cluster cannot
 * reach, each with its span. `SET execution = server` sends a master key as it stands.
 */
export function refuseOnServer(delegation: Omit<Delegation, "source">): void {
  const { statement, reading, execution } = delegation;
  const [key] = statement.keys;
  if (key !== undefined) throw retired(statement, `WITH ${key.name} encrypts on the client, and ${RETIRED}`, key.span);
  const master = masterKeySpan(statement, reading);
  if (master !== undefined && execution !== "server") {
    throw retired(statement, `${RETIRED}: it takes no master symmetric key`, master);
  }
  refuseLocation(statement.kind === "unload" ? statement.target : statement.source, reading.text.bind(reading));
}

function retired({ kind }: UnloadStatement | CopyStatement, message: string, span: Span): ShellError {
  return new ShellError("engine/retired", message, { hint: STAGED[kind], note: NOTHING_SENT, span });
}

function masterKeySpan(statement: UnloadStatement | CopyStatement, reading: Reading): Span | undefined {
  for (const option of statement.options) {
    if (option.name === "MASTER_SYMMETRIC_KEY") return option.span;
    if (option.name === "CREDENTIALS" && /(?:^|;)\s*master_symmetric_key=/.test(reading.text(option.text))) {
      return option.text.span;
    }
  }
  return undefined;
}

function refuseLocation(node: TextNode, textOf: (node: TextNode) => string): void {
  const text = textOf(node);
  if (CLUSTER_SOURCES.test(text)) return;
  if (!/^s3:/i.test(text)) {
    const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(text)?.[0] ?? "this";
    throw new ShellError("engine/unsupported", `Redshift reads and writes S3, not ${scheme}`, {
      hint: "name an s3:// location that the cluster's role may use",
      note: NOTHING_SENT,
      span: node.span,
    });
  }
  if (!text.includes("?")) return;
  throw new ShellError("engine/unsupported", "Redshift does not read the parameters of a URI", {
    hint: "say who asks with IAM_ROLE, or ACCESS_KEY_ID and SECRET_ACCESS_KEY, and where with REGION",
    note: NOTHING_SENT,
    span: node.span,
  });
}
