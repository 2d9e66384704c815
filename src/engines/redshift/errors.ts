import { ShellError } from "../../errors.ts";

/** What to do about messages whose cause is known; the wording drifts, so that parts of it are looked for. */
const HINTS: readonly (readonly [part: RegExp, hint: string])[] = [
  [/Error PermanentRedirect|must be addressed using the specified endpoint/, "add REGION 'the region of the bucket'"],
  [
    /S3ServiceException:\s*Access Denied|Error AccessDenied/i,
    "UNLOAD needs s3:PutObject, COPY s3:GetObject, both s3:ListBucket, and the key's kms rights where S3 encrypts with one",
  ],
  [/Manifest file is not in correct json format/, "name the manifest itself; it must not be encrypted client-side"],
  [/The specified S3 prefix .* does not exist/, "no object begins with it; an UNLOAD without rows writes none"],
  [/LOAD source is not supported/i, "Redshift loads from S3, EMR and DynamoDB only; \\copy and STDIN need PostgreSQL"],
];

/**
 * A Redshift error as people read it. Its detail is a block between two rules, "  error:  …" and "  query:     …";
 * it becomes one fact a line. What is no error of the server stays as it is.
 */
export function tidied(thrown: unknown): unknown {
  if (!(thrown instanceof ShellError) || thrown.code !== "engine/failed") return thrown;
  const detail = thrown.detail.map(tidyLine).filter((line) => line !== "");
  const said = [thrown.message, ...detail].join("\n");
  const hint = thrown.hint ?? HINTS.find(([part]) => part.test(said))?.[1];
  return thrown.with({ detail, ...(hint === undefined ? {} : { hint }) });
}

function tidyLine(line: string): string {
  const trimmed = line.trim();
  return /^-{5,}$/.test(trimmed) ? "" : trimmed.replace(/^(\w+):\s{2,}/, "$1: ");
}

/** The query's number in an error's detail. */
export function queryIdOf(error: ShellError): string | undefined {
  return error.detail.map((line) => /^query:\s*(\d+)$/.exec(line.trim())?.[1]).find((id) => id !== undefined);
}
