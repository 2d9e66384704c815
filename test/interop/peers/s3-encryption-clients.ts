// The S3 encryption clients of AWS, in Java: versions 1 and 2 of the first SDK, and version 3 or 4 of their successor.
// They meet UNLOAD and COPY in a bucket of versitygw's.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../harness/root.ts";
import type { Peer } from "../peer.ts";
import { startVersitygw, VERSITYGW } from "./versitygw.ts";

const SDK_1 = "1.12.797";
/** They have the same class names, so each has a class path of its own. */
const SUCCESSORS = ["3.5.0", "4.0.1"] as const;
const SOURCES = join(ROOT, "test/interop/java");
const VERSION = [SDK_1, ...SUCCESSORS].join(", ");

export const S3_ENCRYPTION_CLIENTS: Peer = {
  name: "s3-encryption-clients",
  version: VERSION,
  install: async (installer) => {
    const fill = async (folder: string): Promise<void> => {
      for (const version of SUCCESSORS) {
        const own = join(folder, version);
        await mkdir(own);
        const properties = [`-Dsdk.v1=${SDK_1}`, `-Ds3ec=${version}`];
        await installer.mavenLibraries(own, join(SOURCES, "pom.xml"), properties);
      }
    };
    const name = `s3-encryption-clients-${[SDK_1, ...SUCCESSORS].join("-")}`;
    const [gateway, clients] = await Promise.all([VERSITYGW.install(installer), installer.once(name, fill)]);
    // Compiled every time: the program is ours and changes with the tests.
    for (const version of SUCCESSORS) {
      const [own, program] = [join(clients, version), join(SOURCES, "EncryptionClients.java")];
      await installer.tool(own, ["javac", "-nowarn", "-d", own, "-cp", join(own, "lib/*"), program]);
    }
    return `${gateway}\n${clients}`;
  },
  meet: async (folders) => {
    const [gateway = "", clients = ""] = folders.split("\n");
    const server = await startVersitygw(gateway);
    const variables = {
      STORE_URI: server.uri("clients"),
      S3_ENDPOINT: server.endpoint,
      S3_REGION: server.region,
      S3_BUCKET: server.bucket,
      S3_ACCESS_KEY: server.accessKey,
      S3_SECRET_KEY: server.secretKey,
      // The second client asks for it, though no key service is used.
      AWS_REGION: server.region,
    };
    return {
      exchanges: SUCCESSORS.map((version) => ({
        what: `UNLOAD and COPY with ${SDK_1} and ${version}`,
        file: "interop/exchanges/s3-encryption-clients.exchange.js",
        variables: { ...variables, CLIENTS: join(clients, version), SUCCESSOR: `v${version[0]}` },
      })),
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};
