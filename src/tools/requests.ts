/** What opens a sealed file: exactly one. Flags name where a secret is, never the secret. */
export type KeySource =
  | { readonly kind: "passphrase-file"; readonly path: string }
  | { readonly kind: "kms"; readonly uri: string }
  | { readonly kind: "master-key-file"; readonly path: string };

export interface DecryptRequest {
  readonly uri: string;
  /** ENCRYPTION_INFO, when it does not lie beside the file. */
  readonly infoUri?: string;
  readonly key: KeySource;
  readonly signal?: AbortSignal;
}

export interface InspectRequest {
  readonly uri: string;
  readonly signal?: AbortSignal;
}
