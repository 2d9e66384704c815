// The table of URI schemes and their parameters. Source of names and values: CockroachDB's documentation of cloud
// storage and of encrypted backups; `file` and `local-kms` are our own.
import type { LocationKind } from "./location.ts";

export interface ParameterRule {
  /** Hidden wherever the URI is printed. */
  readonly secret?: true;
  /** The only values there are; absent when any text will do. */
  readonly values?: readonly string[];
  /** The address of a server. */
  readonly address?: true;
}

/** How the URI says who is asking. */
export interface CredentialRule {
  /** Sets of parameters of which one must be there whole when AUTH is `specified`. */
  readonly oneOf: readonly (readonly string[])[];
  /** The complaint when none is there; the default names the first missing parameter of the first set. */
  readonly missing?: string;
}

export interface SchemeRule {
  readonly kind: LocationKind;
  readonly scheme: string;
  readonly aliases: readonly string[];
  /** What stands between `//` and the next `/`; `none` when nothing may. */
  readonly host: "bucket" | "container" | "node" | "connection" | "none";
  readonly parameters: Readonly<Record<string, ParameterRule>>;
  readonly credentials?: CredentialRule;
  /** Parameters without which the URI means nothing, with the complaint. */
  readonly required: Readonly<Record<string, string>>;
  /** For hints. */
  readonly example: string;
}

const ANY: ParameterRule = {};
const SECRET: ParameterRule = { secret: true };
const FLAG: ParameterRule = { values: ["true", "false"] };
const ADDRESS: ParameterRule = { address: true };
const AUTH: ParameterRule = { values: ["specified", "implicit"] };
const LOCALITY = { COCKROACH_LOCALITY: ANY };

