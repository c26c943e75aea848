/** `.` and `..`, also where they are encoded, as whole segments. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Removes `.` and `..` from a path, as browsers do before they ask (RFC 3986 section 5.2.4): a rule for `/public` is not to
 * be left by `/public/../admin`, which services resolve after us.
 */
export function resolveDotSegments(path: string): string {
  if (!DOT_SEGMENT.test(path)) return path;
  const [root = "", ...segments] = path.split("/");
  const kept: string[] = [];
  segments.forEach((segment, i) => {
    const plain = segment.replaceAll(/%2e/gi, ".");
    if (plain !== "." && plain !== "..") return void kept.push(segment);
    if (plain === "..") kept.pop();
    // What was a folder stays one.
    if (i === segments.length - 1) kept.push("");
  });
  return [root, ...kept].join("/");
}
