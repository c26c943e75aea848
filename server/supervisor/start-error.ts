/** The server cannot start, and the message is all an operator needs to know. */
export class StartError extends Error {
  override readonly name = "StartError";
}
