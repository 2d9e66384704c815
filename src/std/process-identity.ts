import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells a process from every other one, also from a later one with its number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it was started, as the system tells it; empty where it does not. */
  readonly processStart: string;
}

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
  return own;
}

/** Whether a process runs, or may run: one of another machine cannot be asked. */
export function mayRun(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname()) return true;
  try {
    process.kill(identity.pid, 0);
  } catch (thrown) {
    // EPERM: it runs, as somebody else.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
  return identity.processStart === processStart(identity.pid);
}

/**
 * Within what numbers of processes mean the same: this boot of this machine, and on Linux this namespace of processes.
 * Two containers may share a host's name and a folder, and see nothing of each other.
 */
export function processRealm(): string {
  return [
    hostname(),
    told(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    told(() => readlinkSync("/proc/self/ns/pid")),
  ].join(" ");
}

/** Field 22 of /proc/<pid>/stat, ticks since boot (proc(5)); where there is no /proc, what ps tells. */
function processStart(pid: number): string {
  const ticks = told(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });
  return ticks === "" && process.platform !== "win32" ? startByPs(pid) : ticks;
}

/** The second a process was started in, as POSIX systems without /proc tell it; empty for one that is gone. */
export function startByPs(pid: number): string {
  const env = { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" };
  const words = ["-o", "lstart=", "-p", String(pid)];
  return told(() => execFileSync("ps", words, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim());
}

/** What the system tells, or nothing where it does not. */
function told(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
