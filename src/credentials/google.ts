// Who asks Google: the AUTH, CREDENTIALS, BEARER_TOKEN and ASSUME_ROLE parameters of gs and gcp-kms URIs.
import { GoogleAuth, Impersonated, JWT, OAuth2Client, UserRefreshClient, type AuthClient } from "google-auth-library";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
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
  const source =
    location.text("AUTH") === "implicit" ? await implicitIdentity(options) : specifiedIdentity(location, options);
  const chain = (location.text("ASSUME_ROLE") ?? "").split(",").map((name) => name.trim());
  const target = chain.pop() ?? "";
  if (target === "") return source;
  return new Impersonated({
    sourceClient: source,
    targetPrincipal: target,
    delegates: chain,
    targetScopes: [...options.scopes],
    ...(options.impersonationEndpoint === undefined ? {} : { endpoint: options.impersonationEndpoint }),
  });
}

async function implicitIdentity({ scopes }: GoogleIdentityOptions): Promise<GoogleIdentity> {
  try {
    return await new GoogleAuth({ scopes: [...scopes] }).getClient();
  } catch (cause) {
    throw new ShellError("location/credentials", "this machine has no Google credentials of its own", {
      hint: "run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS",
      cause,
    });
  }
}

function specifiedIdentity(location: Location, { scopes }: GoogleIdentityOptions): GoogleIdentity {
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
        // A part of a secret is a secret of its own.
        key: new Secret(text("private_key")).reveal(),
        scopes: [...scopes],
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
