// Which clauses of COPY exclude or need each other. Source: Redshift's documentation of COPY; what it has no clause
// for is marked as ours.
import { atMostOne, type Exclusion, type Requirement } from "./exclusions.ts";
import { KEY_IN_CREDENTIALS } from "./unload-rules.ts";

/** The names of sources, as messages say them. */
export const EMR = "an EMR source";
export const DYNAMODB = "a DynamoDB source";
export const FILES = "a source of files";

const FORMATS = ["CSV", "AVRO", "JSON", "PARQUET", "ORC", "SHAPEFILE"];
const COMPRESSIONS = ["BZIP2", "GZIP", "LZOP", "ZSTD"];
const AUTHORIZATIONS = ["IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"];
const OUR_KEYS = ["kms", "encryption_passphrase"];
const ONE_KEY = "one kind of key is enough";

/** What shapes text. */
const NOT_NESTED = [
  "CSV",
  "DELIMITER",
  "ESCAPE",
  "FILLRECORD",
  "FIXEDWIDTH",
  "IGNOREBLANKLINES",
  "NULL AS",
  "READRATIO",
  "REMOVEQUOTES",
];

/** All that a file of columns goes together with. */
const COLUMNAR = {
  only: [
    FILES,
    ...AUTHORIZATIONS,
    "MANIFEST",
    "STATUPDATE",
    "EXPLICIT_IDS",
    "FILLRECORD",
    "ACCEPTINVCHARS",
    "SERIALIZETOJSON",
    // Refused by Redshift only where the region is not the cluster's own.
    "REGION",
    // Other ways to run the same COPY.
    "JOB CREATE",
    "IAM_ROLE DEFAULT",
    "USING TEMPLATE",
    // Ours: the files are encrypted as a whole.
    ...OUR_KEYS,
  ],
  message: (option: string, other: string) => `${other} argument is not supported for ${option} based COPY`,
};

export const COPY_EXCLUSIONS: readonly Exclusion[] = [
  { option: EMR, not: ["ENCRYPTED", "MANIFEST", "REGION", "READRATIO", "SSH", "ZSTD", "PARQUET", "ORC"] },
  {
    option: "SSH",
    not: ["MANIFEST"],
    hint: "leave out MANIFEST: with SSH the file after FROM is a list of hosts",
  },
  { option: "SSH", not: ["ENCRYPTED", "READRATIO", "ZSTD"] },
  {
    option: DYNAMODB,
    not: [
      ...FORMATS,
      "DELIMITER",
      "FIXEDWIDTH",
      ...COMPRESSIONS,
      "ESCAPE",
      "FILLRECORD",
      "IGNOREBLANKLINES",
      "IGNOREHEADER",
      "NULL AS",
      "REMOVEQUOTES",
      "ACCEPTINVCHARS",
      "MANIFEST",
      "ENCRYPTED",
      "SSH",
    ],
  },
  {
    option: "CSV",
    not: ["ESCAPE"],
    message: () => "CSV is not compatible with ESCAPE",
    hint: "leave out ESCAPE: CSV doubles a quote inside quotes",
  },
  { option: "CSV", not: ["FIXEDWIDTH", "REMOVEQUOTES"] },
  { option: "FIXEDWIDTH", not: ["DELIMITER", "ESCAPE"] },
  ...atMostOne(FORMATS),
  { option: "JSON", not: NOT_NESTED },
  { option: "AVRO", not: NOT_NESTED },
  { option: "SHAPEFILE", not: ["FIXEDWIDTH", "REMOVEQUOTES", "ESCAPE"] },
  // Ours: a shapefile has no delimiter to set.
  { option: "SHAPEFILE", not: ["DELIMITER"] },
  { option: "IGNOREALLERRORS", not: ["MAXERROR"] },
  { option: "PARQUET", ...COLUMNAR },
  { option: "ORC", ...COLUMNAR },
  ...atMostOne(COMPRESSIONS),
  {
    option: "MASTER_SYMMETRIC_KEY",
    not: ["CREDENTIALS"],
    hint: "add ;master_symmetric_key= to the CREDENTIALS string",
  },
  { option: "IAM_ROLE", not: ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CREDENTIALS"] },
  { option: "CREDENTIALS", not: ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"] },
  { option: FILES, not: ["READRATIO"], hint: "READRATIO is for dynamodb:// sources: leave it out" },
  {
    option: "JOB CREATE",
    not: ["MAXERROR", "IGNOREALLERRORS", "MANIFEST", "IAM_ROLE DEFAULT", ...AUTHORIZATIONS.slice(1)],
    hint: "a job runs without the shell: it takes IAM_ROLE 'arn' and no tolerance of errors",
  },
  // Ours.
  ...OUR_KEYS.map((option) => ({
    option,
    not: [EMR, DYNAMODB, "SSH", "JOB CREATE"],
    hint: "only files in storage can be decrypted here",
  })),
  ...OUR_KEYS.map((option) => ({ option, not: ["MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS], hint: ONE_KEY })),
  {
    option: "kms",
    not: ["encryption_passphrase"],
    message: () => "cannot have both encryption_passphrase and kms option set",
    hint: ONE_KEY,
  },
];

export const COPY_REQUIREMENTS: readonly Requirement[] = [
  { option: "QUOTE", needs: ["CSV"], templateMayHave: true },
  { option: "SERIALIZETOJSON", needs: ["PARQUET", "ORC"], templateMayHave: true },
  {
    option: "ENCRYPTED",
    needs: ["MASTER_SYMMETRIC_KEY", KEY_IN_CREDENTIALS, ...OUR_KEYS],
    hint: "ENCRYPTED says that the files are encrypted client-side: leave it out for what storage encrypted itself",
  },
  { option: "MASTER_SYMMETRIC_KEY", needs: ["ENCRYPTED"], templateMayHave: true },
  { option: DYNAMODB, needs: ["READRATIO"] },
  { option: "SESSION_TOKEN", needs: ["ACCESS_KEY_ID"] },
  { option: "SESSION_TOKEN", needs: ["SECRET_ACCESS_KEY"] },
  { option: "ACCESS_KEY_ID", needs: ["SECRET_ACCESS_KEY"] },
  { option: "SECRET_ACCESS_KEY", needs: ["ACCESS_KEY_ID"] },
  { option: "JOB CREATE", needs: ["IAM_ROLE"] },
];
