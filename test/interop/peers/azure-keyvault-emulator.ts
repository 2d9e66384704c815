// azure-keyvault-emulator: Azure Key Vault in Go. It checks who signed a token, for whom, and until when.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCertificate } from "../../emulators/certificate.ts";
import { ROOT } from "../../harness/root.ts";
import { runCommand } from "../command.ts";
import { Entra } from "../entra.ts";
import { KMS_CONTRACT, STATEMENTS, type Peer } from "../peer.ts";
import { startServer } from "../server.ts";

const VERSION = "v0.7.0";
const CREATION_MS = 30_000;

export const AZURE_KEYVAULT_EMULATOR: Peer = {
  name: "azure-keyvault-emulator",
  version: VERSION,
  install: async (installer) =>
    installer.once(`azure-keyvault-emulator-${VERSION}`, async (folder) => {
      const module = "github.com/calvinchengx/azure-keyvault-emulator";
      await installer.goProgram(folder, module, `${module}/cmd/azure-keyvault-emulator`, VERSION);
    }),
  meet: async (folder) => {
    const entra = await Entra.start();
    const pair = createCertificate(["localhost"]);
    const server = await startServer({
      words: (port, data) => [join(folder, "azure-keyvault-emulator"), "-addr", `127.0.0.1:${port}`, "-data-dir", data],
      variables: { KV_ENTRA_ISSUER: entra.issuer, KV_ENTRA_TLS_INSECURE: "true" },
      prepare: async (data) => {
        mkdirSync(join(data, "tls"));
        writeFileSync(join(data, "tls/cert.pem"), pair.cert);
        writeFileSync(join(data, "tls/key.pem"), pair.key, { mode: 0o600 });
        writeFileSync(join(data, "authorities.pem"), pair.cert + entra.server.certificate);
      },
    });
    const places = {
      AZURE_KEY_VAULT_ENDPOINT: server.origin.replace("http://127.0.0.1", "https://localhost"),
      AZURE_AUTHORITY_HOST: entra.server.origin,
      NODE_EXTRA_CA_CERTS: join(server.folder, "authorities.pem"),
    };
    const query = new URLSearchParams({ AZURE_VAULT_NAME: "emulator", ...entra.parameters }).toString();
    const make = async (name: string): Promise<string> => createKey(`azure-kms:///${name}?${query}`, places);
    const variables = {
      ...places,
      KMS_URI: await make("one"),
      KMS_URI_OTHER: await make("two"),
      STORE_URI: pathToFileURL(join(server.folder, "store")).href,
    };
    return {
      exchanges: [
        { what: "KMS contract", file: KMS_CONTRACT, variables },
        { what: "KMS statements", file: STATEMENTS, variables },
      ],
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await entra[Symbol.asyncDispose]();
      },
    };
  },
};

/** With the built program. @returns the URI with the key's version. */
async function createKey(uri: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const words = [process.execPath, join(ROOT, "bin/sealift.js"), "-A", "-t", "-q", "-c", `CREATE KMS KEY '${uri}'`];
  const { output } = await runCommand(words, { cwd: ROOT, variables, signal: AbortSignal.timeout(CREATION_MS) });
  const version = /^azure-kms:\/\/\/[^/?]+\/([\w-]+)\?/mu.exec(output)?.[1];
  if (version === undefined) throw new Error(`no key was made: ${output}`);
  return uri.replace("?", `/${version}?`);
}
