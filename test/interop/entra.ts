// Enough of Microsoft Entra for a Key Vault by other hands that checks tokens: it signs them (RFC 7519, RS256), and
// publishes the key (RFC 7517).
import { generateKeyPairSync, sign } from "node:crypto";
import { EmulatorServer, type Answer, type Request } from "../emulators/server.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const CLIENT = "66666666-7777-8888-9999-000000000000";
const SECRET = "interop~secret";
const KEY_ID = "interop";

export class Entra implements AsyncDisposable {
  server!: EmulatorServer;
  readonly #pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

  static async start(): Promise<Entra> {
    const entra = new Entra();
    entra.server = await EmulatorServer.start((request) => entra.#answer(request), { tls: true });
    return entra;
  }

  get issuer(): string {
    return `${this.server.origin}/${TENANT}/v2.0`;
  }

  /** The parameters of a URI that logs in here. */
  readonly parameters = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_CLIENT_SECRET: SECRET };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    const base = `${this.server.origin}/${TENANT}`;
    if (request.path.endsWith("/discovery/v2.0/keys")) {
      const key = { ...this.#pair.publicKey.export({ format: "jwk" }), kid: KEY_ID, use: "sig", alg: "RS256" };
      return answer({ keys: [key] });
    }
    if (request.path.endsWith("/.well-known/openid-configuration"))
      return answer({
        issuer: this.issuer,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      });
    const form = new URLSearchParams(request.body.toString());
    if (form.get("client_id") !== CLIENT || form.get("client_secret") !== SECRET)
      return {
        ...answer({ error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret" }),
        status: 401,
      };
    const audience = (form.get("scope") ?? "").replace(/\/\.default.*$/u, "");
    return answer({ access_token: this.#token(audience), token_type: "Bearer", expires_in: 3599 });
  }

  #token(aud: string): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      aud,
      iat: now,
      nbf: now - 60,
      exp: now + 3599,
      oid: CLIENT,
      appid: CLIENT,
      idtyp: "app",
    };
    const text = [{ alg: "RS256", typ: "JWT", kid: KEY_ID }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${sign("sha256", Buffer.from(text), this.#pair.privateKey).toString("base64url")}`;
  }
}

function answer(content: object): Answer {
  return { status: 200, body: JSON.stringify(content), headers: { "content-type": "application/json" } };
}
