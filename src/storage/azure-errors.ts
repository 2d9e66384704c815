import { ShellError } from "../errors.ts";
import {
  clockMeaning,
  cloudError,
  deniedMeaning,
  field,
  networkMeaning,
  numberField,
  textField,
  type Action,
  type Meaning,
} from "./cloud-errors.ts";

/** Where an error happened, and what to ask for. */
export interface AzurePlace {
  readonly container: string;
  /** For messages. */
  readonly place: string;
  readonly action: Action;
  /** Who asks, when the store does not say. */
  readonly principal: string;
}

const READER = "the role Storage Blob Data Reader";
const CONTRIBUTOR = "the role Storage Blob Data Contributor";

const ROLES: Readonly<Record<Action, string>> = {
  "be written": CONTRIBUTOR,
  "be read": READER,
  "be looked at": READER,
  "be listed": READER,
  "be deleted": CONTRIBUTOR,
};

/** Source: Azure's lists of error codes for storage and for Blob storage. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  BlobNotFound: { code: "storage/not-found", reason: "there is no such object" },
  BlobAlreadyExists: { code: "storage/exists", reason: "it exists already" },
  AuthenticationFailed: {
    code: "location/credentials",
    reason: "the account key or the token is refused",
    hint: "check AZURE_ACCOUNT_KEY (in a URI its / + and = are written %2F %2B %3D)",
  },
  InvalidAuthenticationInfo: {
    code: "location/credentials",
    reason: "the token is refused",
    hint: "check AZURE_TENANT_ID and AZURE_ENVIRONMENT: the account trusts one tenant of one cloud",
  },
  KeyBasedAuthenticationNotPermitted: {
    code: "location/credentials",
    reason: "the account takes no account keys",
    hint: "use AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID, or AUTH=implicit",
  },
  AuthorizationFailure: {
    code: "storage/denied",
    reason: "access denied",
    hint: "check the account's firewall: it may not let this network in",
  },
  BlobArchived: { code: "storage/denied", reason: "the object is archived", hint: "bring it back to a warmer tier" },
  LeaseIdMissing: { code: "storage/denied", reason: "the object is leased to somebody else" },
  BlobImmutableDueToPolicy: { code: "storage/denied", reason: "a policy keeps the object from being changed" },
  InvalidBlockList: { code: "storage/unavailable", reason: "another writer wrote it at the same time" },
  RequestBodyTooLarge: { code: "storage/full", reason: "the store takes no object of this size" },
  BlockCountExceedsLimit: { code: "storage/full", reason: "the store takes no object of this size" },
};

/** An error of the SDK in the words of storage; an error of the house stays as it is. */
export function azureError(thrown: unknown, place: AzurePlace): unknown {
  if (thrown instanceof ShellError || !(thrown instanceof Error)) return thrown;
  const meaning = identityMeaning(thrown) ?? answerMeaning(thrown, place) ?? networkMeaning(thrown);
  return cloudError(place.place, place.action, meaning ?? statusMeaning(thrown), thrown);
}

/** The status of the store's answer; `undefined` when it gave none. */
export function azureStatus(thrown: unknown): number | undefined {
  return numberField(thrown, "statusCode");
}

/** The code of the store's answer, such as BlobNotFound; a HEAD gives it in a header only. */
export function azureCode(thrown: unknown): string | undefined {
  const own = textField(thrown, "code");
  return own ?? textField(field(thrown, "details"), "errorCode");
}

function identityMeaning(error: Error): Meaning | undefined {
  const isIdentity = /^(AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError)$/u.test(
    error.name,
  );
  if (error.name === "CredentialUnavailableError" || error.name === "AggregateAuthenticationError") {
    return {
      code: "location/credentials",
      reason: "this machine has no Azure credentials",
      hint: "run az login, or give AZURE_ACCOUNT_KEY or a service principal in the URI",
    };
  }
  if (!isIdentity) return undefined;
  const hasExpired = /AADSTS7000222|expired/u.test(error.message);
  return {
    code: "location/credentials",
    reason: hasExpired ? "the client secret has expired" : "the service principal is refused",
    hint: hasExpired
      ? "make a new secret for the application and give it in AZURE_CLIENT_SECRET"
      : "check AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_ENVIRONMENT",
  };
}

function answerMeaning(error: Error, { container, place, action, principal }: AzurePlace): Meaning | undefined {
  const code = azureCode(error) ?? "";
  if (code === "ContainerNotFound" || code === "ContainerBeingDeleted") {
    return {
      code: "storage/not-found",
      reason: `there is no container ${container}`,
      hint: "check the container's name and AZURE_ACCOUNT_NAME",
    };
  }
  const clock = code === "AuthenticationFailed" ? clockMeaning(error) : undefined;
  if (clock !== undefined) return clock;
  const known = MEANINGS[code];
  if (known !== undefined) return known;
  const status = azureStatus(error);
  if (status === 401) return MEANINGS["InvalidAuthenticationInfo"];
  if (status !== 403) return undefined;
  return deniedMeaning(ROLES[action], principal, action === "be listed" ? `container ${container}` : place);
}

function statusMeaning(error: Error): Meaning {
  const status = azureStatus(error);
  if (status === undefined)
    return { code: "storage/unavailable", reason: "the request failed", detail: [error.message] };
  if (status === 404) return { code: "storage/not-found", reason: "there is no such object" };
  const detail = [`the store answered ${status} ${azureCode(error) ?? ""}`.trim()];
  if (status === 412) return { code: "storage/exists", reason: "it exists already" };
  if (status >= 500 || status === 429 || status === 408)
    return { code: "storage/unavailable", reason: "the store is not able to answer", detail };
  return { code: "storage/denied", reason: "the store refuses the request", detail };
}
