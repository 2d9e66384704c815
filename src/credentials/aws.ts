// Who is asking, for every service of AWS: keys in the URI, or what the machine has, and then roles taken on one
// after the other.
import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { Secret } from "../std/secret.ts";
import { endpointOf, type CloudNetwork } from "./network.ts";

/** The SDK's clients take this as `credentials`. */
export type AwsCredentials = ReturnType<typeof fromNodeProviderChain>;

type StsConfig = NonNullable<Parameters<typeof fromTemporaryCredentials>[0]["clientConfig"]>;

export interface AwsCredentialOptions {
  readonly region: string;
  /** The endpoint that answers for STS too, when the URI names one. */
  readonly endpoint: string | undefined;
  /** How to connect: proxies, certificates. */
  readonly requestHandler: StsConfig["requestHandler"];
}

export interface Role {
  readonly arn: string;
  readonly externalId?: string;
}

/**
 * The endpoint that the URI names, or the machine where the URI leaves the question to it.
 * @throws ShellError `location/invalid` for a variable that holds no address.
 */
export function awsEndpoint(location: Location, network: CloudNetwork, service: "S3" | "KMS"): string | undefined {
  const named = location.text("AWS_ENDPOINT");
  if (named !== undefined || !isImplicit(location)) return named;
  return endpointOf(network, `AWS_ENDPOINT_URL_${service}`) ?? endpointOf(network, "AWS_ENDPOINT_URL");
}

function isImplicit(location: Location): boolean {
  return location.text("AUTH") === "implicit";
}

const EXTERNAL_ID = "external_id=";

/**
 * Reads ASSUME_ROLE: roles between commas, each `arn` or `arn;external_id=id`; the last one is the one that acts.
 * @throws ShellError `location/invalid`
 */
export function parseRoles(text: string): readonly Role[] {
  return text.split(",").map((piece) => {
    const [arn = "", option, ...more] = piece.split(";").map((part) => part.trim());
    const isSound = arn !== "" && more.length === 0 && (option === undefined || option.startsWith(EXTERNAL_ID));
    if (!isSound) {
      throw new ShellError("location/invalid", "ASSUME_ROLE has a role that cannot be read", {
        detail: [`role ${JSON.stringify(arn)}`],
        hint: "write arn:aws:iam::111122223333:role/name, or arn…;external_id=id, with commas between roles",
      });
    }
    return option === undefined ? { arn } : { arn, externalId: option.slice(EXTERNAL_ID.length) };
  });
}

/**
 * A provider of credentials for a location's AUTH, keys and ASSUME_ROLE. Nothing is asked until the first request;
 * what expires is fetched again by the SDK.
 * @throws ShellError `location/invalid` for an ASSUME_ROLE that cannot be read.
 */
export function awsCredentials(location: Location, options: AwsCredentialOptions): AwsCredentials {
  const { region, endpoint, requestHandler } = options;
  const clientConfig: StsConfig = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(requestHandler === undefined ? {} : { requestHandler }),
    // What the machine says counts for the machine's own keys.
    ignoreConfiguredEndpointUrls: !isImplicit(location),
  };
  const roles = location.text("ASSUME_ROLE");
  return (roles === undefined ? [] : parseRoles(roles)).reduce(
    (masterCredentials, { arn, externalId }) =>
      remembered(
        fromTemporaryCredentials({
          masterCredentials,
          clientConfig,
          params: {
            RoleArn: arn,
            RoleSessionName: "sealift",
            ...(externalId === undefined ? {} : { ExternalId: externalId }),
          },
        }),
      ),
    baseCredentials(location, clientConfig),
  );
}

function baseCredentials(location: Location, clientConfig: StsConfig): AwsCredentials {
  // Single sign-on and web identities are asked for over the same proxies, but never at the URI's own endpoint.
  const { region, requestHandler } = clientConfig;
  if (isImplicit(location))
    return remembered(
      fromNodeProviderChain({
        clientConfig: {
          ...(region === undefined || region === "" ? {} : { region }),
          ...(requestHandler === undefined ? {} : { requestHandler }),
        },
      }),
    );
  const accessKeyId = location.text("AWS_ACCESS_KEY_ID") ?? "";
  const secretAccessKey = location.secret("AWS_SECRET_ACCESS_KEY");
  const sessionToken = location.secret("AWS_SESSION_TOKEN");
  return async () => ({
    accessKeyId,
    secretAccessKey: secretAccessKey?.reveal() ?? "",
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
  });
}

/** Keys that a service hands out are secrets like those that are typed: what prints must not show them. */
function remembered(provider: AwsCredentials): AwsCredentials {
  return async (context) => {
    const identity = await provider(context);
    const secretAccessKey = new Secret(identity.secretAccessKey).reveal();
    if (identity.sessionToken === undefined) return { ...identity, secretAccessKey };
    return { ...identity, secretAccessKey, sessionToken: new Secret(identity.sessionToken).reveal() };
  };
}
