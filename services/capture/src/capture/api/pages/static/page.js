// Times that people choose are meant in their own zone; without this script, in the form's.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("input[name=zone]")) field.value = zone;
for (const shown of document.querySelectorAll(".zone")) shown.textContent = zone;
