// Sets the reader's choice of light or dark before anything is drawn, so that no page flashes. Runs in the head.
'use strict';
try {
  const theme = localStorage.getItem('embalm.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* Without storage the system decides. */ }
