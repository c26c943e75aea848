import type { ReadStream } from "node:tty";

/** Far beyond any password; a pipe that never ends is not read forever. */
const CHARACTERS_MAX = 4_096;

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACE = "\u007f";

/** Asks for a password without showing it; reads the first line where standard input is no terminal. */
export async function readPassword(
  input: ReadStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  if (!input.isTTY) return await readFirstLine(input);
  output.write("Password: ");
  input.setRawMode(true);
  try {
    return await readHidden(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write("\n");
  }
}

async function readFirstLine(input: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  input.setEncoding("utf8");
  for await (const chunk of input as AsyncIterable<string>) {
    text += chunk;
    if (text.includes("\n") || text.length > CHARACTERS_MAX) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

async function readHidden(input: ReadStream): Promise<string> {
  let password = "";
  input.setEncoding("utf8");
  for await (const chunk of input as AsyncIterable<string>) {
    for (const character of chunk) {
      if (character === "\r" || character === "\n" || character === CTRL_D) return password;
      if (character === CTRL_C) process.exit(130);
      if (character === BACKSPACE) password = password.slice(0, -1);
      else if (password.length < CHARACTERS_MAX) password += character;
    }
  }
  return password;
}
