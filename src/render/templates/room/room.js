// The reading room's own script: conveniences alone, every page works without it.
'use strict';
