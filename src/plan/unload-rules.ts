// Which clauses of UNLOAD exclude or need each other. Source: Redshift's documentation of UNLOAD; what it has no
// clause for is marked as ours.
import { atMostOne, type Exclusion, type Requirement } from "./exclusions.ts";

/** The name of a master key given inside CREDENTIALS. */
export const KEY_IN_CREDENTIALS = "master_symmetric_key in CREDENTIALS";

/** The name of a target that is not S3's. */
export const OUTSIDE_S3 = "a target outside S3";

const ONE_KEY = "one kind of key is enough";

export const UNLOAD_EXCLUSIONS: readonly Exclusion[] = [
  ...atMostOne(["CSV", "PARQUET", "JSON"]),
  ...atMostOne(["BZIP2", "GZIP", "ZSTD"]),
  { option: "CSV", not: ["FIXEDWIDTH", "ADDQUOTES", "ESCAPE"] },
  {
    option: "PARQUET",
    not: ["DELIMITER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL AS", "HEADER", "GZIP", "BZIP2", "ZSTD"],
  },
  {
    option: "PARQUET",
    not: ["MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS],
    hint: "ENCRYPTED PARQUET takes KMS_KEY_ID; WITH kms = 'uri' encrypts the files as a whole",
  },
  { option: "JSON", not: ["DELIMITER", "HEADER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL AS"] },
  { option: "FIXEDWIDTH", not: ["DELIMITER", "HEADER"] },
  { option: "CLEANPATH", not: ["ALLOWOVERWRITE"] },
  {
    option: "KMS_KEY_ID",
    not: ["CREDENTIALS"],
    hint: "say who asks with IAM_ROLE, or ACCESS_KEY_ID and SECRET_ACCESS_KEY",
  },
  {
    option: "MASTER_SYMMETRIC_KEY",
    not: ["CREDENTIALS"],
    hint: "add ;master_symmetric_key= to the CREDENTIALS string",
  },
  { option: "MASTER_SYMMETRIC_KEY", not: ["KMS_KEY_ID"], hint: ONE_KEY },
  { option: "ENCRYPTED AUTO", not: ["KMS_KEY_ID", "MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS], hint: ONE_KEY },
  { option: KEY_IN_CREDENTIALS, not: ["KMS_KEY_ID"], hint: ONE_KEY },
  { option: "IAM_ROLE", not: ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CREDENTIALS"] },
  { option: "CREDENTIALS", not: ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"] },
  // Ours.
  ...["kms", "encryption_passphrase"].map((option) => ({
    option,
    not: ["ENCRYPTED AUTO", "KMS_KEY_ID", "MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS],
    hint: ONE_KEY,
  })),
  {
    option: "kms",
    not: ["encryption_passphrase"],
    message: () => "cannot have both encryption_passphrase and kms option set",
    hint: ONE_KEY,
  },
];

export const UNLOAD_REQUIREMENTS: readonly Requirement[] = [
  { option: "ROWGROUPSIZE", needs: ["PARQUET"] },
  { option: "KMS_KEY_ID", needs: ["ENCRYPTED"] },
  { option: "MASTER_SYMMETRIC_KEY", needs: ["ENCRYPTED"] },
  { option: KEY_IN_CREDENTIALS, needs: ["ENCRYPTED"] },
  {
    option: "ENCRYPTED",
    beside: "PARQUET",
    needs: ["KMS_KEY_ID", "ENCRYPTED AUTO", "kms", "encryption_passphrase"],
    hint: "add KMS_KEY_ID, or leave ENCRYPTED out: S3 encrypts with its own key anyway",
  },
  { option: "SESSION_TOKEN", needs: ["ACCESS_KEY_ID"] },
  { option: "SESSION_TOKEN", needs: ["SECRET_ACCESS_KEY"] },
  { option: "ACCESS_KEY_ID", needs: ["SECRET_ACCESS_KEY"] },
  { option: "SECRET_ACCESS_KEY", needs: ["ACCESS_KEY_ID"] },
  // Ours: other places than S3 have no encryption to ask for.
  {
    option: "ENCRYPTED",
    beside: OUTSIDE_S3,
    needs: ["MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS, "kms", "encryption_passphrase"],
    hint: "add WITH kms = 'uri'",
  },
];
