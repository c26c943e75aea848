/** What a colour means. Never the only carrier of that meaning. */
export type Tone = "neutral" | "accent" | "info" | "success" | "warning" | "danger";

/** `off` is a hollow dot: nothing runs, and nothing should. `special`: another kind of thing, neither better nor worse. */
export type DotTone = "success" | "warning" | "danger" | "info" | "special" | "off" | "in" | "out";
