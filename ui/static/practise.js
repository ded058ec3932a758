// The Practice page: the learner's own ticks, and the interviews that are over.
window.ticksIn = (id) => [...document.querySelectorAll(`#${id} .ticks input:checked`)]
  .map((input) => `${input.name.split("-").pop()}:${input.value}`).join(" ");
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".iv-past");
  if (button) tell("iv-picked", `${button.dataset.interview}_${Date.now()}`);
});
