import { networkReason } from "../std/network-reason.ts";
import { keyFailure, noMatch } from "./calling.ts";
import type { KeyError } from "./key-error.ts";

export interface AzureCall {
  readonly label: string;
  readonly operation: "encrypt" | "decrypt" | "get" | "create";
  readonly vault: string;
  /** Who asks, when Azure does not say. */
  readonly principal: string;
}

/** `undefined` for an error that is none of Azure's: then the network's. */
export function explainAzure(thrown: unknown, call: AzureCall): KeyError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { label, vault } = call;
  const reason = networkReason(thrown);
  if (reason !== undefined)
    return keyFailure(label, "unreachable", `cannot be reached: ${vault}: ${reason}`, { cause: thrown });
  // MSAL's words for a network that leads to nobody.
  if (/endpoints_resolution_error|openid_config_error|network_error|no_network_connectivity/u.test(thrown.message))
    return keyFailure(label, "unreachable", "cannot be reached: Microsoft Entra gives no token", { cause: thrown });
  if (
    /^(AuthenticationError|AggregateAuthenticationError|CredentialUnavailableError|AuthenticationRequiredError)$/u.test(
      thrown.name,
    )
  )
    return badCredentials(thrown, label);
  const status = "statusCode" in thrown ? thrown.statusCode : undefined;
  switch (status) {
    case 400:
      return badRequest(thrown, call);
    case 401:
      return badCredentials(thrown, label);
    case 403:
      return forbidden(thrown, call);
    case 404:
      return keyFailure(label, "not found", `is not in ${vault}`, {
        hint: "check the key's name and version; a deleted key may be recoverable: az keyvault key list-deleted",
        cause: thrown,
      });
    case 429:
      return keyFailure(label, "throttled", "is asked too often", { cause: thrown });
  }
  if (typeof status !== "number" || status < 500) return undefined;
  return keyFailure(label, "unreachable", `cannot answer: ${vault} has a fault of its own`, { cause: thrown });
}

/** Azure's word for the case, which is more than the status: `error.innererror.code` of the answer. */
function innerCode(error: Error): string {
  const details: unknown = "details" in error ? error.details : undefined;
  const found = /"inner[eE]rror":\{[^{}]*"code":"(\w+)"/u.exec(JSON.stringify(details ?? {}));
  return found?.[1] ?? "";
}

function badRequest(cause: Error, { label, operation }: AzureCall): KeyError {
  if (operation === "decrypt") return noMatch(label, cause);
  if (!isUse(operation))
    return keyFailure(label, "invalid uri", "cannot be the name of a key", {
      hint: "use letters, digits and dashes",
      cause,
    });
  return keyFailure(label, "invalid uri", "names no RSA key that may encrypt", {
    hint: "create an RSA key whose operations include encrypt and decrypt",
    cause,
  });
}

function forbidden(cause: Error, call: AzureCall): KeyError {
  const { label, vault } = call;
  switch (innerCode(cause)) {
    case "KeyDisabled":
      return keyFailure(label, "disabled", "is disabled", { hint: "enable the key's version in the vault", cause });
    case "KeyExpired":
      return keyFailure(label, "disabled", "has expired", {
        hint: "give the key's version another expiry date",
        cause,
      });
    case "KeyNotYetValid":
      return keyFailure(label, "disabled", "is not valid yet", { hint: "look at the key's activation date", cause });
    case "ForbiddenByFirewall":
    case "ForbiddenByConnection":
      return keyFailure(label, "denied", `may not be used: the firewall of ${vault} lets nobody in from here`, {
        hint: "add this machine's address to the vault's network rules",
        cause,
      });
    default:
      return denied(cause, call);
  }
}

/** Who asked is in the sentence: `Caller: appid=…;oid=…` with roles, `application 'appid=…;…'` with access policies. */
function denied(cause: Error, { label, operation, vault, principal }: AzureCall): KeyError {
  const id = /\bappid=([\w-]+)/iu.exec(cause.message)?.[1];
  const who = id === undefined ? principal : `the application ${id}`;
  const resource = /Resource: '([^']+)'/u.exec(cause.message)?.[1];
  return keyFailure(label, "denied", `may not be used: keys/${operation} is not allowed for ${who}`, {
    ...(resource === undefined ? {} : { detail: [`resource: ${resource}`] }),
    hint: isUse(operation)
      ? `allow keys/encrypt and keys/decrypt, as the role Key Vault Crypto User does, on ${vault}`
      : `allow keys/get and keys/create, as the role Key Vault Crypto Officer does, on ${vault}`,
    cause,
  });
}

function isUse(operation: AzureCall["operation"]): boolean {
  return operation === "encrypt" || operation === "decrypt";
}

/** Numbers of Microsoft Entra's errors. */
const SAID: Readonly<Record<string, string>> = {
  AADSTS7000215: "the client secret is wrong",
  AADSTS7000222: "the client secret has expired",
  AADSTS700016: "the tenant has no such client",
  AADSTS90002: "there is no such tenant",
};

function badCredentials(cause: Error, label: string): KeyError {
  const number = /AADSTS\d+/u.exec(cause.message)?.[0];
  const said = number === undefined ? undefined : (SAID[number] ?? number);
  const isMissing = cause.name === "CredentialUnavailableError" || cause.name === "AggregateAuthenticationError";
  if (isMissing)
    return keyFailure(label, "bad credentials", "cannot be asked: this machine has no Azure credentials of its own", {
      hint: "run az login, or set AUTH=specified with a service principal",
      cause,
    });
  return keyFailure(
    label,
    "bad credentials",
    `does not accept the credentials${said === undefined ? "" : `: ${said}`}`,
    {
      hint: "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
      cause,
    },
  );
}
