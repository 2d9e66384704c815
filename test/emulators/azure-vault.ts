// Enough of Azure Key Vault and Microsoft Entra for the real SDK, over TLS: the challenge, tokens and RSA-OAEP-256.
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, type KeyObject } from "node:crypto";
import { EmulatorServer, type Answer, type Request } from "./server.ts";

export const AZURE_VERSION = "0123456789abcdef0123456789abcdef";
export const AZURE_OLD_VERSION = "fedcba9876543210fedcba9876543210";
const TENANT = "11111111-2222-3333-4444-555555555555";
const CLIENT = "66666666-7777-8888-9999-000000000000";
const SECRET = "client~secret/of+test";
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };

interface RsaPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** An RSA key `backup` in two versions, and `other`. */
export class AzureVaultEmulator implements AsyncDisposable {
  server!: EmulatorServer;
  readonly keys = new Map<string, RsaPair>(
    [`backup/${AZURE_VERSION}`, `backup/${AZURE_OLD_VERSION}`, `other/${AZURE_VERSION}`].map((name) => [
      name,
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ]),
  );
  /** Azure's inner code of a refusal: `KeyDisabled`, `ForbiddenByRbac`. */
  forbidden: string | undefined;
  failure: { readonly status: number; readonly code: string } | undefined;
  /** Names that are deleted and not free yet. */
  readonly deleted = new Set<string>();
  /** What a refusal says, as Azure does. */
  refusal = "";
  /** The key that answers instead of the one that is asked for. */
  impostor: string | undefined;
  readonly #tokens = new Set<string>();

  static async start(): Promise<AzureVaultEmulator> {
    const emulator = new AzureVaultEmulator();
    emulator.server = await EmulatorServer.start((request) => emulator.#answer(request), { tls: true });
    return emulator;
  }

  uri(key = `backup/${AZURE_VERSION}`, parameters: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      AZURE_VAULT_NAME: "acme",
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: CLIENT,
      AZURE_CLIENT_SECRET: SECRET,
      ...parameters,
    });
    return `azure-kms:///${key}?${query.toString()}`;
  }

  get addresses(): { readonly vault: string; readonly authority: { readonly url: string; readonly ca: string } } {
    const { origin, certificate } = this.server;
    return { vault: origin, authority: { url: origin, ca: certificate } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer(request: Request): Answer {
    if (request.path.startsWith(`/${TENANT}/`)) return this.#authority(request);
    if (!this.#tokens.has((request.headers.authorization ?? "").replace("Bearer ", ""))) return this.#challenge();
    if (this.failure !== undefined) return problem(this.failure.status, this.failure.code);
    const [, , name = "", version = "", operation = ""] = request.path.split("/");
    if (request.method === "GET" || version === "create") return this.#manage(request, name);
    const key = this.keys.get(`${name}/${version}`);
    if (key === undefined) return problem(404, "KeyNotFound");
    if (this.forbidden !== undefined) return problem(403, "Forbidden", this.forbidden, this.refusal);
    const { alg, value } = JSON.parse(request.body.toString()) as { alg: string; value: string };
    if (alg !== "RSA-OAEP-256") return problem(400, "BadParameter");
    const input = Buffer.from(value, "base64url");
    try {
      const output =
        operation === "encrypt"
          ? publicEncrypt({ key: key.publicKey, ...OAEP }, input)
          : privateDecrypt({ key: key.privateKey, ...OAEP }, input);
      const kid = `${this.server.origin}/keys/${this.impostor ?? name}/${version}`;
      return answer({ kid, value: output.toString("base64url") });
    } catch {
      return problem(400, "BadParameter");
    }
  }

  /** Reads the newest version, or makes one. */
  #manage(request: Request, name: string): Answer {
    if (this.forbidden !== undefined) return problem(403, "Forbidden", this.forbidden, this.refusal);
    const there = [...this.keys.keys()].find((one) => one.startsWith(`${name}/`));
    const described = (id: string): Answer =>
      answer({ key: { kid: `${this.server.origin}/keys/${id}`, kty: "RSA" }, attributes: { enabled: true } });
    if (request.method === "GET") return there === undefined ? problem(404, "KeyNotFound") : described(there);
    if (this.deleted.has(name)) return problem(409, "Conflict", "ObjectIsDeletedButRecoverable");
    const { kty, key_size: modulusLength } = JSON.parse(request.body.toString()) as { kty: string; key_size: number };
    if (kty !== "RSA") return problem(400, "BadParameter");
    this.keys.set(`${name}/${AZURE_VERSION}`, generateKeyPairSync("rsa", { modulusLength }));
    return described(`${name}/${AZURE_VERSION}`);
  }

  #challenge(): Answer {
    const challenge = `Bearer authorization="${this.server.origin}/${TENANT}", resource="https://vault.azure.net"`;
    return { ...problem(401, "Unauthorized"), headers: { "www-authenticate": challenge } };
  }

  #authority(request: Request): Answer {
    const { origin } = this.server;
    if (request.path.endsWith("/.well-known/openid-configuration")) {
      const base = `${origin}/${TENANT}/oauth2/v2.0`;
      return answer({
        issuer: `${origin}/${TENANT}/v2.0`,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        jwks_uri: `${origin}/keys`,
      });
    }
    const form = new URLSearchParams(request.body.toString());
    if (form.get("client_id") !== CLIENT || form.get("client_secret") !== SECRET) {
      const error_description = "AADSTS7000215: Invalid client secret provided. Trace ID: 1234";
      return { ...answer({ error: "invalid_client", error_description }), status: 401 };
    }
    const access_token = `token-${this.#tokens.size}`;
    this.#tokens.add(access_token);
    return answer({ access_token, token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 });
  }
}

function answer(content: object): Answer {
  return { status: 200, body: JSON.stringify(content), headers: { "content-type": "application/json" } };
}

function problem(status: number, code: string, inner?: string, message = "as the test asked"): Answer {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  const body = JSON.stringify({ error: { code, message, ...innererror } });
  return { status, body, headers: { "content-type": "application/json" } };
}
