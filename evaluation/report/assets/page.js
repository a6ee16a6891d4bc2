(() => {
  let now = null;
  const stop = () => {
    if (!now) return;
    now.pause(); now.currentTime = 0;
    now.closest('.sound').classList.remove('playing');
    now = null;
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.sound button');
    if (!button) return;
    const sound = button.parentElement, audio = sound.querySelector('audio');
    const again = audio === now;
    stop();
    if (again) return;
    now = audio;
    sound.classList.add('playing');
    audio.onended = stop;
    audio.play();
  });
})();
