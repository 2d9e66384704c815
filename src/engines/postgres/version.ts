/**
 * server_version_num from server_version: "15.18 (Debian 15.18-1)" is 150018, "18beta1" is 180000. For the numbering
 * of version 10 and later.
 * @returns 0 when the text begins with no number.
 */
export function versionNumberOf(version: string | undefined): number {
  const match = /^(\d+)(?:\.(\d+))?/.exec(version ?? "");
  return Number(match?.[1] ?? 0) * 10_000 + Number(match?.[2] ?? 0);
}
