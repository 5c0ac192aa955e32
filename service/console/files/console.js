// Pages read without this file. It adds: progress that moves by itself, and times in the reader's own zone.

const LOOK_MS = 700;

function showTimes(root) {
  const form = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = form.format(new Date(time.dateTime));
  }
}

async function follow(place) {
  try {
    const answer = await fetch(place.dataset.follow, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const progress = page.getElementById("progress");
    const isOpen = progress?.dataset.open === "yes";
    // Over, or signed out meanwhile: the page itself says which. One with forms in it is not taken from who fills them.
    if (!isOpen && !("stays" in place.dataset)) return location.reload();
    // Without it the answer is a page that says why: signed out, or not there any more.
    const shown = progress ?? page.querySelector(".said");
    if (shown && shown.textContent !== place.textContent) place.replaceChildren(shown);
    if (!isOpen) return;
  } catch {
    // The server cannot be reached now; the next look may reach it.
  }
  setTimeout(follow, LOOK_MS, place);
}

// What a page says only to those who read it without this file.
for (const plain of document.querySelectorAll("[data-plain]")) plain.remove();
showTimes(document);
for (const place of document.querySelectorAll("[data-follow]")) setTimeout(follow, LOOK_MS, place);
// Two quick clicks are one decision.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  // A file leaves the page where it is, and may be wanted again.
  if ("file" in form.dataset) return;
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
