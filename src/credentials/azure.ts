// Who asks Azure, and in which of its clouds: the AUTH, AZURE_* and AZURE_ENVIRONMENT parameters of azure-blob and
// azure-kms URIs.
import { AzureAuthorityHosts, ClientSecretCredential, DefaultAzureCredential } from "@azure/identity";
import type { Location } from "../location.ts";
import { AZURE_FILE_VARIABLE, readAzureFile } from "./azure-file.ts";
import { endpointOf, unusableEndpoint, type CloudNetwork } from "./network.ts";

/** What Azure's libraries take for a credential. */
export interface AzureIdentity {
  getToken: ClientSecretCredential["getToken"];
}

/** The addresses of one of Azure's clouds. Source: Azure's own table of cloud environments. */
export interface AzureCloud {
  /** Gives tokens. */
  readonly authority: string;
  /** After the vault's name. */
  readonly vaultSuffix: string;
  /** After the account's name and `.blob.`. */
  readonly storageSuffix: string;
}

const PUBLIC: AzureCloud = {
  authority: AzureAuthorityHosts.AzurePublicCloud,
  vaultSuffix: "vault.azure.net",
  storageSuffix: "core.windows.net",
};

const CLOUDS: Readonly<Record<string, AzureCloud>> = {
  azurepubliccloud: PUBLIC,
  azureusgovernmentcloud: {
    authority: AzureAuthorityHosts.AzureGovernment,
    vaultSuffix: "vault.usgovcloudapi.net",
    storageSuffix: "core.usgovcloudapi.net",
  },
  azurechinacloud: {
    authority: AzureAuthorityHosts.AzureChina,
    vaultSuffix: "vault.azure.cn",
    storageSuffix: "core.chinacloudapi.cn",
  },
  azuregermancloud: {
    authority: AzureAuthorityHosts.AzureGermany,
    vaultSuffix: "vault.microsoftazure.de",
    storageSuffix: "core.cloudapi.de",
  },
};

/** The cloud that AZURE_ENVIRONMENT names, in any case; the public one when it is not given. */
export function azureCloud(location: Location): AzureCloud {
  return CLOUDS[(location.text("AZURE_ENVIRONMENT") ?? "").toLowerCase()] ?? PUBLIC;
}

/** Another place that gives tokens. */
export interface AzureAuthority {
  readonly url: string;
  /** The certificate, in PEM, that its own is signed by, if the system does not trust it. */
  readonly ca?: string;
}

/** Azure's own tools know it, too. */
const AUTHORITY_VARIABLE = "AZURE_AUTHORITY_HOST";

export interface AzureIdentityOptions {
  readonly network: CloudNetwork;
  /** Replaces the cloud's own. */
  readonly authority?: AzureAuthority | undefined;
}

/**
 * The identity a location asks for: its service principal, or for AUTH=implicit that of this machine, which is the
 * file that COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE names when it is set. Nothing is asked of Azure before the
 * first call.
 */
export function azureIdentity(location: Location, { network, authority }: AzureIdentityOptions): AzureIdentity {
  const authorityHost = authority?.url ?? ownAuthority(location, network);
  const options = {
    authorityHost,
    retryOptions: { maxRetries: 1, retryDelayInMs: 300, maxRetryDelayInMs: 1000 },
    // Microsoft's directory of authorities knows nobody but its own.
    ...(isMicrosofts(authorityHost) ? {} : { disableInstanceDiscovery: true }),
    ...(authority?.ca === undefined ? {} : { tlsOptions: { ca: authority.ca } }),
  };
  if (location.text("AUTH") === "implicit") {
    const file = network.variables[AZURE_FILE_VARIABLE] ?? "";
    return file === "" ? new DefaultAzureCredential(options) : fileIdentity(file, options);
  }
  const secret = location.secret("AZURE_CLIENT_SECRET")?.reveal() ?? "";
  return new ClientSecretCredential(
    location.text("AZURE_TENANT_ID") ?? "",
    location.text("AZURE_CLIENT_ID") ?? "",
    secret,
    options,
  );
}

/** What the URI says goes before what the environment says. Throws `location/invalid` for what is no address. */
function ownAuthority(location: Location, network: CloudNetwork): string {
  const named =
    location.text("AZURE_ENVIRONMENT") === undefined ? endpointOf(network, AUTHORITY_VARIABLE, "https://") : undefined;
  if (named === undefined) return azureCloud(location).authority;
  if (named.startsWith("https:")) return named;
  throw unusableEndpoint(AUTHORITY_VARIABLE, "secrets are sent there, so it must be https");
}

function isMicrosofts(authority: string): boolean {
  const host = URL.parse(authority)?.host;
  return Object.values(CLOUDS).some((cloud) => new URL(cloud.authority).host === host);
}

/** The file is read for every token, as it may be replaced while this runs. */
function fileIdentity(
  path: string,
  options: NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>,
): AzureIdentity {
  return {
    getToken: async (scopes, tokenOptions) => {
      const { tenantId, clientId, clientSecret } = await readAzureFile(path);
      const credential = new ClientSecretCredential(tenantId, clientId, clientSecret.reveal(), options);
      return credential.getToken(scopes, tokenOptions);
    },
  };
}
