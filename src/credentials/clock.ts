// What is signed holds the time, and the clouds refuse what comes from another time: AWS after 5 minutes (S3 after 15),
// Azure Storage after 15, Google's tokens after a few.

/** A difference that nobody minds. */
const TOLERATED_MS = 4 * 60_000;

export interface ClockComplaint {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Both times, when they differ by more than a cloud lets pass.
 * @param service the cloud's time, as its answer tells it.
 */
export function clockComplaint(service: Date | undefined, machine = new Date()): ClockComplaint | undefined {
  if (service === undefined || Math.abs(machine.getTime() - service.getTime()) <= TOLERATED_MS) return undefined;
  return {
    reason: `this machine's clock is wrong: it says ${printTime(machine)}, the service's ${printTime(service)}`,
    hint: "set the clock, for example with timedatectl set-ntp true, and try again",
  };
}

/**
 * What AWS's sentence about a signature's time tells: "Signature expired: <signed> is now earlier than <limit> (<its own
 * time> - 5 min.)", or "Signature not yet current: …".
 * @returns `undefined` for another sentence.
 */
export function signatureTimes(
  message: string,
): { readonly machine: Date | undefined; readonly service: Date | undefined } | undefined {
  if (!/^Signature (expired|not yet current)/u.test(message)) return undefined;
  const [machine, , service] = [...message.matchAll(/\d{8}T\d{6}Z/gu)].map(([text]) => parseTime(text));
  return { machine, service };
}

/** The time that a cloud's answer bears, found in an SDK's error or in what that says caused it. */
export function answerTime(thrown: unknown): Date | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const headers = headersOf(Reflect.get(at, "response")) ?? headersOf(Reflect.get(at, "$response"));
    // gRPC's errors bear them under this name.
    const metadata: unknown = headers ?? Reflect.get(at, "metadata");
    const date = typeof metadata === "object" && metadata !== null ? dateOf(metadata) : undefined;
    if (date !== undefined) return date;
  }
  return undefined;
}

function headersOf(response: unknown): object | undefined {
  if (typeof response !== "object" || response === null) return undefined;
  const headers: unknown = Reflect.get(response, "headers");
  return typeof headers === "object" && headers !== null ? headers : undefined;
}

function dateOf(headers: object): Date | undefined {
  const get: unknown = Reflect.get(headers, "get");
  const found: unknown = typeof get === "function" ? get.call(headers, "date") : Reflect.get(headers, "date");
  const date: unknown = Array.isArray(found) ? found[0] : found;
  return typeof date === "string" ? parseTime(date) : undefined;
}

/** Reads a Date header, an ISO time, and AWS's short form of that (20300102T030405Z). */
export function parseTime(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const short = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(text);
  const time = new Date(short === null ? text : text.replace(short[0], longForm(short)));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function longForm([, year, month, day, hour, minute, second]: RegExpExecArray): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

function printTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
