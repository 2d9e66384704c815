// Apart from network.ts, which every start reads: Node takes 20 ms to load its HTTP client.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { rootCertificates } from "node:tls";
import type { CloudNetwork } from "./network.ts";

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
