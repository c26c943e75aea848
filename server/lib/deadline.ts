import { AppError } from "#protocol/errors.ts";

/**
 * Waits for `work`, at most `timeoutMs`; the timer never outlives the wait.
 *
 * @throws AppError `deadline_exceeded` when the time is over first; `work` itself goes on, so pass it
 *   a signal as well where it can be cancelled.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError("deadline_exceeded", `${what} took longer than ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
