// What \h says of our statements beside their syntax: what each is for, what to know of it, and what its options mean.
// In short what docs/statements says at length.

export interface HelpTopic {
  /** The words that the statement begins with. */
  readonly name: string;
  readonly summary: string;
  readonly notes: readonly string[];
  /** Names of a text or an expression in the syntax, by how the grammar writes it. */
  readonly names?: readonly (readonly [written: string, shown: string])[];
  /** A complete statement. */
  readonly example?: string;
}

const COLLECTION = "{ LATEST | 'folder' }";
const NOT_YET = "Read and checked, but not carried out yet.";

export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: "BACKUP",
    summary: "copy tables, databases or the whole server into a collection",
    notes: [
      "Without targets: every database one can connect to, and the roles.",
      "Takes one instant of each database. Nothing is listed before all of it is written.",
    ],
    names: [
      ["{ LATEST | 'text' }", COLLECTION],
      ["{ number | 'text' }", "id"],
    ],
    example: "BACKUP DATABASE shop INTO 's3://bucket/backups?AUTH=implicit' WITH kms = 'external://key';",
  },
  {
    name: "RESTORE",
    summary: "bring back what a backup holds",
    notes: [
      "What is there already is never overwritten: names that are taken are listed first, and nothing is changed.",
      "A restore that fails leaves the database as it was. Any one key of the backup is enough.",
    ],
    names: [
      ["[ 'text' IN ]", `${COLLECTION} IN`],
      ["{ number | 'text' }", "id"],
    ],
    example: "RESTORE TABLE orders FROM LATEST IN 'external://backups' WITH into_db = 'shop';",
  },
  {
    name: "SHOW BACKUPS",
    summary: "list the backups of a collection",
    notes: ["Oldest first. Needs no key."],
    example: "SHOW BACKUPS IN 'external://backups';",
  },
  {
    name: "SHOW BACKUP",
    summary: "what a backup holds",
    notes: ["One row per database, schema, type, function and table. FILES shows the data files instead."],
    names: [["[ FROM ] [ 'text' IN ]", `FROM ${COLLECTION} IN`]],
    example: "SHOW BACKUP FROM LATEST IN 'external://backups' WITH check_files, kms = 'external://key';",
  },
  {
    name: "SHOW BACKUP KEYS",
    summary: "which key opens which backup of a collection",
    notes: ["One row per backup and key; on a terminal a matrix. With test every key is asked to unwrap."],
    example: "SHOW BACKUP KEYS IN 'external://backups' WITH kms = ('external://key', 'external://other'), test;",
  },
  {
    name: "VERIFY BACKUP",
    summary: "read and authenticate every byte of a backup",
    notes: ["Nothing is restored."],
    names: [["FROM 'text' IN", `FROM ${COLLECTION} IN`]],
    example: "VERIFY BACKUP FROM LATEST IN 'external://backups' WITH kms = 'external://key';",
  },
  {
    name: "ALTER BACKUP",
    summary: "add master keys to a backup",
    notes: ["The data are not written again: the data key is wrapped by the new keys too."],
    names: [["[ 'text' IN ]", `${COLLECTION} IN`]],
    example:
      "ALTER BACKUP LATEST IN 'external://backups' ADD NEW_KMS = 'external://new' WITH OLD_KMS = 'external://old';",
  },
  {
    name: "UNLOAD",
    summary: "write the rows of a query into files",
    notes: ["Options stand in any order. The query may be quoted, in dollars, or stand as it is."],
    names: [["TO 'text'", "TO 'prefix'"]],
    example: "UNLOAD (SELECT * FROM orders) TO 's3://bucket/orders/' FORMAT PARQUET WITH kms = 'external://key';",
  },
  {
    name: "COPY",
    summary: "load files from storage into a table",
    notes: [
      "The source is a storage URI: the beginning of the files' names, or a manifest. Any other COPY is the database's.",
      "Either all rows are loaded or none. \\errors shows the rows that were refused.",
    ],
    names: [["FROM 'text'", "FROM 'prefix or manifest'"]],
    example: "COPY orders FROM 's3://bucket/orders/' FORMAT PARQUET WITH kms = 'external://key';",
  },
  ...(["CREATE", "ALTER"] as const).map((verb) => ({
    name: `${verb} EXTERNAL CONNECTION`,
    summary: verb === "CREATE" ? "give a place or a key a name" : "give a name another URI",
    notes: ["external://name then stands for the URI, with its credentials."],
    names: [["'text' AS 'text'", "name AS 'uri'"]] as const,
    example: `${verb} EXTERNAL CONNECTION backups AS 's3://bucket/backups?AUTH=implicit';`,
  })),
  {
    name: "DROP EXTERNAL CONNECTION",
    summary: "forget a name",
    notes: ["What it leads to stays as it is."],
    names: [["'text'", "name"]],
  },
  { name: "SHOW EXTERNAL CONNECTIONS", summary: "the names there are", notes: ["Secrets are hidden."] },
  {
    name: "CHECK EXTERNAL CONNECTION",
    summary: "write, read and delete a probe",
    notes: [],
    names: [
      ["CONNECTION 'text'", "CONNECTION 'uri'"],
      ["time = 'text'", "time = 'duration'"],
    ],
  },
  {
    name: "CREATE KMS KEY",
    summary: "a new master key in the local keyring",
    notes: ["Keys of the clouds are made in the clouds."],
    names: [["'text'", "'local-kms:///name'"]],
  },
  { name: "CHECK KMS", summary: "wrap and unwrap a probe with a master key", notes: [] },
  {
    name: "ENCRYPT VALUE",
    summary: "encrypt a short text with a master key",
    notes: ["DECRYPT VALUE gives it back."],
  },
  { name: "DECRYPT VALUE", summary: "decrypt what ENCRYPT VALUE gave", notes: [] },
  {
    name: "SHOW JOBS",
    summary: "the jobs of this session",
    notes: ["WITH detached makes a job of a BACKUP or a RESTORE."],
  },
  { name: "PAUSE JOB", summary: "hold a job", notes: [], names: [["expression", "id"]] },
  { name: "RESUME JOB", summary: "go on with a job", notes: [], names: [["expression", "id"]] },
  { name: "CANCEL JOB", summary: "end a job and undo it", notes: [], names: [["expression", "id"]] },
  {
    name: "SET EXECUTION",
    summary: "who carries out our statements: this program or the server",
    notes: ["auto asks the server where it can, and does the work itself elsewhere."],
    names: [["EXECUTION { = | TO } { CLIENT | SERVER | AUTO | 'text' }", "execution = { client | server | auto }"]],
  },
  { name: "SHOW EXECUTION", summary: "who carries out our statements", notes: [] },
  { name: "CREATE SCHEDULE", summary: "back up again and again", notes: [NOT_YET] },
  { name: "ALTER BACKUP SCHEDULE", summary: "change a schedule", notes: [NOT_YET] },
  { name: "SHOW SCHEDULES", summary: "list schedules", notes: [NOT_YET] },
  { name: "COPY JOB", summary: "load files as they arrive", notes: [NOT_YET] },
  { name: "CREATE TEMPLATE", summary: "a name for options of COPY", notes: [NOT_YET] },
];

