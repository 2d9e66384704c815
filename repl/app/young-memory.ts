import { setFlagsFromString } from "node:v8";

/**
 * Keeps the memory for young objects as large as it is. V8 lets it grow to 128 MB when much has passed through it, as
 * with results of many rows, and never gives it back; collections of so much would also be felt between two keys.
 * Source: `NewSpace::Grow` multiplies by this factor whenever it is called.
 */
export function keepYoungMemorySmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
