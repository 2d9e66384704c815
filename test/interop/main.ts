// `npm run test:interop [-- PEER…]`: the contracts and the built program against programs that nobody here wrote.
// Each is installed in a pinned version, once; what cannot be had here is skipped and says why. Fails when a peer that
// was installed does not start, or when a test that met one fails.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/root.ts";
import { runCommand } from "./command.ts";
import { cacheFolder, Installer, Unavailable } from "./installer.ts";
import type { Exchange, Peer } from "./peer.ts";
import { ABSENT, reasonForAbsence, type AbsentPeer } from "./peers/absent.ts";
import { AZURE_KEYVAULT_EMULATOR } from "./peers/azure-keyvault-emulator.ts";
import { AZURITE } from "./peers/azurite.ts";
import { FAKE_GCS_SERVER } from "./peers/fake-gcs-server.ts";
import { LOCAL_KMS } from "./peers/local-kms.ts";
import { MOTO } from "./peers/moto.ts";
import { S3_ENCRYPTION_CLIENTS } from "./peers/s3-encryption-clients.ts";
import { VERSITYGW } from "./peers/versitygw.ts";
import { tableOf, type Line } from "./summary.ts";

const PEERS: readonly Peer[] = [
  VERSITYGW,
  MOTO,
  LOCAL_KMS,
  AZURE_KEYVAULT_EMULATOR,
  AZURITE,
  FAKE_GCS_SERVER,
  S3_ENCRYPTION_CLIENTS,
];

/** All installing together; what is not there by then is skipped. */
const INSTALL_MINUTES = Number(process.env["INTEROP_INSTALL_MINUTES"] ?? "7");
const EXCHANGE_MS = 300_000;

const installer = new Installer(AbortSignal.timeout(INSTALL_MINUTES * 60_000));
/** One exchange at a time, while other peers are still being installed. */
let turn: Promise<void> = Promise.resolve();

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function meet(peer: Peer): Promise<readonly Line[]> {
  const { name, version } = peer;
  const begun = Date.now();
  let folder: string;
  try {
    folder = await peer.install(installer);
  } catch (thrown) {
    if (!(thrown instanceof Unavailable)) throw thrown;
    say(`${name} ${version}: skipped: ${thrown.message}`);
    return [{ name, version, what: "nothing", outcome: "skipped", note: thrown.message }];
  }
  say(`${name} ${version}: installed after ${Math.round((Date.now() - begun) / 1000)} s`);
  const before = turn;
  const { promise, resolve } = Promise.withResolvers<void>();
  turn = promise;
  await before;
  try {
    return await exchangeAll(peer, folder);
  } catch (thrown) {
    const note = thrown instanceof Error ? thrown.message : String(thrown);
    say(`${name} ${version}: does not start: ${note}`);
    return [{ name, version, what: "start", outcome: "failed", note: note.split("\n")[0] ?? "" }];
  } finally {
    resolve();
  }
}

async function exchangeAll(peer: Peer, folder: string): Promise<readonly Line[]> {
  await using meeting = await peer.meet(folder);
  const lines: Line[] = [];
  for (const exchange of meeting.exchanges) lines.push(await runExchange(peer, exchange));
  return lines;
}

async function runExchange({ name, version }: Peer, exchange: Exchange): Promise<Line> {
  const { what, file, variables = {} } = exchange;
  const words = [process.execPath, "--test", "--test-reporter=spec", join(ROOT, "dist/test", file)];
  const signal = AbortSignal.timeout(EXCHANGE_MS);
  const { status, output, hasTimedOut } = await runCommand(words, {
    cwd: ROOT,
    variables,
    signal,
  });
  const count = (word: string): number => Number(new RegExp(`^\\S+ ${word} (\\d+)$`, "mu").exec(output)?.[1] ?? 0);
  const [passed, failed, skipped] = [count("pass"), count("fail"), count("skipped")];
  const isGood = status === 0 && passed > 0;
  const note = `${passed} passed${failed > 0 ? `, ${failed} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  say(`${name}: ${what}: ${note}${hasTimedOut ? `, not done after ${EXCHANGE_MS / 1000} s` : ""}`);
  const folder = join(cacheFolder(), "logs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-${what.replaceAll(/\W+/gu, "-")}.log`), output);
  if (!isGood) say(output);
  return { name, version, what, outcome: isGood ? "passed" : "failed", note };
}

async function lookFor(peer: AbsentPeer): Promise<readonly Line[]> {
  const { name, version } = peer;
  return [{ name, version, what: "nothing", outcome: "skipped", note: await reasonForAbsence(peer, installer) }];
}

const wanted = process.argv.slice(2);
const isWanted = ({ name }: { readonly name: string }): boolean => wanted.length === 0 || wanted.includes(name);
const chosen = [...PEERS.filter(isWanted).map(meet), ...ABSENT.filter(isWanted).map(lookFor)];
if (chosen.length === 0) {
  const names = [...PEERS, ...ABSENT].map(({ name }) => name).join(", ");
  process.stderr.write(`there is no peer ${wanted.join(", ")}; there are ${names}\n`);
  process.exitCode = 1;
} else {
  const lines = (await Promise.all(chosen)).flat();
  say(`\n${tableOf(lines)}`);
  // A meeting that failed half-way leaves servers: those of this process would keep it, others end with it.
  process.exit(lines.some(({ outcome }) => outcome === "failed") ? 1 : 0);
}
