import type { Doors, EngineDescription } from "../src/index.ts";
import { noticeText, type Screen } from "./screen.ts";

/** The first words of a prompt: whose it is, where it is, and what a killed process has left there. */
export async function greet(screen: Screen, doors: Doors, description: EngineDescription): Promise<void> {
  await screen.note(
    `Sealift ${doors.version}, ${description.name} ${description.version}. Type \\? for help, \\q to leave.`,
  );
  for (const left of (await doors.leftIn?.(description)) ?? []) {
    if (left.type === "notice") await screen.note(noticeText(left));
  }
}
