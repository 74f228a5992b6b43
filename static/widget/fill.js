/** Replaces each `{name}` in a text from the site that has a value; leaves the others. Pure. */
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
