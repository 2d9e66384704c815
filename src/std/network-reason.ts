/** What the operating system, DNS and TLS answer, in words. The names are Node's own error codes. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "DNS knows no such host",
  EAI_AGAIN: "DNS does not answer",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ECONNABORTED: "connection aborted",
  EPIPE: "connection closed",
  ERR_STREAM_PREMATURE_CLOSE: "connection closed in the middle of the answer",
  ETIMEDOUT: "timed out",
  ESOCKETTIMEDOUT: "timed out",
  ERR_SOCKET_CONNECTION_TIMEOUT: "timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
  EHOSTDOWN: "the host is down",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority this machine does not trust",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority this machine does not trust",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority this machine does not trust",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  EPROTO: "it does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
};

/** gRPC tells what OpenSSL or its own resolver said, and leaves the code out. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/Name resolution failed/u, "DNS knows no such host"],
  [
    /self-signed certificate in certificate chain|unable to (?:verify the first|get (?:local )?issuer) certificate/u,
    "its certificate is signed by an authority this machine does not trust",
  ],
  [/self-signed certificate/u, "its certificate is signed by itself"],
  [/certificate has expired/u, "its certificate has expired"],
  [/does not match certificate's altnames/u, "its certificate is for another host"],
  [/wrong version number/u, "it does not speak TLS"],
  [/Last error: Protocol error|Parse Error: Expected HTTP/u, "it speaks another protocol"],
];

const DEPTH_MAX = 6;

/**
 * Why a connection failed, found anywhere in an error's causes.
 * @returns `undefined` when the error is of another kind: then the other side was reached.
 */
export function networkReason(thrown: unknown, depth = 0): string | undefined {
  if (!(thrown instanceof Error) || depth > DEPTH_MAX) return undefined;
  const code = "code" in thrown && typeof thrown.code === "string" ? REASONS[thrown.code] : undefined;
  if (code !== undefined) return code;
  // Of a file this says something else.
  const isConnection = "syscall" in thrown && thrown.syscall === "connect";
  if (isConnection && "code" in thrown && (thrown.code === "EACCES" || thrown.code === "EPERM"))
    return "this machine lets no connection out to it";
  if (thrown.name === "TimeoutError") return REASONS["ETIMEDOUT"];
  // Some libraries keep the system's error only as a part of their own sentence.
  const quoted = /\b(?:E[A-Z_]{4,}|[A-Z]+_[A-Z_]{8,})\b/u.exec(thrown.message)?.[0];
  const said = quoted === undefined ? undefined : REASONS[quoted];
  if (said !== undefined) return said;
  const sentence = SENTENCES.find(([pattern]) => pattern.test(thrown.message))?.[1];
  if (sentence !== undefined) return sentence;
  // Of several addresses that all failed, the first tells enough.
  const several: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
  for (const inner of [thrown.cause, ...several]) {
    const reason = networkReason(inner, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
