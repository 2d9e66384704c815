// How this process reaches the clouds, as values: only wiring reads the process's environment.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { rootCertificates } from "node:tls";

export interface CloudNetwork {
  /** The process's environment: HTTPS_PROXY and NO_PROXY, AWS_REGION, STORAGE_EMULATOR_HOST and their kind. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** PEM certificates to trust besides the system's. */
  readonly certificates?: string;
}

const SOCKETS_MAX = 64;

export interface AgentOptions {
  /** AWS_SKIP_TLS_VERIFY. */
  readonly skipTlsVerify?: boolean;
}

/** Agents that keep connections open and honour the proxy variables, which the SDK of AWS does not by itself. */
export function networkAgents(
  network: CloudNetwork,
  options: AgentOptions = {},
): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  const shared = { keepAlive: true, maxSockets: SOCKETS_MAX, proxyEnv: { ...network.variables } };
  return {
    httpAgent: new HttpAgent(shared),
    httpsAgent: new HttpsAgent({
      ...shared,
      ...(network.certificates === undefined ? {} : { ca: [...rootCertificates, network.certificates] }),
      ...(options.skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
    }),
  };
}
