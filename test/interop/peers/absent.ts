// Peers that would be met if a registry had them. None had when this was written; each run asks again, so that the day
// they are there is not missed.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, Unavailable, type Installer } from "../installer.ts";

export interface AbsentPeer {
  readonly name: string;
  readonly version: string;
  /** Throws {@link Unavailable} with the registry's answer when it still is not there. */
  readonly ask: (installer: Installer, folder: string) => Promise<void>;
}

export const ABSENT: readonly AbsentPeer[] = [
  {
    name: "fakekms",
    version: "latest",
    ask: async (installer, folder) => installer.goModule(folder, "cloud.google.com/kms/integrations"),
  },
  {
    name: "lowkey-vault",
    version: "7.1.13",
    ask: async (installer, folder) =>
      installer.mavenArtifact(folder, "com.github.nagyesta.lowkey-vault:lowkey-vault-app:7.1.13"),
  },
];

/** Why the peer is not met: the registry's answer, or that there is no meeting with it yet. */
export async function reasonForAbsence(peer: AbsentPeer, installer: Installer): Promise<string> {
  const folder = join(cacheFolder(), "questions");
  mkdirSync(folder, { recursive: true });
  try {
    await peer.ask(installer, folder);
  } catch (thrown) {
    if (thrown instanceof Unavailable) return thrown.message;
    throw thrown;
  }
  return "the registry has it now, but no meeting is written; KMS_URI runs the contract against one started by hand";
}
