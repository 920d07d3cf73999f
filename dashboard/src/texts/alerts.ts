/** Texts of the bell and its list. */
export const alerts = {
  title: "Alerts",
  days: (days: number): string => `of the last ${days} days`,
  button: (fresh: number): string => (fresh ? `Alerts, ${fresh} new` : "Alerts"),
  fresh: (count: number): string => `${count} new ${count === 1 ? "alert" : "alerts"}`,
  isNew: "New",
  none: "No rule has raised an alert.",
  cut: (count: number): string => `Only the latest ${count} are listed.`,
  contact: (id: string): string => `Contact ${id}`,
};
