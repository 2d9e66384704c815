import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { awsCredentials, awsEndpoint } from "../credentials/aws.ts";
import { networkAgents } from "../credentials/network-agents.ts";
import { STORE_TIMES, type CloudNetwork } from "../credentials/network.ts";
import type { Location } from "../location.ts";

/** A client and what was decided about it. */
export interface S3Connection {
  readonly client: S3Client;
  readonly region: string;
  /** `undefined` for AWS itself. */
  readonly endpoint: string | undefined;
  /** A connection that says nothing for so long has died. */
  readonly silenceMs: number;
}

/** Opens no connection yet. Throws `location/invalid` for an endpoint of the machine that is no address. */
export function connectS3(location: Location, network: CloudNetwork): S3Connection {
  const { variables } = network;
  const { connectMs, silenceMs } = { ...STORE_TIMES, ...network.times };
  const isImplicit = location.text("AUTH") === "implicit";
  // What the machine says counts only where the URI hands the question to the machine.
  const machine = (name: string): string | undefined => (isImplicit ? variables[name] : undefined);
  const endpoint = awsEndpoint(location, network, "S3");
  const givenRegion = location.text("AWS_REGION") ?? machine("AWS_REGION") ?? machine("AWS_DEFAULT_REGION");
  const region = givenRegion ?? "us-east-1";
  const skipTlsVerify = location.text("AWS_SKIP_TLS_VERIFY") === "true";
  const agents = networkAgents(network, { skipTlsVerify });
  const requestHandler = { ...agents, connectionTimeout: connectMs, socketTimeout: silenceMs };
  const config: S3ClientConfig = {
    region,
    credentials: awsCredentials(location, { region, endpoint: location.text("AWS_ENDPOINT"), requestHandler }),
    requestHandler,
    // A bucket's region is its own affair, as long as nobody has named one.
    followRegionRedirects: givenRegion === undefined,
    forcePathStyle: isPathStyle(location, endpoint),
    ...checksums(location, endpoint),
    // The library would find one for keys of the URI, too, and what is decided here would be decided for AWS.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const client = new S3Client(config);
  const isTrustedTls = !skipTlsVerify && (endpoint === undefined || endpoint.startsWith("https:"));
  if (isTrustedTls) leavePayloadUnsigned(client);
  return { client, region, endpoint, silenceMs };
}

/** Other stores than AWS seldom have a host name for each bucket. */
function isPathStyle(location: Location, endpoint: string | undefined): boolean {
  const asked = location.text("AWS_USE_PATH_STYLE");
  return asked === undefined ? endpoint !== undefined : asked === "true";
}

/** CRC32 of every part for AWS. Several other stores refuse the headers, and some store a checksum's framing as the object. */
function checksums(
  location: Location,
  endpoint: string | undefined,
): Pick<S3ClientConfig, "requestChecksumCalculation" | "responseChecksumValidation"> {
  const isKept = endpoint === undefined && location.text("AWS_SKIP_CHECKSUM") !== "true";
  const when = isKept ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return { requestChecksumCalculation: when, responseChecksumValidation: when };
}

/** TLS protects the body already; its SHA-256 for the signature would cost more than all the rest of an upload. */
function leavePayloadUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (hasHeaders(request) && request.headers["x-amz-content-sha256"] === undefined)
        request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "leavePayloadUnsigned", priority: "low" },
  );
}

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === "object" && request !== null && "headers" in request;
}