const AWS_KEYS = { AWS_ACCESS_KEY_ID: ANY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: SECRET };
const AWS_CREDENTIALS: CredentialRule = { oneOf: [["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]] };
const GOOGLE_KEYS = { CREDENTIALS: SECRET, BEARER_TOKEN: SECRET };
const GOOGLE_CREDENTIALS: CredentialRule = {
  oneOf: [["CREDENTIALS"], ["BEARER_TOKEN"]],
  missing: 'CREDENTIALS or BEARER_TOKEN must be set if "AUTH" is "specified"',
};
const AZURE_CLIENT = ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"];
const AZURE_KEYS = { AZURE_CLIENT_ID: ANY, AZURE_CLIENT_SECRET: SECRET, AZURE_TENANT_ID: ANY };
const AZURE_CLOUDS: ParameterRule = {
  values: ["AzurePublicCloud", "AzureUSGovernmentCloud", "AzureChinaCloud", "AzureGermanCloud"],
};

export const SCHEMES: readonly SchemeRule[] = [
  {
    kind: "storage",
    scheme: "s3",
    aliases: [],
    host: "bucket",
    parameters: {
      AUTH,
      ...AWS_KEYS,
      AWS_ENDPOINT: ADDRESS,
      AWS_REGION: ANY,
      AWS_USE_PATH_STYLE: FLAG,
      AWS_SKIP_CHECKSUM: FLAG,
      AWS_SKIP_TLS_VERIFY: FLAG,
      S3_STORAGE_CLASS: {
        values: [
          "STANDARD",
          "REDUCED_REDUNDANCY",
          "STANDARD_IA",
          "ONEZONE_IA",
          "INTELLIGENT_TIERING",
          "GLACIER",
          "DEEP_ARCHIVE",
          "OUTPOSTS",
          "GLACIER_IR",
        ],
      },
      AWS_SERVER_ENC_MODE: { values: ["aws:kms", "AES256"] },
      AWS_SERVER_KMS_ID: ANY,
      ASSUME_ROLE: ANY,
      ...LOCALITY,
    },
    credentials: AWS_CREDENTIALS,
    required: {},
    example: "s3://bucket/prefix?AUTH=implicit",
  },
  {
    kind: "storage",
    scheme: "gs",
    aliases: [],
    host: "bucket",
    parameters: { AUTH, ...GOOGLE_KEYS, GOOGLE_BILLING_PROJECT: ANY, ASSUME_ROLE: ANY, ...LOCALITY },
    credentials: GOOGLE_CREDENTIALS,
    required: {},
    example: "gs://bucket/prefix?AUTH=implicit",
  },
  {
    kind: "storage",
    scheme: "azure-blob",
    aliases: ["azure", "azure-storage"],
    host: "container",
    parameters: {
      AUTH,
      AZURE_ACCOUNT_NAME: ANY,
      AZURE_ACCOUNT_KEY: SECRET,
      ...AZURE_KEYS,
      AZURE_ENVIRONMENT: AZURE_CLOUDS,
      ...LOCALITY,
    },
    credentials: {
      oneOf: [["AZURE_ACCOUNT_KEY"], AZURE_CLIENT],
      missing: `AUTH is set to 'specified', but neither AZURE_ACCOUNT_KEY nor all of ${AZURE_CLIENT.join(", ")} are set`,
    },
    required: { AZURE_ACCOUNT_NAME: "azure-blob AZURE_ACCOUNT_NAME parameter not specified" },
    example: "azure-blob://container/prefix?AZURE_ACCOUNT_NAME=account&AUTH=implicit",
  },
  {
    kind: "storage",
    scheme: "file",
    aliases: [],
    host: "none",
    parameters: LOCALITY,
    required: {},
    example: "file:///var/backups",
  },
  {
    kind: "storage",
    scheme: "nodelocal",
    aliases: [],
    host: "node",
    parameters: LOCALITY,
    required: {},
    example: "nodelocal://1/backups",
  },
  {
    kind: "storage",
    scheme: "external",
    aliases: [],
    host: "connection",
    parameters: LOCALITY,
    required: {},
    example: "external://connection/path",
  },
  {
    kind: "kms",
    scheme: "aws-kms",
    aliases: ["aws"],
    host: "none",
    parameters: { AUTH, ...AWS_KEYS, REGION: ANY, AWS_ENDPOINT: ADDRESS, ASSUME_ROLE: ANY },
    credentials: AWS_CREDENTIALS,
    required: { REGION: "aws kms REGION parameter not specified" },
    example: "aws-kms:///alias/backup?REGION=eu-west-1&AUTH=implicit",
  },
  {
    kind: "kms",
    scheme: "gcp-kms",
    aliases: ["gs"],
    host: "none",
    parameters: { AUTH, ...GOOGLE_KEYS, ASSUME_ROLE: ANY },
    credentials: GOOGLE_CREDENTIALS,
    required: {},
    example: "gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/k?AUTH=implicit",
  },
  {
    kind: "kms",
    scheme: "azure-kms",
    aliases: [],
    host: "none",
    parameters: { AUTH, ...AZURE_KEYS, AZURE_VAULT_NAME: ANY, AZURE_ENVIRONMENT: AZURE_CLOUDS },
    credentials: { oneOf: [AZURE_CLIENT] },
    required: { AZURE_VAULT_NAME: "kms URI expected but did not receive: AZURE_VAULT_NAME" },
    example: "azure-kms:///key/version?AZURE_VAULT_NAME=vault&AUTH=implicit",
  },
  {
    kind: "kms",
    scheme: "local-kms",
    aliases: [],
    host: "none",
    parameters: { KEYRING: ANY },
    required: {},
    example: "local-kms:///name",
  },
  {
    kind: "kms",
    scheme: "external",
    aliases: [],
    host: "connection",
    parameters: {},
    required: {},
    example: "external://connection",
  },
];

/** Schemes that CockroachDB knows and that cannot serve here, with the reason. */
export const REFUSED_SCHEMES: Readonly<Record<string, string>> = {
  userfile: "its content lives in SQL tables of the CockroachDB cluster, and only the cluster reads it",
  http: "a web server can neither list files nor refuse to overwrite one",
  https: "a web server can neither list files nor refuse to overwrite one",
  "file-http": "a web server can neither list files nor refuse to overwrite one",
  "file-https": "a web server can neither list files nor refuse to overwrite one",
  null: "what is written there cannot be read back",
};

/** The rule for a scheme as typed, by name or alias. */
export function findScheme(kind: LocationKind, scheme: string): SchemeRule | undefined {
  const name = scheme.toLowerCase();
  return SCHEMES.find((rule) => rule.kind === kind && (rule.scheme === name || rule.aliases.includes(name)));
}

/** Every name a scheme of this kind can be typed by. */
export function schemeNames(kind: LocationKind): readonly string[] {
  return SCHEMES.filter((rule) => rule.kind === kind).flatMap((rule) => [rule.scheme, ...rule.aliases]);
}

/** Every parameter that any scheme knows. */
export const KNOWN_PARAMETERS: ReadonlySet<string> = new Set(SCHEMES.flatMap((rule) => Object.keys(rule.parameters)));
