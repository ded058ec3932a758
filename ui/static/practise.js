// The Practice page: the learner's own ticks, and the interviews that are over.
window.ticksIn = (id) => [...document.querySelectorAll(`#${id} .ticks input:checked`)]
  .map((input) => `${input.name.split("-").pop()}:${input.value}`).join(" ");
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
