/** Texts of the page about the HTTP API. */
export const a = {
  title: "HTTP API",
  lead: "Everything that this dashboard shows comes from here. The exact description is an OpenAPI 3.1 document.",
  document: "openapi.json",
  search: "Find a resource",
  found: (shown: number, all: number): string => (shown === all ? `${all} resources` : `${shown} of ${all} resources`),
  none: "No resource has this in its name or description.",
  parameters: "Parameters",
  body: "Body",
  answers: "Answers",
  name: "Name",
  place: "Where",
  type: "Type",
  meaning: "Meaning",
  required: "required",
  status: "Status",
  fields: (name: string): string => `Fields of ${name}`,
};
