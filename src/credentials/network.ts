// How this process reaches the clouds, as values: only wiring reads the process's environment.
import { ShellError } from "../errors.ts";

export interface CloudNetwork {
  /** The process's environment: HTTPS_PROXY and NO_PROXY, AWS_REGION, STORAGE_EMULATOR_HOST and their kind. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** PEM certificates to trust besides the system's. */
  readonly certificates?: string;
  /** Instead of each adapter's own. */
  readonly times?: Partial<NetworkTimes>;
}

/** How long is waited for a cloud, in milliseconds. */
export interface NetworkTimes {
  /** For a connection. */
  readonly connectMs: number;
  /** For an answer, and for the next bytes of a body. */
  readonly silenceMs: number;
  /** For a whole call of a key service, with its tries and the tokens it takes. */
  readonly callMs: number;
  /** Before a request is sent again, at the most. */
  readonly pauseMs: number;
}

/** Stores move much, and on slow lines. */
export const STORE_TIMES: NetworkTimes = { connectMs: 10_000, silenceMs: 60_000, callMs: 60_000, pauseMs: 8000 };
/** Whoever has another key should get to it. */
export const KEY_TIMES: NetworkTimes = { connectMs: 3000, silenceMs: 6000, callMs: 15_000, pauseMs: 1000 };

/** Slower lines than this are taken for dead. */
const BYTES_PER_MS_MIN = 32;

/** How long a request with a body of this length may take until its answer begins. */
export function answerMs(times: NetworkTimes, bytes: number): number {
  return times.silenceMs + bytes / BYTES_PER_MS_MIN;
}

/**
 * The address that a variable of the environment names, if it names one.
 * @throws ShellError `location/invalid` when it is none.
 */
export function endpointOf({ variables }: CloudNetwork, name: string, assumed = ""): string | undefined {
  const text = variables[name] ?? "";
  if (text === "") return undefined;
  const whole = text.includes("://") ? text : assumed + text;
  const url = URL.parse(whole);
  if (url !== null && /^https?:$/u.test(url.protocol) && url.hostname !== "") return whole;
  throw unusableEndpoint(name, "it is no address of the form https://host, with a port if it is another one");
}

export function unusableEndpoint(name: string, reason: string): ShellError {
  return new ShellError("location/invalid", `${name} cannot be used: ${reason}`, {
    hint: `set ${name} right, or unset it to reach the cloud's own service`,
  });
}

export const NO_NETWORK: CloudNetwork = { variables: {} };
