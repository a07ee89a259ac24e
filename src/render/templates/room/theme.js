// Sets the reader's choice of light or dark before anything is drawn, so that no page flashes, and says that scripts run,
// so that what needs them is there from the first and nothing moves. Runs in the head.
'use strict';
document.documentElement.dataset.scripted = '';
try {
  const theme = localStorage.getItem('embalm.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* Without storage the system decides. */ }
