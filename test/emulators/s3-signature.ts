// Checks AWS Signature Version 4 in the Authorization header, as S3 and STS do (AWS General Reference, "Signing AWS
// API requests"): the path is taken as it came, the payload's hash from its header.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "./server.ts";

export interface AwsKey {
  readonly secret: string;
  readonly sessionToken?: string;
  readonly hasExpired?: boolean;
}

export type Verdict =
  | { readonly ok: true; readonly accessKeyId: string; readonly region: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/u;

const refused = (code: string, message = code): Verdict => ({ ok: false, code, message });
const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

export function checkSignature(request: Request, keys: ReadonlyMap<string, AwsKey>): Verdict {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? "");
  if (match === null) return refused("AccessDenied", "no signature");
  const [, id = "", day = "", region = "", service = "", signedHeaders = "", signature = ""] = match;
  const key = keys.get(id);
  if (key === undefined) return refused("InvalidAccessKeyId");
  if (key.hasExpired === true) return refused("ExpiredToken", "The provided token has expired.");
  if (request.headers["x-amz-security-token"] !== key.sessionToken) return refused("InvalidToken");
  const claimed = request.headers["x-amz-content-sha256"];
  const actual = sha256(request.body);
  if (claimed !== undefined && claimed !== "UNSIGNED-PAYLOAD" && claimed !== actual)
    return refused("XAmzContentSHA256Mismatch");
  const payload = typeof claimed === "string" ? claimed : actual;
  const moment = String(request.headers["x-amz-date"]);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", moment, scope, sha256(canonicalRequest(request, signedHeaders, payload))];
  const signingKey = hmac(hmac(hmac(hmac(`AWS4${key.secret}`, day), region), service), "aws4_request");
  const expected = hmac(signingKey, text.join("\n"));
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) return refused("SignatureDoesNotMatch");
  return { ok: true, accessKeyId: id, region };
}

function canonicalRequest(request: Request, signedHeaders: string, payload: string): string {
  const [path = "", query = ""] = request.target.split("?", 2);
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`));
  const headers = signedHeaders
    .split(";")
    .map((name) => `${name}:${String(request.headers[name]).trim().replaceAll(/ +/gu, " ")}\n`);
  return [request.method, path, pairs.toSorted().join("&"), headers.join(""), signedHeaders, payload].join("\n");
}
