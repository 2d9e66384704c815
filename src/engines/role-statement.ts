/** A statement that recreates a part of a role, or what a role was granted. Plain values: stored in a manifest as they are. */
export interface RoleStatement {
  /** `role app`, `password of role app`. */
  readonly what: string;
  readonly sql: string;
  readonly kind: "role" | "password" | "comment" | "setting" | "membership" | "parameter";
  /** Whose it is: the member's, for a membership; the grantee's, for a right, empty for PUBLIC. */
  readonly role: string;
  /** `sql` holds a password's hash: it may be kept only where nobody can read it. */
  readonly secret?: true;
  /** Who granted it, when it was not the server's first superuser: `sql` of a membership ends in GRANTED BY this role, a
   * right is granted in this role. */
  readonly grantor?: string;
  /** What has to be taken back before the roles can be dropped. */
  readonly undo?: string;
}