/** Of options that no other database has. */
export const CLUSTER = "CockroachDB only";

/** What an option means, by its first word. */
export const OPTION_NOTES: Readonly<Record<string, string>> = {
  kms: "master keys; any one of them opens what they sealed",
  encryption_passphrase: "a passphrase instead of keys",
  revision_history: CLUSTER,
  detached: "go on beside the session",
  rows: "'binary' or 'text', for portability",
  into_db: "RESTORE TABLE: into this database",
  new_db_name: "RESTORE DATABASE: under this name",
  schema_only: "definitions without rows",
  verify_backup_table_data: "with schema_only: read the rows too",
  skip_missing_foreign_keys: "leave out keys to tables that are not there",
  skip_missing_sequences: "leave out defaults that use what is missing",
  skip_missing_sequence_owners: "leave out ownership by what is missing",
  skip_missing_views: "leave out views that need what is missing",
  skip_missing_udfs: "leave out functions that need what is missing",
  check_files: "look for every file and its size",
  as_json: "the whole manifest as JSON",
  privileges: "owners and rights too",
  debug_ids: "object ids too",
  skip: "no sizes and no counts",
  IAM_ROLE: "the role that reads or writes the storage",
  MASTER_SYMMETRIC_KEY: "the key of client-side encrypted files",
  MANIFEST: "a list of the files",
  FORMAT: "what the files are",
  PARTITION: "a folder for each value of these columns",
  MAXFILESIZE: "files no larger than this",
  PARALLEL: "one file after the other when OFF",
  ALLOWOVERWRITE: "replace files that are there",
  CLEANPATH: "delete what is there first",
  IGNOREHEADER: "skip the first lines",
  MAXERROR: "refused rows that are put up with",
  NOLOAD: "check the files without loading",
  TRUNCATECOLUMNS: "cut texts that are too long",
  CREDENTIALS: "keys or a role in one text",
  ACCESS_KEY_ID: "with SECRET_ACCESS_KEY: who signs in",
  SESSION_TOKEN: "with keys that hold for a while",
  ENCRYPTED: "client-side encrypted files",
  REGION: "of the bucket, where it is another",
  DELIMITER: "what parts fields",
  FIXEDWIDTH: "fields by their width",
  ADDQUOTES: "quotes around every field",
  REMOVEQUOTES: "take quotes off the fields",
  ESCAPE: "a backslash before what is special",
  NULL: "the text that is no value",
  HEADER: "a first line with the names of the columns",
  ACCEPTINVCHARS: "put something for what is no UTF-8",
  BLANKSASNULL: "fields of blanks are no values",
  EMPTYASNULL: "empty fields are no values",
  DATEFORMAT: "how dates are written",
  TIMEFORMAT: "how times are written",
  ACCEPTANYDATE: "dates that are none become NULL",
  EXPLICIT_IDS: "the files hold the identity column",
  FILLRECORD: "columns missing at the end are NULL",
  IGNOREBLANKLINES: "skip empty lines",
  IGNOREALLERRORS: "put up with any number of refused rows",
  ROUNDEC: "round digits that have no room",
  TRIMBLANKS: "take blanks off the ends",
  QUOTE: "CSV: what stands around fields",
  include_all_virtual_clusters: CLUSTER,
  updates_cluster_monitoring_metrics: CLUSTER,
  experimental: CLUSTER,
  grants: CLUSTER,
  remove_regions: CLUSTER,
  skip_localities_check: CLUSTER,
  unsafe_restore_incompatible_version: CLUSTER,
  virtual_cluster: CLUSTER,
  virtual_cluster_name: CLUSTER,
  strict: CLUSTER,
};

/** Statements that are not in the grammar under their own rule. */
export const EXPLAIN_TOPIC = {
  name: "EXPLAIN",
  summary: "who would carry out one of our statements, and what is wrong with it",
  syntax: ["EXPLAIN", "statement"],
  notes: ["Nothing is changed. EXPLAIN of any other statement is the database's."],
} as const;
