// The Practice page: the learner's own ticks, and the interviews that are over.
window.ticksIn = (id) => [...document.querySelectorAll(`#${id} .ticks input:checked`)]
  .map((input) => `${input.name.split("-").pop()}:${input.value}`).join(" ");
// A score that was just given is what the learner wants to see; it stands above the ticks.
let scored = false;
new MutationObserver(() => {
  const score = document.querySelector("#result .score.given");
  if (Boolean(score) === scored) return;
  scored = Boolean(score);
  const bar = document.querySelector("#header")?.clientHeight || 0;
  if (score && shown(score) && score.getBoundingClientRect().top < bar) {
    window.scrollBy(0, score.getBoundingClientRect().top - bar - 16);
  }
}).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".iv-past");
  if (button) tell("iv-picked", `${button.dataset.interview}_${Date.now()}`);
});
// An interview that is over cannot be gone on with: one click is too little.
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#iv-end, #iv-close") || window.confirm(say("endInterview"))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
// The report of an interview is read from its beginning.
let reported = false;
new MutationObserver(() => {
  const over = shown(document.querySelector("#interview .iv.over"));
  if (Boolean(over) === reported) return;
  reported = Boolean(over);
  if (over) window.scrollTo(0, 0);
}).observe(document.documentElement, { childList: true, subtree: true });
// Quick recall by keys: the space bar shows the answer, 1 to 4 rate it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || currentTab() !== "practice" || document.querySelector("#keys")?.open) return;
  if (event.target.closest?.("button, textarea, input:not([type=radio]), [role=button]") && event.key === " ") return;
  if (event.target.closest?.("textarea, input:not([type=radio])")) return;
  const rates = [...document.querySelectorAll("#rc-rate button")];
  const button = event.key === " " ? document.querySelector("#rc-show") : shown(rates[0]) && rates[Number(event.key) - 1];
  if (!button || !shown(button)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  button.click();
}, true);
