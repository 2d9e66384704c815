// Where Google Cloud KMS is, and which of its two transports is spoken there: REST, or gRPC for `grpcs` and `grpc`.
import { unusableEndpoint } from "../credentials/network.ts";
import type { ShellError } from "../errors.ts";

/** Google's library knows no such variable; the adapters for storage have theirs. */
export const GCP_KMS_VARIABLE = "GOOGLE_CLOUD_KMS_ENDPOINT";

export interface GcpEndpoint {
  readonly transport: "rest" | "grpc";
  /** Without TLS. */
  readonly isPlain: boolean;
  readonly host: string;
  readonly port: number;
}

const SCHEMES: Readonly<Record<string, Pick<GcpEndpoint, "transport" | "isPlain">>> = {
  "https:": { transport: "rest", isPlain: false },
  "http:": { transport: "rest", isPlain: true },
  "grpcs:": { transport: "grpc", isPlain: false },
  "grpc:": { transport: "grpc", isPlain: true },
};

/**
 * Reads `https://host`, `grpcs://host`, or for a test server on this machine `http://127.0.0.1:port` and
 * `grpc://127.0.0.1:port`.
 * @throws ShellError `location/invalid`
 */
export function parseGcpEndpoint(text: string): GcpEndpoint {
  const url = URL.parse(text);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined || url.hostname === "" || /[^/]/u.test(url.pathname + url.search))
    throw unusable("it is no address of the form https://host or grpcs://host, with a port if it is another one");
  // What is sent there is the data key and the token.
  if (scheme.isPlain && !isLoopback(url.hostname))
    throw unusable(`${url.protocol}// is only for a test server on this machine`);
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  return { ...scheme, host, port: Number(url.port || (scheme.isPlain ? 80 : 443)) };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

function unusable(reason: string): ShellError {
  return unusableEndpoint(GCP_KMS_VARIABLE, reason);
}
