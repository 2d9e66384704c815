// Who asks Google: the AUTH, CREDENTIALS, BEARER_TOKEN and ASSUME_ROLE parameters of gs and gcp-kms URIs.
import { createPrivateKey } from "node:crypto";
import { GoogleAuth, JWT, OAuth2Client, UserRefreshClient, type AuthClient } from "google-auth-library";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { networkAgents } from "./network-agents.ts";
import type { CloudNetwork } from "./network.ts";
import { Secret } from "../std/secret.ts";

export type GoogleIdentity = AuthClient;

export interface GoogleIdentityOptions {
  /** What the tokens are for. */
  readonly scopes: readonly string[];
  /** Replaces https://iamcredentials.googleapis.com, which impersonates for ASSUME_ROLE. */
  readonly impersonationEndpoint?: string | undefined;
}

/**
 * The identity a location asks for: its service account's key or its token, or for AUTH=implicit that of this machine;
 * then the service account that ASSUME_ROLE ends with, by way of those before it. A service account's key signs its
 * own tokens, so nobody is asked for one.
 * @throws ShellError `location/credentials` when CREDENTIALS holds no key, and when this machine has no identity.
 */
export async function googleIdentity(location: Location, options: GoogleIdentityOptions): Promise<GoogleIdentity> {
  const chain = (location.text("ASSUME_ROLE") ?? "").split(",").map((name) => name.trim());
  const target = chain.pop() ?? "";
  if (target === "") return sourceIdentity(location, options.scopes);
  const source = await sourceIdentity(location, [IMPERSONATION_SCOPE]);
  const client = new OAuth2Client({ universeDomain: source.universeDomain });
  client.refreshHandler = async () => impersonate(source, { target, delegates: chain, ...options });
  return client;
}

/**
 * Makes an identity send its requests through agents that honour the proxy variables: some of Google's libraries bring
 * agents of their own, which do not.
 * @returns closes the agents.
 */
export function routeThroughProxies(identity: GoogleIdentity, network: CloudNetwork): () => void {
  const { httpAgent, httpsAgent } = networkAgents(network);
  identity.transporter.interceptors.request.add({
    resolved: async (config) => {
      config.agent = config.url.protocol === "http:" ? httpAgent : httpsAgent;
      return config;
    },
  });
  return () => {
    httpAgent.destroy();
    httpsAgent.destroy();
  };
}

/** Its own service asks for this scope, whatever the token is for. */
const IMPERSONATION_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

interface Impersonation extends GoogleIdentityOptions {
  readonly target: string;
  readonly delegates: readonly string[];
}

const accountName = (email: string): string => `projects/-/serviceAccounts/${email}`;

// The library's own class for this asks oauth2.googleapis.com for a token first, which a service account's key does
// not need, and prints a warning. Source: IAM Service Account Credentials API, generateAccessToken.
async function impersonate(source: GoogleIdentity, options: Impersonation): Promise<IssuedToken> {
  const { target, delegates, scopes } = options;
  const { impersonationEndpoint = `https://iamcredentials.${source.universeDomain}` } = options;
  const { data } = await source.request<{ readonly accessToken: string; readonly expireTime: string }>({
    url: `${impersonationEndpoint}/v1/${accountName(target)}:generateAccessToken`,
    method: "POST",
    data: { delegates: delegates.map(accountName), scope: scopes, lifetime: "3600s" },
    timeout: 6000,
  });
  return { access_token: new Secret(data.accessToken).reveal(), expiry_date: Date.parse(data.expireTime) };
}

interface IssuedToken {
  readonly access_token: string;
  /** Milliseconds since 1970. */
  readonly expiry_date: number;
}

async function sourceIdentity(location: Location, scopes: readonly string[]): Promise<GoogleIdentity> {
  return location.text("AUTH") === "implicit" ? implicitIdentity(scopes) : specifiedIdentity(location, scopes);
}

async function implicitIdentity(scopes: readonly string[]): Promise<GoogleIdentity> {
  try {
    return await new GoogleAuth({ scopes: [...scopes] }).getClient();
  } catch (cause) {
    throw new ShellError("location/credentials", "this machine has no Google credentials of its own", {
      hint: "run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS",
      cause,
    });
  }
}

function specifiedIdentity(location: Location, scopes: readonly string[]): GoogleIdentity {
  const key = location.secret("CREDENTIALS");
  if (key !== undefined) return identityOfKey(key, scopes);
  const client = new OAuth2Client();
  client.setCredentials({ access_token: location.secret("BEARER_TOKEN")?.reveal() ?? null });
  return client;
}

function identityOfKey(key: Secret, scopes: readonly string[]): GoogleIdentity {
  const fields = readKey(key);
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value === "string" && value !== "") return value;
    throw invalidKey(`it has no ${name}`);
  };
  switch (fields["type"]) {
    case "service_account": {
      const client = new JWT({
        email: text("client_email"),
        key: privateKey(text("private_key")),
        scopes: [...scopes],
        ...(typeof fields["universe_domain"] === "string" ? { universeDomain: fields["universe_domain"] } : {}),
        ...(typeof fields["private_key_id"] === "string" ? { keyId: fields["private_key_id"] } : {}),
      });
      client.useJWTAccessWithScope = true;
      return client;
    }
    case "authorized_user":
      return new UserRefreshClient(text("client_id"), text("client_secret"), text("refresh_token"));
    default:
      throw invalidKey("it is of another type than service_account and authorized_user");
  }
}

/** The key is checked here: the library would take one that cannot sign for a network that does not answer. */
function privateKey(pem: string): string {
  // A part of a secret is a secret of its own.
  const secret = new Secret(pem);
  try {
    createPrivateKey(secret.reveal());
  } catch {
    throw invalidKey("its private_key is no key in PEM");
  }
  return secret.reveal();
}

function readKey(key: Secret): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(Buffer.from(key.reveal(), "base64").toString("utf8"));
    if (typeof fields === "object" && fields !== null) return { ...fields };
  } catch {
    // The parser's complaint would repeat a part of the key.
  }
  throw invalidKey("it is no JSON in base64");
}

function invalidKey(reason: string): ShellError {
  return new ShellError("location/credentials", `CREDENTIALS holds no Google key: ${reason}`, {
    hint: "give the service account's JSON key file in base64: base64 -w0 key.json",
  });
}
