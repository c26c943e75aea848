import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const nodeFiles = ["server/**/*.ts", "agent/**/*.ts", "mux/**/*.ts", "protocol/**/*.ts"];
const tests = ["**/*.test.ts", "**/*.test.tsx", "**/testing/**/*.ts", "e2e/**/*.ts"];
const programs = ["bin/**", "scripts/**", "bench/**", "demo/**", "**/main.ts", "server/admin/**"];

export default tseslint.config(
  {
    ignores: [
      "node_modules/**",
      ".next/**",
      "public/**",
      "data/**",
      "server/db/generated/**",
      "next-env.d.ts",
      "**/*.cjs",
      "**/*.mjs",
      "eslint.config.js",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/prefer-promise-reject-errors": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
      complexity: ["error", 12],
      "max-params": ["error", 4],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "no-restricted-imports": ["error", { patterns: ["next/dist/*"] }],
    },
  },
  {
    files: nodeFiles,
    ignores: [...programs, "**/config/**", ...tests],
    rules: { "no-restricted-globals": ["error", "process"] },
  },
  {
    files: ["**/*.tsx"],
    plugins: { "react-hooks": reactHooks },
    ...jsxA11y.flatConfigs.recommended,
    rules: {
      ...jsxA11y.flatConfigs.recommended.rules,
      "max-lines-per-function": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["**/*.tsx", "components/**/*.ts"],
    plugins: { "react-hooks": reactHooks },
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
  { files: programs, rules: { "no-console": "off" } },
  {
    files: tests,
    rules: {
      "max-lines-per-function": "off",
      complexity: "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
