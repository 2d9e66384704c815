// fake-gcs-server: the JSON API of Google Cloud Storage in Go.
import { join } from "node:path";
import { STATEMENTS, STORE_CONTRACT, type Peer } from "../peer.ts";
import { startServer } from "../server.ts";

const VERSION = "v1.56.1";
const BUCKET = "interop";

export const FAKE_GCS_SERVER: Peer = {
  name: "fake-gcs-server",
  version: VERSION,
  install: async (installer) =>
    installer.once(`fake-gcs-server-${VERSION}`, async (folder) => {
      const module = "github.com/fsouza/fake-gcs-server";
      await installer.goProgram(folder, module, module, VERSION);
    }),
  meet: async (folder) => {
    const server = await startServer({
      words: (port) => {
        const address = `127.0.0.1:${port}`;
        const places = ["-host", "127.0.0.1", "-port", String(port), "-public-host", address];
        const program = join(folder, "fake-gcs-server");
        return [program, "-scheme", "http", "-backend", "memory", "-external-url", `http://${address}`, ...places];
      },
    });
    await createBucket(server.origin);
    const variables = (place: string): Record<string, string> => ({
      STORAGE_EMULATOR_HOST: server.origin,
      STORE_URI: `gs://${BUCKET}/${place}?BEARER_TOKEN=it-is-not-looked-at`,
    });
    return {
      exchanges: [
        { what: "GCS store contract", file: STORE_CONTRACT, variables: variables("contract") },
        { what: "GCS statements", file: STATEMENTS, variables: variables("statements") },
      ],
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};

async function createBucket(origin: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ name: BUCKET });
  const answer = await fetch(`${origin}/storage/v1/b?project=interop`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`the bucket was not created: ${answer.status} ${await answer.text()}`);
}
