// Google's own client for Cloud KMS, over REST or gRPC. REST is what is spoken unless an endpoint asks for gRPC: see
// docs/decisions/0007-cloud-kms-over-rest.md.
import { rootCertificates } from "node:tls";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { googleIdentity, routeThroughProxies, type GoogleIdentity } from "../credentials/google.ts";
import type { CloudNetwork } from "../credentials/network.ts";
import type { Location } from "../location.ts";
import type { GcpEndpoint } from "./gcp-endpoint.ts";

const SCOPE = "https://www.googleapis.com/auth/cloudkms";

export interface GcpClientOptions {
  readonly location: Location;
  /** `undefined` for Google's own. */
  readonly endpoint: GcpEndpoint | undefined;
  /** Instead of Google's own, for ASSUME_ROLE. */
  readonly impersonation: string | undefined;
  readonly network: CloudNetwork;
}

/** A client with its identity. */
export class GcpClient {
  readonly client: KeyManagementServiceClient;
  readonly #identity: GoogleIdentity;
  readonly #isGrpc: boolean;
  readonly #closeAgents: () => void;

  private constructor(client: KeyManagementServiceClient, identity: GoogleIdentity, options: GcpClientOptions) {
    this.client = client;
    this.#identity = identity;
    this.#isGrpc = options.endpoint?.transport === "grpc";
    this.#closeAgents = routeThroughProxies(identity, options.network);
  }

  /** Nothing is asked of the service yet. @throws ShellError `location/credentials` */
  static async open(options: GcpClientOptions): Promise<GcpClient> {
    const { location, endpoint, impersonation, network } = options;
    const authClient = await googleIdentity(location, { scopes: [SCOPE], impersonationEndpoint: impersonation });
    const client = new KeyManagementServiceClient({
      authClient,
      universeDomain: authClient.universeDomain,
      ...(endpoint?.transport === "grpc" ? await grpcOptions(endpoint, network) : restOptions(endpoint)),
    });
    return new GcpClient(client, authClient, options);
  }

  /** For one call. Throws what asking for a token throws. */
  async callOptions(signal: AbortSignal, timeout: number): Promise<object> {
    // The library would try for ten minutes, and then not tell why.
    const options = { signal, timeout, retry: { retryCodes: [] } };
    if (!this.#isGrpc) return options;
    // A channel that asks for tokens itself calls every failure of theirs a network that does not answer.
    const headers = Object.fromEntries(await this.#identity.getRequestHeaders());
    return { ...options, otherArgs: { headers } };
  }

  async close(): Promise<void> {
    await this.client.close().catch(() => undefined);
    this.#closeAgents();
  }
}

// The library takes the port only apart from the host.
function restOptions(endpoint: GcpEndpoint | undefined): object {
  if (endpoint === undefined) return { fallback: "rest" };
  const { host, port, isPlain } = endpoint;
  return { fallback: "rest", protocol: isPlain ? "http" : "https", apiEndpoint: host, port };
}

async function grpcOptions({ host, port, isPlain }: GcpEndpoint, { certificates }: CloudNetwork): Promise<object> {
  const { credentials } = await import("@grpc/grpc-js");
  const roots = certificates === undefined ? null : Buffer.from([...rootCertificates, certificates].join("\n"));
  const sslCreds = isPlain ? credentials.createInsecure() : credentials.createSsl(roots);
  return { fallback: false, sslCreds, apiEndpoint: host, port };
}
