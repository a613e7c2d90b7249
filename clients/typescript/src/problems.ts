// What a caller of the gateway has to catch.
import type { Operation } from "./operations.js";
import type { components } from "./schema.js";

/** One wrong field of a body, or one wrong line of a table. */
export interface FieldError {
  line?: number;
  field?: string;
  detail: string;
}

/** A problem document (RFC 9457). */
export type Problem = Partial<components["schemas"]["Problem"]> & {
  status: number;
  errors?: FieldError[];
  [member: string]: unknown;
};

/** The gateway answered with a problem document; `problem` may have more members than are named. */
export class GatewayRefused extends Error {
  override readonly name = "GatewayRefused";
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem) {
    const error = problem.contractError?.name;
    const words = problem.detail ?? problem.title ?? "refused";
    super(`${problem.status}: ${words}${error === undefined ? "" : ` (${error})`}`);
    this.problem = problem;
    this.status = problem.status;
  }

  /** `urn:cession:problem:<kind>`; it never changes, so programs can rely on it. */
  get type(): string {
    return this.problem.type ?? "";
  }

  /** The last part of the type: `claim-unknown`. */
  get kind(): string {
    return this.type.slice(this.type.lastIndexOf(":") + 1);
  }

  /** The path of the wrong input: `parts.0.amount`. */
  get field(): string | null {
    return this.problem.field ?? null;
  }

  /** What to do, or what would be right. */
  get fix(): string | null {
    return this.problem.fix ?? null;
  }

  /** All wrong fields of a malformed body, or wrong lines of a table. */
  get errors(): FieldError[] {
    return this.problem.errors ?? [];
  }
}

/** What a rejected operation throws: the problem that the gateway answers to who waits. */
export function refusal(operation: Operation): GatewayRefused {
  const error = operation.error ?? undefined;
  return new GatewayRefused({
    type: "urn:cession:problem:contract-refused",
    status: 409,
    detail: `the ledger refuses: ${error?.message}`,
    fix: error?.fix,
    contractError: error,
    operation,
  });
}

/** The operation did not end in time. It goes on; wait for it again. */
export class StillUnderWay extends Error {
  override readonly name = "StillUnderWay";
  readonly operation: Operation;

  constructor(operation: Operation) {
    super(`operation ${operation.id} is ${operation.state}`);
    this.operation = operation;
  }
}

/** What the gateway prepared is for another account; nothing was signed. */
export class WalletMismatch extends Error {
  override readonly name = "WalletMismatch";
}
