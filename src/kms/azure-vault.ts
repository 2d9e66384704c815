import type { CryptographyClientOptions } from "@azure/keyvault-keys";
import { azureCloud, azureIdentity, type AzureAuthority, type AzureIdentity } from "../credentials/azure.ts";
import { endpointOf, KEY_TIMES, unusableEndpoint, type CloudNetwork } from "../credentials/network.ts";
import type { Location } from "../location.ts";

/** Other addresses than Azure's own. */
export interface AzureKmsAddresses {
  readonly vault: string;
  readonly authority?: AzureAuthority;
}

const VARIABLE = "AZURE_KEY_VAULT_ENDPOINT";

/**
 * The vault that AZURE_KEY_VAULT_ENDPOINT names, if it names one.
 * @throws ShellError `location/invalid`
 */
export function azureEndpoint(network: CloudNetwork): AzureKmsAddresses | undefined {
  const text = endpointOf(network, VARIABLE);
  if (text === undefined) return undefined;
  const url = new URL(text);
  // What is sent there is the data key; Azure's library takes nothing but https anyway.
  if (url.protocol === "https:" && url.pathname === "/" && url.search === "") return { vault: url.origin };
  throw unusableEndpoint(VARIABLE, "it is no address of the form https://host");
}

/** The address of the vault a location names, and its host for messages. */
export function azureVault(
  location: Location,
  addresses: AzureKmsAddresses | undefined,
): { readonly url: string; readonly host: string } {
  if (addresses !== undefined) return { url: addresses.vault, host: new URL(addresses.vault).host };
  const host = `${location.text("AZURE_VAULT_NAME")}.${azureCloud(location).vaultSuffix}`;
  return { url: `https://${host}`, host };
}

/** Who asks, and how: the last two arguments of the library's clients. */
export function azureKeyClientOptions(
  location: Location,
  network: CloudNetwork,
  addresses: AzureKmsAddresses | undefined,
): [AzureIdentity, CryptographyClientOptions] {
  const maxRetryDelayInMs = network.times?.pauseMs ?? KEY_TIMES.pauseMs;
  const retryOptions = { maxRetries: 1, retryDelayInMs: Math.min(300, maxRetryDelayInMs), maxRetryDelayInMs };
  const ca = addresses?.authority?.ca;
  const elsewhere =
    addresses === undefined
      ? {}
      : { disableChallengeResourceVerification: true, ...(ca === undefined ? {} : { tlsOptions: { ca } }) };
  return [azureIdentity(location, { network, authority: addresses?.authority }), { retryOptions, ...elsewhere }];
}
