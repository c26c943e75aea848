import { Field, Select } from "./input.tsx";

const CHOICES = [
  { days: null, label: "Never" },
  { days: 7, label: "After 7 days" },
  { days: 30, label: "After 30 days" },
  { days: 90, label: "After 90 days" },
  { days: 365, label: "After a year" },
] as const;

interface ExpiryFieldProps {
  /** Null: never. */
  readonly days: number | null;
  readonly onChange: (days: number | null) => void;
}

/** When a secret stops to work. */
export function ExpiryField({ days, onChange }: ExpiryFieldProps) {
  return (
    <Field label="Expires">
      {(control) => (
        <Select
          {...control}
          value={days ?? ""}
          onChange={({ target }) => onChange(target.value === "" ? null : Number(target.value))}
        >
          {CHOICES.map((choice) => (
            <option key={choice.label} value={choice.days ?? ""}>
              {choice.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
