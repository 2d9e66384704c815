import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells a process from every other one, also from a later one with its number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it was started, as the system tells it; empty where it does not. */
  readonly processStart: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
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

/** Field 22 of /proc/<pid>/stat, ticks since boot (proc(5)). Empty on systems without it. */
function processStart(pid: number): string {
  return told(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });
}

/** What the system tells, or nothing where it does not. */
function told(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
