// Runs before the first paint, so that the page never flashes in the wrong theme.
// A file of its own because the policy allows no inline script.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('pilotdeck.theme')
  } catch (_) {
    // Storage may be switched off: follow the system.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light'
})()
