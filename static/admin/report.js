// Offers the reader's own time zone where the report is in another.

const link = document.querySelector("[data-own-zone]");
const field = document.querySelector("#report-zone");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (link && field && own && own !== (field.value || field.placeholder)) {
  const address = new URL(link.href);
  address.searchParams.set("zone", own);
  link.href = address.href;
  link.title = own;
  link.hidden = false;
}
