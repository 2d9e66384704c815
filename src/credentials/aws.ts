// Who asks AWS: the AUTH, AWS_* and ASSUME_ROLE parameters of s3 and aws-kms URIs.
import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";

/** A function that AWS clients call for credentials; it renews what expires. */
export type AwsIdentityProvider = ReturnType<typeof fromTemporaryCredentials>;

/** Where the roles of ASSUME_ROLE are asked for. */
export interface AwsTokenService {
  readonly region: string | undefined;
  /** Replaces the regional address of the token service. */
  readonly endpoint: string | undefined;
}

/** Bounds of one call to AWS, for any of its clients: a dead address is known within seconds. */
export const AWS_CALL = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/**
 * The credentials a location asks for: its keys, or for AUTH=implicit those of this machine; then each role of
 * ASSUME_ROLE by the one before it. Nothing is asked of AWS before the first call.
 * @throws ShellError `location/invalid` for an ASSUME_ROLE that names no role.
 */
export function awsIdentity(location: Location, service: AwsTokenService): AwsIdentityProvider {
  const first = location.text("AUTH") === "implicit" ? implicitIdentity(service) : specifiedIdentity(location);
  return assumedRoles(location.text("ASSUME_ROLE")).reduce<AwsIdentityProvider>(
    (masterCredentials, { arn, externalId }) =>
      fromTemporaryCredentials({
        masterCredentials,
        params: {
          RoleArn: arn,
          RoleSessionName: "sealift",
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        },
        clientConfig: clientConfig(service),
      }),
    first,
  );
}

function clientConfig({ region, endpoint }: AwsTokenService): Record<string, unknown> {
  return {
    ...AWS_CALL,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function specifiedIdentity(location: Location): AwsIdentityProvider {
  const accessKeyId = location.text("AWS_ACCESS_KEY_ID") ?? "";
  const secret = location.secret("AWS_SECRET_ACCESS_KEY");
  const token = location.secret("AWS_SESSION_TOKEN");
  return async () => ({
    accessKeyId,
    // A `+` that somebody decoded once too often; no secret holds a blank.
    secretAccessKey: (secret?.reveal() ?? "").replaceAll(" ", "+"),
    ...(token === undefined ? {} : { sessionToken: token.reveal() }),
  });
}

function implicitIdentity(service: AwsTokenService): AwsIdentityProvider {
  return fromNodeProviderChain({
    clientConfig: service.region === undefined ? {} : { region: service.region },
    timeout: 1000,
    maxRetries: 1,
  });
}

/** One role of a chain. */
export interface AssumedRole {
  readonly arn: string;
  readonly externalId: string | undefined;
}

/**
 * Reads ASSUME_ROLE: roles between commas, the last is the one used; each may end in `;external_id=…`.
 * @throws ShellError `location/invalid`
 */
export function assumedRoles(text: string | undefined): readonly AssumedRole[] {
  if (text === undefined) return [];
  return text.split(",").map((element) => {
    const [arn = "", ...attributes] = element.trim().split(";");
    if (arn === "") throw invalidChain("names an empty role");
    const ids = attributes.map((attribute) => /^external_id=(.+)$/u.exec(attribute)?.[1]);
    if (ids.length > 1 || ids.includes(undefined)) throw invalidChain(`says of ${arn} something else than external_id`);
    return { arn, externalId: ids[0] };
  });
}

function invalidChain(problem: string): ShellError {
  return new ShellError("location/invalid", `ASSUME_ROLE ${problem}`, {
    hint: "for example ASSUME_ROLE=arn:aws:iam::111122223333:role/hop,arn:aws:iam::444455556666:role/last%3Bexternal_id%3D42",
  });
}
