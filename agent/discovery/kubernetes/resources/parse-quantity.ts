const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:[eE]([+-]?\d{1,2})|([a-zA-Z]{0,2}))$/;

/**
 * A Kubernetes quantity as a number: `3920m` is 3.92, `16Gi` is 17179869184.
 *
 * @returns 0 for what is none: one odd node must not spoil the sum.
 *
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): number {
  const match = QUANTITY.exec(text.trim());
  if (match === null) return 0;
  const [, digits = "", exponent, suffix = ""] = match;
  const factor = exponent === undefined ? FACTORS[suffix] : 10 ** Number(exponent);
  const value = factor === undefined ? 0 : Number(digits) * factor;
  return Number.isFinite(value) && value > 0 ? value : 0;
}
