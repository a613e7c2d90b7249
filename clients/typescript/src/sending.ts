// Sends a request, and sends it again where that is safe.
const KEY_IN_USE = "urn:cession:problem:idempotency-key-in-use";
const FIRST_PAUSE = 0.25;
const MAX_PAUSE = 5;

/**
 * A `fetch` that sends a request again while the gateway cannot be reached, is busy (429, 503), or
 * still carries out the same command. Nothing happens twice: a read changes nothing, and a command
 * has its idempotency key.
 * @param patience seconds in which a request is sent again
 */
export function patient(send: typeof fetch, patience: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const end = Date.now() + patience * 1000;
    for (let attempt = 0; ; attempt++) {
      let pause = pauseAfter(attempt, null);
      try {
        const response = await send(request.clone());
        pause = pauseAfter(attempt, response.headers.get("Retry-After"));
        if (Date.now() + pause * 1000 > end || !(await isBusy(response))) return response;
      } catch (error) {
        if (request.signal.aborted || Date.now() + pause * 1000 > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  };
}

async function isBusy(response: Response): Promise<boolean> {
  if (response.status === 409) {
    const problem: unknown = await response.clone().json().catch(() => null);
    return (problem as { type?: string } | null)?.type === KEY_IN_USE;
  }
  return response.status === 429 || response.status === 503;
}

/** Seconds to the next attempt: those that the gateway names, or twice as many each time. */
function pauseAfter(attempt: number, seconds: string | null): number {
  if (seconds !== null && /^\d+$/.test(seconds)) return Number(seconds);
  return Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt, 10));
}
